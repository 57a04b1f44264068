/** Several processes on one store: each task has one run that counts, each slot one task, and nobody waits for the dead. */

import { defineTask, type TaskSelf, type TasksOptions } from '@beamish/tasks';
import type { Actor } from 'beamish';
import { beforeEach, expect, test } from 'vitest';
import { Processes, SharedMemory } from '../support/shared-store.ts';

let begun: string[] = [];
beforeEach(() => {
  begun = [];
});
const work = defineTask(
  'work',
  { maxCrashes: 5 },
  function* (self: TaskSelf, ms: number): Actor<string> {
    begun.push(`${self.task.id} ${self.task.run}`);
    self.task.signal.addEventListener('abort', () => begun.push(`${self.task.id} aborted`));
    yield* self.sleep(ms);
    return `run ${self.task.run}`;
  },
);
const LEASE_MS = 30_000;

function options(shared: SharedMemory, more: Partial<TasksOptions> = {}): TasksOptions {
  return { tasks: [work], store: shared.of(), ...more };
}

test('TSK-15: what one process submitted and another ran, the first one gets', async () => {
  const shared = new SharedMemory();
  const all = new Processes();
  const submits = await all.start(options(shared, { workers: [] }));
  await all.start(options(shared));
  const handle = await all.of(submits.app.submit(work.s(1000)));
  const got = handle.get();
  await all.advance(1100);
  expect(await all.of(got)).toBe('run 1');
});

test('TSK-40: a task of ten times the lease with a runner that lives has one run', async () => {
  const shared = new SharedMemory();
  const all = new Processes();
  const one = await all.start(options(shared));
  await all.start(options(shared));
  const handle = await all.of(one.app.submit(work.s(10 * LEASE_MS)));
  await all.advance(10 * LEASE_MS + 100);
  expect(await all.of(handle.get())).toBe('run 1');
  expect(begun).toHaveLength(1);
});

test('TSK-42: when a process is killed, another one that lives queues its tasks within the lease', async () => {
  const shared = new SharedMemory();
  const all = new Processes();
  const one = await all.start(options(shared));
  const handle = await all.of(one.app.submit(work.s(1000), { id: 't' }));
  await all.advance(500);
  const other = await all.start(options(shared));
  one.kill();
  await all.advance(LEASE_MS + LEASE_MS / 3);
  expect(begun).toEqual(['t 1', 't 2']);
  await all.advance(1000);
  expect(await all.of(other.app.handle(handle.id).get())).toBe('run 2');
  expect(await all.of(other.app.handle(handle.id).state())).toMatchObject({ crashes: 1, run: 2 });
});

test('TSK-41: what a process has is no other’s, though their hosts and workers have the same names', async () => {
  const shared = new SharedMemory();
  const all = new Processes();
  const one = await all.start(options(shared));
  await all.of(one.app.submit(work.s(10 * LEASE_MS), { id: 't' }));
  await all.advance(100);
  const other = await all.start(options(shared));
  await all.advance(2 * LEASE_MS);
  expect(begun).toEqual(['t 1']);
  expect((await all.of(other.app.handle('t').state()))?.run).toBe(1);
});

test('TSK-36, TSK-39: a process that stands still loses its lease: its run is ended, refused as stale, and told as lost', async () => {
  const shared = new SharedMemory();
  const all = new Processes();
  const one = await all.start(options(shared));
  const lost: string[] = [];
  one.app.events.on('lost', ({ id, why }) => lost.push(`${id} ${why}`));
  await all.of(one.app.submit(work.s(5 * LEASE_MS), { id: 't' }));
  await all.advance(100);
  const other = await all.start(options(shared));
  one.stop();
  await all.advance(2 * LEASE_MS);
  expect(begun).toEqual(['t 1', 't 2']);
  one.go();
  await all.advance(LEASE_MS);
  expect(begun).toEqual(['t 1', 't 2', 't aborted']);
  expect(lost).toEqual(['t lease']);
  await all.advance(5 * LEASE_MS);
  expect(await all.of(other.app.handle('t').get())).toBe('run 2');
});

test('TSK-37: a rescue and an end at once: the end stands', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const shared = new SharedMemory();
    const all = new Processes(seed);
    const one = await all.start(options(shared));
    // It ends in the moment in which its lease is over for the other.
    await all.of(one.app.submit(work.s(LEASE_MS + 5000), { id: 't' }));
    await all.advance(100);
    const other = await all.start(options(shared));
    one.stop();
    await all.advance(LEASE_MS + LEASE_MS / 3 + 100);
    one.go();
    await all.advance(2 * LEASE_MS);
    const state = await all.of(other.app.handle('t').state());
    expect(state?.state).toBe('succeeded');
    expect(state?.result).toBe(`run ${state?.run}`);
  }
});

