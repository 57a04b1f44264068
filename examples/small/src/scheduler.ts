/** Jobs that recur. One that is still at work is not begun again, and one that fails is begun again next time. */

import { type Actor, ActorSystem, type Self, type ServerSelf, server, stop } from 'beamish';

interface Job {
  readonly id: string;
  readonly everyMs: number;
  readonly run: (self: Self) => Actor;
}

const scheduler = server((self: ServerSelf<{ tag: 'due'; job: Job }>, jobs: readonly Job[]) => {
  self.trapExit(true);
  const atWork = new Map<unknown, Job>();
  for (const job of jobs) self.sendInterval(job.everyMs, self.pid, { tag: 'due', job });
  return {
    info: {
      due({ job }) {
        if ([...atWork.values()].includes(job)) return void count(`${job.id} skipped`);
        atWork.set(self.spawnLink(job.run), job);
      },
      EXIT({ from, reason }) {
        const job = atWork.get(from);
        if (job !== undefined) count(`${job.id} ${reason === 'normal' ? 'done' : 'failed'}`);
        atWork.delete(from);
      },
    },
  };
});

const counts = new Map<string, number>();
function count(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

await using system = new ActorSystem({ log: 'off' });
const jobs: readonly Job[] = [
  { id: 'quick', everyMs: 20, run: function* () {} },
  {
    id: 'slow',
    everyMs: 20,
    *run(self) {
      yield* self.sleep(50);
    },
  },
  {
    id: 'broken',
    everyMs: 50,
    run: function* () {
      throw new Error('oops');
    },
  },
];
const pid = await system.start(scheduler, jobs);
const awaited = ['quick done', 'slow done', 'slow skipped', 'broken failed'];
while (awaited.some((what) => (counts.get(what) ?? 0) < 2))
  await new Promise((resolve) => setTimeout(resolve, 20));
await stop(system, pid);
for (const what of awaited) console.log(what, 'again and again');
