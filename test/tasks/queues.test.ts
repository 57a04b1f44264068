/** Who gets the next task: priorities, queues, workers, limits. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { defineTask, memory, type TaskSelf, tasks, withOptions } from '@beamish/tasks';
import { eager } from '@beamish/tasks/testing';
import { type Actor, ActorSystem } from 'beamish';
import { describe, expect, test } from 'vitest';

let begun: unknown[] = [];
const note = defineTask('note', (_self, what: unknown) => void begun.push(what));
const wait = defineTask('wait', function* (self, ms: number): Actor<void> {
  begun.push(ms);
  yield* self.sleep(ms);
});

test('TSK-21: on one queue with one runner the priorities come from 9 down, and within one who came first', async () => {
  begun = [];
  await using app = eager({ tasks: [note], workers: [{ concurrency: 1 }] });
  await app.pause('default');
  const order = [3, 0, 9, 5, 0, 9, 1, 7];
  for (const [i, priority] of order.entries())
    await app.submit(note.s([priority, i]), { priority: priority as 0 });
  await app.resume('default');
  await app.advance(0);
  expect(begun).toEqual([
    [9, 2],
    [9, 5],
    [7, 7],
    [5, 3],
    [3, 0],
    [1, 6],
    [0, 1],
    [0, 4],
  ]);
});

test('TSK-22: with ten thousand of the lowest queued, one of the highest is next', async () => {
  begun = [];
  await using app = eager({ tasks: [wait], workers: [{ concurrency: 1 }] });
  await app.submitMany(Array.from({ length: 10_000 }, () => wait.s(10)));
  await app.advance(25);
  await app.submit(wait.s(1), { priority: 9 });
  await app.advance(10);
  expect(begun.slice(0, 4)).toEqual([10, 10, 10, 1]);
});

test('what becomes due at once enters its queue in portions, and the event loop has a turn between them', async () => {
  const system = new ActorSystem({ log: 'off' });
  const store = memory();
  const found = store.due.bind(store);
  let turn = 0;
  let next = setImmediate(function count() {
    turn++;
    next = setImmediate(count);
  });
  const turns: number[] = [];
  store.due = (now, after, limit) => {
    const page = found(now, after, limit) as readonly unknown[];
    if (limit > 1 && page.length > 0) turns.push(turn);
    return page as never;
  };
  const app = await tasks(system, { tasks: [note], store, workers: [] });
  await app.submitMany(
    Array.from({ length: 5000 }, () => note.s(0)),
    { delayMs: 20 },
  );
  while ((await app.stats()).scheduled > 0) await nextTurn();
  clearImmediate(next);
  expect(turns.length).toBeGreaterThanOrEqual(5);
  expect(new Set(turns).size).toBe(turns.length);
  await app.close();
  await system.shutdown();
});

test('TSK-59: of a key with concurrency 1 never two run at once, others do, and each key keeps its order', async () => {
  const running = new Map<string, number>();
  const order: Record<string, number[]> = { a: [], b: [], c: [] };
  let most = 0;
  const keyed = defineTask(
    'keyed',
    { limits: { concurrency: 1, key: (key: string, _n: number) => key } },
    function* (self, key: string, n: number): Actor<void> {
      running.set(key, (running.get(key) ?? 0) + 1);
      expect(running.get(key)).toBe(1);
      order[key]?.push(n);
      most = Math.max(
        most,
        [...running.values()].reduce((a, b) => a + b, 0),
      );
      yield* self.sleep(10);
      running.set(key, 0);
    },
  );
  begun = [];
  await using app = eager({ tasks: [keyed, note], workers: [{ concurrency: 4 }] });
  await app.submitMany(
    Array.from({ length: 30 }, (_, i) => keyed.s('abc'[Math.floor(i / 10)] as string, i)),
  );
  await app.submit(note.s('keyless'));
  await app.advance(0);
  expect(begun).toEqual(['keyless']);
  await app.advance(1000);
  expect(most).toBe(3);
  expect(Object.values(order).flat()).toEqual(Array.from({ length: 30 }, (_, i) => i));
});

test('TSK-59: without a key the limit is of the task, over all workers', async () => {
  let running = 0;
  let most = 0;
  const limited = defineTask(
    'limited',
    { limits: { concurrency: 3 } },
    function* (self): Actor<void> {
      most = Math.max(most, ++running);
      yield* self.sleep(10);
      running--;
    },
  );
  await using app = eager({ tasks: [limited], workers: [{}, {}] });
  await app.submitMany(Array.from({ length: 20 }, () => limited.s()));
  await app.advance(1000);
  expect([most, running]).toEqual([3, 0]);
});

test('TSK-60: no more starts than the rate allows in any second, over two workers', async () => {
  const starts: number[] = [];
  const limited = defineTask('limited', { limits: { rate: { count: 10, periodMs: 1000 } } }, () => {
    starts.push(app.now().getTime());
  });
  await using app = eager({ tasks: [limited], workers: [{}, {}] });
  await app.submitMany(Array.from({ length: 55 }, () => limited.s()));
  await app.advance(333);
  await app.submitMany(Array.from({ length: 5 }, () => limited.s()));
  await app.advance(10_000);
  expect(starts).toHaveLength(60);
  for (let i = 10; i < starts.length; i++)
    expect((starts[i] as number) - (starts[i - 10] as number)).toBeGreaterThanOrEqual(1000);
  expect((starts.at(-1) as number) - (starts[0] as number)).toBe(5000);
});

test.each(['fails', 'is revoked', 'is quarantined'])(
  'TSK-61: when a task of a key %s, the next of the key runs',
  async (how) => {
    const keyed = defineTask(
      'keyed',
      { limits: { concurrency: 1, key: (key: string) => key }, maxCrashes: 1 },
      function* (self, _key: string, what: string): Actor<string> {
        if (what === 'fails') throw new Error('x');
        if (what !== 'good') yield* self.sleep(1_000_000);
        return what;
      },
    );
    await using app = eager({ tasks: [keyed] });
    const first = await app.submit(keyed.s('k', how));
    const next = await app.submit(keyed.s('k', 'good'));
    await app.advance(10);
    if (how === 'is revoked') await first.revoke({ running: 'kill' });
    if (how === 'is quarantined') await app.crash();
    await app.advance(10);
    expect((await first.state())?.state).not.toBe('running');
    expect(await next.get()).toBe('good');
  },
);

test('TSK-62: a unique key and a limit’s key that are the same, one in a retry and one queued, run in turn', async () => {
  const keyed = defineTask(
    'keyed',
    {
      limits: { concurrency: 1, key: (key: string) => key },
      retry: { max: 1, backoff: () => 100 },
    },
    function* (self, _key: string): Actor<number> {
      yield* self.sleep(10);
      if (self.task.attempt === 1) throw new Error('again');
      return self.task.attempt;
    },
  );
  await using app = eager({ tasks: [keyed] });
  const one = await app.submit(keyed.s('k'), { unique: 'k1' });
  await app.advance(15);
  const other = await app.submit(keyed.s('k'), { unique: 'k2' });
  await app.advance(1000);
  expect([await one.get(), await other.get()]).toEqual([2, 2]);
});

test('a key that throws counts its task for all of its name, and is reported', async () => {
  const reports: string[] = [];
  const limits = {
    concurrency: 1,
    key(): string {
      throw new Error('no key');
    },
  };
  const odd = defineTask('odd', { limits }, () => 1);
  await using app = eager({
    tasks: [odd],
    prepare: (system) =>
      system.events.on('tasks_callback_failed', ({ what }) => reports.push(what)),
  });
  expect(await app.run(odd.s())).toBe(1);
  expect(reports).toEqual(['limits.key of the task odd']);
});

test('TSK-63: a worker of one queue never takes of another; a queue that nobody serves is told of after a minute, with its age', async () => {
  begun = [];
  const reports: string[] = [];
  await using app = eager({
    tasks: [note],
    workers: [{ queues: ['high'] }],
    prepare: (system) =>
      system.events.on('tasks_unserved', ({ queue, queued, oldestMs }) =>
        reports.push(`${queue} ${queued} ${oldestMs}`),
      ),
  });
  await app.submit(note.s('low'), { queue: 'low' });
  await app.submit(note.s('high'), { queue: 'high' });
  await app.advance(59_000);
  expect(begun).toEqual(['high']);
  expect(reports).toEqual([]);
  await app.advance(61_000);
  expect(reports).toEqual(['low 1 60000', 'low 1 120000']);
});

test('TSK-08: a name that is not defined is told of once a minute', async () => {
  const { memory } = await import('@beamish/tasks');
  const store = memory();
  const gone = defineTask('gone', () => 1);
  const first = eager({ tasks: [gone], store, workers: [] });
  await first.submit(gone.s());
  await first.close();
  const reports: string[] = [];
  await using app = eager({
    tasks: [note],
    store,
    prepare: (system) =>
      system.events.on('tasks_undefined', ({ name, queued }) => reports.push(`${name} ${queued}`)),
  });
  await app.advance(150_000);
  expect(reports).toEqual(['gone 1', 'gone 1', 'gone 1']);
});

describe('TSK-64', () => {
  test('TSK-64: a queue that is full never delays another that has a worker of its own', async () => {
    const workers = [
      { queues: ['high'], concurrency: 2 },
      { queues: ['normal'], concurrency: 1 },
      { queues: ['low', 'normal'], concurrency: 1 },
    ];
    await using app = eager({ tasks: [wait], workers });
    await app.submitMany(
      Array.from({ length: 1000 }, () => wait.s(100)),
      { queue: 'low' },
    );
    await app.advance(50);
    const began = app.now().getTime();
    await app.run(wait.s(10), { queue: 'high' });
    expect(app.now().getTime() - began).toBe(10);
  });

  test('TSK-64: strict takes of a later queue only while the earlier ones are empty', async () => {
    begun = [];
    const workers = [{ queues: ['normal', 'low'], concurrency: 1, pick: 'strict' }] as const;
    await using app = eager({ tasks: [note, wait], workers });
    await app.submit(wait.s(100), { queue: 'low' });
    await app.advance(10);
    for (let i = 0; i < 3; i++) {
      await app.submit(note.s(`low${i}`), { queue: 'low' });
      await app.submit(note.s(`normal${i}`), { queue: 'normal' });
    }
    await app.advance(200);
    expect(begun).toEqual([100, 'normal0', 'normal1', 'normal2', 'low0', 'low1', 'low2']);
  });

  async function share(pick: 'turns' | Record<string, number>): Promise<number> {
    begun = [];
    await using app = eager({
      tasks: [wait],
      workers: [{ queues: ['a', 'b'], concurrency: 4, pick }],
    });
    await app.submitMany(
      Array.from({ length: 4000 }, () => wait.s(1)),
      { queue: 'a' },
    );
    await app.submitMany(
      Array.from({ length: 4000 }, () => withOptions(wait.s(2), { queue: 'b' })),
    );
    begun = [];
    await app.advance(1000);
    const taken = begun.slice(0, 2000);
    return taken.filter((it) => it === 1).length / taken.length;
  }

  test('TSK-64: weights of 3 to 1 take three times as much of the one', async () => {
    expect(await share({ a: 3, b: 1 })).toBeCloseTo(0.75, 1);
  });

  test('TSK-64: by turns each queue has half', async () => {
    expect(await share('turns')).toBeCloseTo(0.5, 1);
  });
});

test('TSK-65: a worker takes no more than it has free runners', async () => {
  begun = [];
  await using app = eager({ tasks: [wait], workers: [{ concurrency: 1 }, { concurrency: 1 }] });
  await app.submitMany([wait.s(10_000), wait.s(1), wait.s(2)]);
  await app.advance(5);
  expect(begun).toEqual([10_000, 1, 2]);
  expect((await app.stats()).workers.map(({ running }) => running).sort()).toEqual([0, 1]);
});

test('TSK-66: with a range, runners come with a backlog, and go when they are idle', async () => {
  const told: string[] = [];
  const concurrency = { min: 1, max: 8, idleMs: 5000 };
  await using app = eager({ tasks: [wait], workers: [{ concurrency }] });
  app.events.on('worker', ({ what, runners }) => told.push(`${what} ${runners}`));
  await app.submitMany(Array.from({ length: 20 }, () => wait.s(1000)));
  const last = await app.submit(wait.s(20_000));
  await app.advance(10);
  const runners = async (): Promise<unknown> => (await app.stats()).workers[0]?.runners;
  expect(await runners()).toBe(8);
  await app.advance(3000);
  expect((await last.state())?.state).toBe('running');
  await app.advance(10_000);
  expect(await runners()).toBe(1);
  expect(told.filter((it) => it.startsWith('scaled'))).toEqual(['scaled 8', 'scaled 1']);
  expect((await last.state())?.state).toBe('running');
});

test('TSK-67: a thousand that sleep take as long as one', async () => {
  await using app = eager({ tasks: [wait], workers: [{ concurrency: 1000 }] });
  const began = app.now().getTime();
  const handles = await app.submitMany(Array.from({ length: 1000 }, () => wait.s(5000)));
  await app.advance(5000);
  expect(app.now().getTime() - began).toBe(5000);
  for (const handle of handles) expect((await handle.state())?.state).toBe('succeeded');
});

test('TSK-94: events are told after what they say can be read, one start per run, and one failure', async () => {
  const failing = defineTask(
    'failing',
    { retry: { max: 1, backoff: () => 10 } },
    (self: TaskSelf): void => {
      throw new Error(`attempt ${self.task.attempt}`);
    },
  );
  await using app = eager({ tasks: [failing, note] });
  const told: string[] = [];
  const reads: Promise<unknown>[] = [];
  const read = async (what: string, id: string): Promise<void> => {
    told.push(`${what} ${(await app.handle(id).state())?.state}`);
  };
  app.events.on('started', ({ id, run }) => reads.push(read(`started ${run}`, id)));
  app.events.on('retrying', ({ id, attempt, failure }) =>
    reads.push(read(`retrying ${attempt} ${failure.error.message}`, id)),
  );
  app.events.on('failed', ({ id }) => reads.push(read('failed', id)));
  app.events.on('succeeded', ({ id }) => reads.push(read('succeeded', id)));
  await app.submit(failing.s());
  await app.advance(100);
  await app.submit(note.s(1));
  await app.advance(100);
  await Promise.all(reads);
  expect(told.map((it) => it.replace(/ (running|scheduled)$/, ''))).toEqual(
    [
      'started 1 scheduled',
      'retrying 1 attempt 1',
      'started 2 failed',
      'failed failed',
      'started 1 succeeded',
      'succeeded succeeded',
    ].map((it) => it.replace(/ (running|scheduled)$/, '')),
  );
});

test('TSK-95: stats tell depth and age of each queue, what runs, what is in quarantine, and no worker that is gone', async () => {
  const crashing = defineTask('crashing', { maxCrashes: 1 }, function* (self): Actor<void> {
    yield* self.sleep(1_000_000);
  });
  await using app = eager({ tasks: [wait, crashing], workers: [{ concurrency: 2 }] });
  await app.submit(crashing.s());
  await app.advance(10);
  await app.crash();
  await app.advance(10);
  await app.submitMany([wait.s(60_000), wait.s(60_000), wait.s(1), wait.s(1)]);
  await app.submit(wait.s(1), { delayMs: 1_000_000 });
  await app.advance(5000);
  const stats = await app.stats();
  expect(stats).toMatchObject({
    queues: { default: { queued: 2, running: 2, paused: false, oldestMs: 5000 } },
    scheduled: 1,
    quarantined: 1,
    workers: [{ name: 'worker-1', queues: ['default'], runners: 2, running: 2, leaked: 0 }],
    ended: { crashing: { quarantined: 1 } },
    isLeader: true,
    store: { kind: 'memory', isDurable: false },
  });
  const pid = app.system.actors().find(({ body }) => body === 'worker')?.pid;
  if (pid !== undefined) app.system.exitSignal(pid, 'kill');
  await app.advance(0);
  expect((await app.stats()).workers).toHaveLength(1);
});

test('TSK-96: a listener that throws is reported, and nothing else', async () => {
  begun = [];
  const reports: string[] = [];
  await using app = eager({
    tasks: [note],
    prepare: (system) =>
      system.events.on('tasks_callback_failed', ({ what }) => reports.push(what)),
  });
  const heard: string[] = [];
  app.events.on('started', () => {
    throw new Error('bad listener');
  });
  app.events.on('started', ({ name }) => heard.push(name));
  await app.submit(note.s('x'));
  await app.advance(0);
  expect([begun, heard, reports]).toEqual([['x'], ['note'], ['a listener of "started"']]);
});

test('a worker that is killed takes its bodies with it, and another one runs their tasks again', async () => {
  begun = [];
  await using app = eager({ tasks: [wait] });
  const handle = await app.submit(wait.s(1000));
  await app.advance(500);
  const lost: unknown[] = [];
  app.events.on('lost', ({ run, crashes, why }) => lost.push([run, crashes, why]));
  const pid = app.system.actors().find(({ body }) => body === 'worker')?.pid;
  if (pid !== undefined) app.system.exitSignal(pid, 'kill');
  await app.advance(999);
  expect(lost).toEqual([[1, 1, 'runner']]);
  expect(await handle.state()).toMatchObject({ state: 'running', run: 2, crashes: 1 });
  await app.advance(1);
  expect((await handle.state())?.state).toBe('succeeded');
});

test('purge revokes all that is queued in a queue, and says how many', async () => {
  begun = [];
  await using app = eager({ tasks: [wait], workers: [{ concurrency: 1 }] });
  const handles = await app.submitMany(Array.from({ length: 250 }, () => wait.s(1000)));
  await app.advance(10);
  expect(await app.purge('default')).toBe(249);
  await app.advance(5000);
  expect((await handles[0]?.state())?.state).toBe('succeeded');
  expect(begun).toEqual([1000]);
});
