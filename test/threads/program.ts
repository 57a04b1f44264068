/** A program as its user writes it, for the ways in which TypeScript is loaded: it prints one line and ends. */

import { threads } from '@beamish/threads';
import { type Actor, ActorSystem, portable, type ReplyTo, type Self } from 'beamish';

interface Job {
  readonly tag: 'job';
  readonly n: number;
  readonly replyTo: ReplyTo<number>;
}

export const squarer = portable(
  import.meta,
  'squarer',
  function* squarer(self: Self<Job>, plus: number): Actor {
    for (;;) {
      const { n, replyTo } = yield* self.receive('job');
      self.send(replyTo, n * n + plus);
    }
  },
);

// A thread imports this module for its bodies: only the main thread runs the program.
if (import.meta.url === new URL(process.argv[1] ?? '', 'file:').href) await main();

async function main(): Promise<void> {
  const { isMainThread } = await import('node:worker_threads');
  if (!isMainThread) return;
  await using system = new ActorSystem();
  await using cores = await threads(system, { size: 2 });
  const pids = [cores.spawn(squarer, 0), cores.spawn(squarer, 1)];
  // Once they are answered, nothing waits for the deadlines.
  const calls = pids.map((pid) => system.call(pid, { tag: 'job', n: 6 }).within(600_000));
  const squares = await Promise.all(calls);
  console.log(squares.join(' '), new Set(pids.map(({ system: its }) => its)).size);
}
