/** Crashes, the end of the application, and going on afterwards. */

import {
  chain,
  defineTask,
  group,
  memory,
  type TaskSelf,
  tasks,
  tasksAt,
  taskTree,
} from '@beamish/tasks';
import { eager } from '@beamish/tasks/testing';
import { type Actor, child, supervisor } from 'beamish';
import { generator, testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { answer } from '../support/supervised.ts';

let begun: string[] = [];
const work = defineTask('work', function* (self: TaskSelf, ms: number): Actor<string> {
  begun.push(`${self.task.id} ${self.task.attempt} ${self.task.run} ${String(self.task.saved)}`);
  self.task.signal.addEventListener('abort', () => begun.push(`${self.task.id} aborted`));
  yield* self.task.checkpoint(self.task.run);
  yield* self.sleep(ms);
  return 'done';
});
const quick = defineTask('quick', (_self, n: number) => n);

test('TSK-33: when the process dies in a body, the task is queued again at once, with a crash counted and what was saved', async () => {
  begun = [];
  await using app = eager({ tasks: [work] });
  const handle = await app.submit(work.s(1000), { id: 't' });
  await app.advance(500);
  await app.crash();
  await app.advance(0);
  expect(begun).toEqual(['t 1 1 undefined', 't 1 2 1']);
  expect(await handle.state()).toMatchObject({ state: 'running', crashes: 1, run: 2, attempt: 1 });
  await app.advance(1000);
  expect(await handle.get()).toBe('done');
});

test('TSK-34: after three deaths a task is in quarantine, those behind it run, and retry puts it back', async () => {
  begun = [];
  await using app = eager({ tasks: [work, quick], workers: [{ concurrency: 1 }] });
  const handle = await app.submit(work.s(1000), { id: 't' });
  const behind = await app.submit(quick.s(1));
  for (let i = 0; i < 3; i++) {
    await app.advance(10);
    await app.crash();
  }
  await app.advance(10);
  expect(await handle.state()).toMatchObject({
    state: 'quarantined',
    crashes: 3,
    failure: { reason: 'crashed', state: 'quarantined' },
  });
  expect(await behind.get()).toBe(1);
  expect((await app.stats()).quarantined).toBe(1);
  expect(await app.retry('t')).toBe(true);
  await app.advance(10);
  expect(await handle.state()).toMatchObject({ state: 'running', crashes: 0, attempt: 1 });
  await app.advance(1000);
  expect(await handle.get()).toBe('done');
  expect(await app.retry('t')).toBe(false);
  expect(await app.retry('nobody')).toBe(false);
});

test('TSK-38: in the only process of a store a body that takes five leases is not run twice, whether it blocks or waits', async () => {
  let runs = 0;
  const blocks = defineTask('blocks', function* (self): Actor<string> {
    runs++;
    yield* self.sleep(150_000);
    return 'done';
  });
  await using app = eager({ tasks: [blocks] });
  expect(await app.run(blocks.s())).toBe('done');
  expect(runs).toBe(1);
});

test('TSK-43: a page of leases that cannot be rescued does not hide those behind it', async () => {
  const store = memory();
  const gone = defineTask('gone', function* (self): Actor<void> {
    yield* self.sleep(1_000_000);
  });
  const known = defineTask('known', () => 'ran');
  const workers = [{ concurrency: 3000 }];
  const first = eager({ tasks: [gone, known], store, workers });
  await first.submitMany(Array.from({ length: 2500 }, () => gone.s()));
  const handle = await first.submit(known.s(), { delayMs: 10_000 });
  await first.advance(1000);
  await first.close({ within: 0 });
  await using app = eager({ tasks: [known], store, workers });
  await app.advance(20_000);
  expect((await app.handle(handle.id).state())?.state).toBe('succeeded');
});

test('TSK-69: close takes nothing more and lets what runs end', async () => {
  begun = [];
  const store = memory();
  const app = eager({ tasks: [work], store, workers: [{ concurrency: 1 }] });
  await app.submit(work.s(10_000), { id: 'one' });
  await app.submit(work.s(10_000), { id: 'two' });
  await app.advance(10);
  expect(await app.close()).toEqual({ finished: 1, returned: 0 });
  expect(begun).toHaveLength(1);
  await using again = eager({ tasks: [work], store });
  await again.advance(0);
  expect((await again.handle('one').state())?.state).toBe('succeeded');
  expect(await again.handle('two').state()).toMatchObject({ state: 'running', run: 1 });
});

test('TSK-69: what takes too long has its signal aborted, is ended, and is first in its queue with nothing counted', async () => {
  begun = [];
  const store = memory();
  const app = eager({ tasks: [work, quick], store, workers: [{ concurrency: 1 }] });
  const began = app.now().getTime();
  await app.submit(work.s(1_000_000), { id: 'long' });
  await app.advance(10);
  await app.submit(quick.s(1), { id: 'behind' });
  expect(await app.close({ within: 2000 })).toEqual({ finished: 0, returned: 1 });
  expect(begun).toEqual(['long 1 1 undefined', 'long aborted']);
  expect(app.now().getTime() - began).toBeGreaterThanOrEqual(7000);
  expect(store.find('long')).toMatchObject({ state: 'queued', attempt: 1, crashes: 0, run: 1 });
  const again = eager({ tasks: [work, quick], store, workers: [{ concurrency: 1 }] });
  const order: string[] = [];
  again.events.on('started', ({ id }) => order.push(id));
  await again.advance(0);
  expect(order).toEqual(['long']);
  await again.close({ within: 0 });
});

test('TSK-69: a body that hears of the signal may end well in the last seconds', async () => {
  const tidy = defineTask('tidy', function* (self: TaskSelf): Actor<string> {
    const { signal } = self.task;
    yield* self.wait(
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
    );
    return 'tidied up';
  });
  const store = memory();
  const app = eager({ tasks: [tidy], store });
  const { id } = await app.submit(tidy.s());
  await app.advance(10);
  expect(await app.close({ within: 1000 })).toEqual({ finished: 1, returned: 0 });
  expect(store.find(id)).toMatchObject({ state: 'succeeded' });
});

test('TSK-71: a second close goes on at once', async () => {
  begun = [];
  const store = memory();
  const app = eager({ tasks: [work], store });
  await app.submit(work.s(1_000_000), { id: 'long' });
  await app.advance(10);
  const began = app.now().getTime();
  const first = app.close();
  const second = app.close();
  expect(await first).toEqual({ finished: 0, returned: 1 });
  expect(await second).toEqual({ finished: 0, returned: 1 });
  expect(app.now().getTime() - began).toBeLessThanOrEqual(1010);
});

test('TSK-72: a supervisor that ends the tree, and the shutdown of the system, do the same as close', async () => {
  for (const how of ['shutdown', 'supervisor'] as const) {
    begun = [];
    const store = memory();
    const system = testSystem();
    const tree = child('tasks', taskTree({ tasks: [work], store }));
    const top = await answer(system, system.start(supervisor({ children: [tree] })));
    const app = tasksAt(system);
    await answer(system, app.submit(work.s(10_000), { id: 'short' }));
    await answer(system, app.submit(work.s(1_000_000), { id: 'long' }));
    await system.advance(10);
    if (how === 'shutdown') void system.shutdown();
    else system.exitSignal(top, 'shutdown');
    await system.advance(29_000);
    expect(store.find('short')).toMatchObject({ state: 'succeeded' });
    expect(store.find('long')).toMatchObject({ state: 'running' });
    await system.advance(7000);
    expect(begun.at(-1)).toBe('long aborted');
    expect(store.find('long')).toMatchObject({ state: 'queued', attempt: 1, crashes: 0 });
    expect(system.told('crash')).toEqual([]);
  }
});

test('an application under a supervisor is restarted when its store’s actor is killed, and loses nothing', async () => {
  begun = [];
  const system = testSystem();
  const store = memory();
  const tree = child('tasks', taskTree({ tasks: [work], store }));
  await answer(system, system.start(supervisor({ children: [tree] })));
  const app = tasksAt(system);
  const handle = await answer(system, app.submit(work.s(1000), { id: 't' }));
  await system.advance(500);
  const pid = system.whereis('tasks');
  if (pid !== undefined) system.exitSignal(pid, 'kill');
  await system.advance(2000);
  expect(begun).toEqual(['t 1 1 undefined', 't 1 2 1']);
  expect(await answer(system, handle.get())).toBe('done');
});

test('TSK-50: a task for a thread without threads is refused by its name', async () => {
  const threaded = defineTask('threaded', { thread: import.meta }, () => 1);
  await expect(tasks(testSystem(), { tasks: [threaded], store: memory() })).rejects.toThrow(
    /"threaded": it runs in a thread, and no threads were given/,
  );
});

test('TSK-74: a crash between a step and the note of it runs the step again', async () => {
  const ran: string[] = [];
  const charge = defineTask('charge', function* (self: TaskSelf): Actor<string> {
    const { run } = self.task;
    return yield* self.task.once('charge', () => {
      ran.push(`run ${run}`);
      // Its effect has happened, and it never comes to its note.
      return run === 1 ? new Promise<string>(() => {}) : 'charged';
    });
  });
  await using app = eager({ tasks: [charge] });
  const handle = await app.submit(charge.s());
  await app.advance(100);
  await app.crash();
  await app.advance(100);
  expect(await handle.get()).toBe('charged');
  expect(ran).toEqual(['run 1', 'run 2']);
});

test('TSK-100: whatever is interrupted at a random point goes on, ends, and is counted once', async () => {
  const flaky = defineTask(
    'flaky',
    { maxCrashes: 'infinity', retry: { max: 3, backoff: () => 50 } },
    function* (self: TaskSelf, n: number): Actor<number> {
      yield* self.sleep(n * 10);
      if (self.task.attempt === 1 && n % 2 === 0) throw new Error('again');
      return n;
    },
  );
  const sums: number[] = [];
  const sum = defineTask('sum', { maxCrashes: 'infinity' }, (_self, numbers: readonly number[]) => {
    const total = numbers.reduce((a, b) => a + b, 0);
    sums.push(total);
    return total;
  });
  for (let seed = 1; seed <= 60; seed++) {
    sums.length = 0;
    const random = generator(seed);
    await using app = eager({ tasks: [flaky, sum], seed, workers: [{ concurrency: 2 }] });
    const handle = await app.submit(chain(group([1, 2, 3, 4].map((n) => flaky.s(n))), sum));
    for (let crashes = 0; crashes < 4; crashes++) {
      await app.advance(Math.floor(random() * 60));
      await app.crash();
    }
    await app.advance(10_000);
    expect(await handle.get()).toBe(10);
    expect(new Set(sums)).toEqual(new Set([10]));
  }
});

test('SCH-30: ten thousand tasks due within a second are queued in order of their moments', async () => {
  const order: number[] = [];
  const due = defineTask('due', (_self, n: number) => void order.push(n));
  await using app = eager({ tasks: [due], workers: [{ concurrency: 100 }] });
  const count = 10_000;
  const at = (i: number): number => 60_000 + ((i * 7919) % 1000);
  for (let from = 0; from < count; from += 1000)
    await Promise.all(
      Array.from({ length: 1000 }, (_, k) =>
        app.submit(due.s(at(from + k)), { delayMs: at(from + k) }),
      ),
    );
  await app.advance(62_000);
  expect(order).toHaveLength(count);
  for (let i = 1; i < count; i++)
    expect(order[i] as number).toBeGreaterThanOrEqual(order[i - 1] as number);
});

test('SCH-23: a timer that rings early fires nothing before the slot, and then once', async () => {
  const tick = defineTask('tick', () => 1);
  const fired: number[] = [];
  await using app = eager({ tasks: [tick], schedules: { s: { run: tick.s(), everyMs: 60_000 } } });
  app.events.on('fired', () => fired.push(app.now().getTime() % 60_000));
  await app.advance(30_000);
  const { schedulerOf } = await import('../../packages/tasks/src/tree/plan.ts');
  for (let i = 0; i < 100; i++) {
    app.system.send(schedulerOf('tasks'), { tag: i % 2 === 0 ? 'look' : 'tick' });
    await app.advance(299);
  }
  expect(fired).toEqual([]);
  await app.advance(1000);
  expect(fired).toEqual([0]);
});