test('a revocation by another process ends the body here', async () => {
  const shared = new SharedMemory();
  const all = new Processes();
  const one = await all.start(options(shared));
  const other = await all.start(options(shared, { workers: [] }));
  await all.of(one.app.submit(work.s(10 * LEASE_MS), { id: 't' }));
  await all.advance(100);
  expect(await all.of(other.app.handle('t').revoke())).toBe('running');
  await all.advance(6000);
  expect(begun).toEqual(['t 1', 't aborted']);
  expect((await all.of(one.app.stats())).workers[0]?.running).toBe(0);
});

test('TSK-93: when the word of a change is lost, who waits still hears of the end within 30 s', async () => {
  const shared = new SharedMemory();
  const all = new Processes();
  const waits = await all.start(options(shared, { workers: [] }));
  await all.start(options(shared));
  shared.losesChanges = true;
  const handle = await all.of(waits.app.submit(work.s(1000)));
  let got: string | undefined;
  void handle.get().then((value) => {
    got = value;
  });
  await all.advance(LEASE_MS);
  expect(got).toBe('run 1');
});

test('TSK-73, TSK-75: a step ran in one process and not again in another; a run that was replaced keeps nothing', async () => {
  const shared = new SharedMemory();
  const all = new Processes();
  const steps: string[] = [];
  const once = defineTask('once', { maxCrashes: 5 }, function* (self: TaskSelf): Actor<unknown> {
    const first = yield* self.task.once('first', () => {
      steps.push(`first ${self.task.run}`);
      return self.task.run;
    });
    if (self.task.run === 1) yield* self.sleep(3 * LEASE_MS);
    const second = yield* self.task.once('second', () => {
      steps.push(`second ${self.task.run}`);
      return self.task.run;
    });
    return [first, second];
  });
  const mine = { tasks: [once] };
  const one = await all.start(options(shared, mine));
  await all.of(one.app.submit(once.s(), { id: 't' }));
  await all.advance(100);
  one.stop();
  const other = await all.start(options(shared, mine));
  await all.advance(2 * LEASE_MS);
  one.go();
  await all.advance(3 * LEASE_MS);
  expect(await all.of(other.app.handle('t').get())).toEqual([1, 2]);
  expect(steps).toEqual(['first 1', 'second 2']);
});

test('TSK-70: leases are renewed while an application is being closed', async () => {
  const shared = new SharedMemory();
  const all = new Processes();
  const one = await all.start(options(shared));
  await all.of(one.app.submit(work.s(4 * LEASE_MS), { id: 't' }));
  await all.advance(100);
  const other = await all.start(options(shared));
  const closing = one.app.close({ within: 10 * LEASE_MS });
  await all.advance(5 * LEASE_MS);
  expect(await all.of(closing)).toEqual({ finished: 1, returned: 0 });
  expect(begun).toEqual(['t 1']);
  expect(await all.of(other.app.handle('t').get())).toBe('run 1');
});

const tick = defineTask('tick', () => 'tick');
const everySecond = { tick: { run: tick.s(), everyMs: 1000, overlap: 'allow' } } as const;

test('SCH-15: of three processes one fires each slot, whichever is killed and when', async () => {
  for (const victim of [0, 1, 2]) {
    const shared = new SharedMemory();
    const all = new Processes(victim + 1);
    const fired: string[] = [];
    const three = [];
    for (let i = 0; i < 3; i++) {
      const process = await all.start({
        tasks: [tick],
        store: shared.of(),
        schedules: everySecond,
      });
      process.app.events.on('fired', ({ id }) => fired.push(id));
      three.push(process);
    }
    await all.advance(10_500);
    three[victim]?.kill();
    await all.advance(60_000);
    expect(new Set(fired).size).toBe(fired.length);
    expect(fired.length).toBeGreaterThan(40);
    const living = three[(victim + 1) % 3];
    const [schedule] = await all.of(
      living?.app.schedules.list() as Promise<readonly { last: unknown }[]>,
    );
    expect(schedule?.last).toMatchObject({ slot: new Date(Math.floor(all.now() / 1000) * 1000) });
  }
});

test('SCH-16: a leader that stood still for two leases fires nothing before it leads again, and no slot is two tasks', async () => {
  const shared = new SharedMemory();
  const all = new Processes();
  const fired: string[] = [];
  const start = async () => {
    const process = await all.start({ tasks: [tick], store: shared.of(), schedules: everySecond });
    process.app.events.on('fired', ({ id }) => fired.push(id));
    return process;
  };
  const one = await start();
  await all.advance(5500);
  const other = await start();
  one.stop();
  await all.advance(30_000);
  expect((await all.of(other.app.stats())).isLeader).toBe(true);
  const before = fired.length;
  one.go();
  await all.advance(10_000);
  expect((await all.of(one.app.stats())).isLeader).toBe(false);
  expect(new Set(fired).size).toBe(fired.length);
  expect(fired.length - before).toBe(10);
});
