/** Chains, groups, and a task for each element. */

import {
  type Complete,
  chain,
  defineTask,
  each,
  group,
  memory,
  onFailure,
  type Signature,
  spread,
  type TaskFailure,
  type TaskSelf,
  withOptions,
} from '@beamish/tasks';
import { type EagerTasks, eager } from '@beamish/tasks/testing';
import type { Actor } from 'beamish';
import { expect, test } from 'vitest';
import { decode, encode } from '../../packages/tasks/src/terms/codec.ts';
import { heapInUse } from '../support/heap.ts';

let ran: unknown[] = [];
const add = defineTask('add', (_self, a: number, b: number) => a + b);
const sum = defineTask('sum', (_self, numbers: readonly number[]) => {
  ran.push('sum');
  return numbers.reduce((a, b) => a + b, 0);
});
const double = defineTask('double', (_self, n: number) => {
  ran.push(n);
  return n * 2;
});
const list = defineTask('list', (_self, n: number) => Array.from({ length: n }, (_, i) => i));
const wait = defineTask('wait', function* (self, ms: number): Actor<number> {
  yield* self.sleep(ms);
  ran.push(`waited ${ms}`);
  return ms;
});
const boom = defineTask('boom', (_self, n: number): number => {
  if (n === 5) throw new RangeError(`no ${n}`);
  return n;
});
const count = defineTask('count', (_self, things: readonly unknown[]) => things.length);
const told: TaskFailure[] = [];
const handler = defineTask('handler', (_self, failure: TaskFailure) => void told.push(failure));
const never = defineTask('never', () => void ran.push('never'));
const all = [add, sum, double, list, wait, boom, count, handler, never];

function app(options: { seed?: number; concurrency?: number } = {}): EagerTasks {
  ran = [];
  told.length = 0;
  const { seed = 1, concurrency = 10 } = options;
  return eager({ tasks: all, seed, workers: [{ concurrency }] });
}

async function records(of: EagerTasks): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  for await (const { id, state } of of.list()) states.set(id, state);
  return states;
}

test('CAN-02: each step of a chain gets the result of the one before, and get gives the last', async () => {
  await using tasks = app();
  expect(await tasks.run(chain(add.s(1, 2), double, add.after(10)))).toBe(16);
});

test('CAN-03: the first step that fails ends the chain with its own failure, and the rest never run', async () => {
  await using tasks = app();
  const handle = await tasks.submit(chain(add.s(2, 3), boom, double, never.s()), { id: 'c' });
  await tasks.advance(0);
  await expect(handle.get()).rejects.toMatchObject({
    failure: { task: 'c.1', name: 'boom', error: { name: 'RangeError', message: 'no 5' } },
  });
  expect(ran).toEqual([]);
  expect([...(await records(tasks)).keys()]).toEqual(['c', 'c.0', 'c.1']);
});

test('CAN-04: while a step is tried again the chain waits; the handler is told once, at the end', async () => {
  const flaky = defineTask('flaky', { retry: { max: 2, backoff: () => 1000 } }, (self): number => {
    throw new Error(`attempt ${self.task.attempt}`);
  });
  await using tasks = eager({ tasks: [...all, flaky] });
  told.length = 0;
  const handle = await tasks.submit(onFailure(chain(flaky.s(), double), handler));
  await tasks.advance(1500);
  expect((await handle.state())?.state).toBe('joining');
  expect(told).toEqual([]);
  await tasks.advance(1000);
  expect((await handle.state())?.state).toBe('failed');
  await tasks.advance(5000);
  expect(told.map(({ error }) => error.message)).toEqual(['attempt 3']);
});

test('CAN-05: s() in the middle ignores the result before it, after() puts it first', async () => {
  await using tasks = app();
  expect(await tasks.run(chain(add.s(1, 2), add.s(10, 20), add.after(5)))).toBe(35);
});

test('CAN-06: a group results in a tuple in the order of its members, whatever the order of their ends', async () => {
  await using tasks = app();
  const mixed = group([wait.s(50), list.s(2), wait.s(10)]);
  const result: [number, number[], number] = await tasks.run(mixed);
  expect(result).toEqual([50, [0, 1], 10]);
  expect(ran).toEqual(['waited 10', 'waited 50']);
});

test('CAN-07: an empty group, and each of nothing, succeed at once with [], and a step after them runs', async () => {
  await using tasks = app();
  expect(await tasks.run(group([]))).toEqual([]);
  expect(await tasks.run(chain(group([] as Complete<number>[]), sum))).toBe(0);
  expect(await tasks.run(chain(list.s(0), each(double), count))).toBe(0);
  expect(ran).toEqual(['sum']);
});

test('CAN-08: the step after a group runs once, with the list in order', async () => {
  await using tasks = app();
  expect(await tasks.run(chain(group([1, 2, 3].map((n) => add.s(n, n))), sum))).toBe(12);
  expect(ran).toEqual(['sum']);
});

test('CAN-09: a member that fails fails the group at once; who has not begun never does, who runs ends, the step never runs', async () => {
  await using tasks = app({ concurrency: 2 });
  const members = [wait.s(1000), boom.s(5), double.s(1), double.s(2)];
  const handle = await tasks.submit(chain(group(members), never.s()), { id: 'c' });
  await tasks.advance(0);
  expect((await handle.state())?.failure).toMatchObject({ task: 'c.0.1', name: 'boom' });
  await tasks.advance(5000);
  expect(Object.fromEntries(await records(tasks))).toEqual({
    c: 'failed',
    'c.0': 'failed',
    'c.0.0': 'succeeded',
    'c.0.1': 'failed',
    'c.0.2': 'revoked',
    'c.0.3': 'revoked',
  });
  expect(ran).toEqual(['waited 1000']);
});

test('CAN-10: a group that settles waits for all, and results in outcomes in order', async () => {
  await using tasks = app();
  const settled = group([wait.s(1000), boom.s(5), double.s(1)], { onFailure: 'settle' });
  const outcomes = await tasks.run(settled);
  expect(outcomes).toMatchObject([
    { ok: true, value: 1000 },
    { ok: false, reason: { name: 'boom', error: { message: 'no 5' } } },
    { ok: true, value: 2 },
  ]);
  expect(await tasks.run(chain(settled, count))).toBe(3);
});

test.each(['revoked', 'expired', 'quarantined'] as const)(
  'CAN-11: a member that is %s fails its group as one that failed',
  async (how) => {
    await using tasks = app({ concurrency: 1 });
    const member = how === 'expired' ? withOptions(double.s(1), { expiresMs: 100 }) : double.s(1);
    const first = how === 'quarantined' ? wait.s(86_400_000) : wait.s(1000);
    const handle = await tasks.submit(group([first, member]), { id: 'g' });
    await tasks.advance(0);
    if (how === 'revoked') await tasks.handle('g.1').revoke();
    if (how === 'expired') await tasks.advance(100);
    if (how === 'quarantined') for (let i = 0; i < 3; i++) await tasks.crash();
    await tasks.advance(10);
    expect((await handle.state())?.failure?.state).toBe(how);
  },
);

test('CAN-12: the failure of the step after a group is that of the chain, and its members stay as they are', async () => {
  await using tasks = app();
  const handle = await tasks.submit(chain(group([add.s(2, 3)]), count, boom.s(5)), { id: 'c' });
  await tasks.advance(0);
  expect((await handle.state())?.failure?.task).toBe('c.2');
  expect((await records(tasks)).get('c.0.0')).toBe('succeeded');
});

test('CAN-13: chains and groups in each other', async () => {
  await using tasks = app();
  const chains = group([chain(add.s(1, 1), double), chain(add.s(2, 2), double, double)]);
  expect(await tasks.run(chain(chains, sum))).toBe(20);
  const inner = group([group([add.s(1, 2)]), group([add.s(3, 4), add.s(0, 1)])]);
  expect(await tasks.run(inner)).toEqual([[3], [7, 1]]);
  const middle = chain(add.s(1, 2), group([double, add.after(5), never.s()]));
  expect(await tasks.run(middle)).toEqual([6, 8, null]);
});

test('CAN-14: each makes a task of every element, in order, at most limit at a time', async () => {
  await using tasks = app();
  const handle = await tasks.submit(chain(list.s(10_000), each(double, { limit: 100 })), {
    id: 'c',
  });
  await tasks.advance(0);
  const results = await handle.get();
  expect(results).toHaveLength(10_000);
  expect(results.every((n, i) => n === 2 * i)).toBe(true);
  expect(ran).toHaveLength(10_000);
});

test('CAN-14: of a large list only limit members are there and have not ended', async () => {
  await using tasks = app({ concurrency: 1 });
  await tasks.submit(chain(list.s(1000), each(wait, { limit: 7 })), { id: 'c' });
  for (let i = 0; i < 20; i++) {
    await tasks.advance(50);
    const open = [...(await records(tasks)).values()].filter(
      (it) => it === 'queued' || it === 'running',
    );
    expect(open.length).toBeLessThanOrEqual(7);
  }
});

test('CAN-15: with a size, each makes fewer tasks, and one flat list of results', async () => {
  await using tasks = app();
  const handle = await tasks.submit(chain(list.s(10), each(double, { size: 3 })), { id: 'c' });
  await tasks.advance(0);
  expect(await handle.get()).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
  const members = [...(await records(tasks)).keys()].filter((id) => id.startsWith('c.1.'));
  expect(members).toHaveLength(4);
  expect(await tasks.run(chain(list.s(3), each(double, { size: 'all' })))).toEqual([0, 2, 4]);
  expect(await tasks.run(chain(list.s(5), each(chain(double, double), { size: 2 })))).toEqual([
    0, 4, 8, 12, 16,
  ]);
});

test('CAN-16: an element that fails fails each as a group; settled, the others are well', async () => {
  await using tasks = app();
  await expect(tasks.run(chain(list.s(10), each(boom)))).rejects.toMatchObject({
    failure: { name: 'boom', error: { message: 'no 5' } },
  });
  const outcomes = await tasks.run(chain(list.s(10), each(boom, { onFailure: 'settle' })));
  expect(outcomes.map(({ ok }) => ok)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => n !== 5));
});

test('CAN-17: of several elements in a task one fails: the task fails; settled, each has an outcome of its own', async () => {
  await using tasks = app();
  const handle = await tasks.submit(chain(list.s(9), each(boom, { size: 3 })), { id: 'c' });
  await tasks.advance(0);
  expect((await handle.state())?.failure?.task).toBe('c.1.1');
  const outcomes = await tasks.run(chain(list.s(9), each(boom, { size: 3, onFailure: 'settle' })));
  expect(outcomes).toHaveLength(9);
  expect(outcomes.map(({ ok }) => ok)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => n !== 5));
  expect(outcomes[5]).toMatchObject({ reason: { error: { message: 'no 5' } } });
});

test('CAN-17: a task of several elements that is lost as a whole fails each of them', async () => {
  const slow = defineTask(
    'slow',
    { limits: { hardMs: 100 } },
    function* (self, n: number): Actor<number> {
      if (n > 2) yield* self.sleep(1000);
      return n;
    },
  );
  await using tasks = eager({ tasks: [list, slow] });
  const outcomes = await tasks.run(chain(list.s(5), each(slow, { size: 2, onFailure: 'settle' })));
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, false, false, false]);
});

test('CAN-17: each of several elements in a task has steps and checkpoints of its own', async () => {
  const steps: number[] = [];
  const once = defineTask(
    'once',
    { retry: { max: 1, backoff: () => 10 } },
    function* (self, n: number): Actor<unknown> {
      expect(self.task.saved).toBe(self.task.attempt === 2 && n === 1 ? 'at 1' : undefined);
      const doubled = yield* self.task.once('double', () => {
        steps.push(n);
        return 2 * n;
      });
      if (n === 1) yield* self.task.checkpoint('at 1');
      if (n === 1 && self.task.attempt === 1) throw new Error('again');
      return doubled;
    },
  );
  await using tasks = eager({ tasks: [list, once] });
  expect(await tasks.run(chain(list.s(3), each(once, { size: 'all' })))).toEqual([0, 2, 4]);
  expect(steps).toEqual([0, 1, 2]);
});

test('CAN-18: spread makes arguments of a list; one that is too short is a failure', async () => {
  const pairs = defineTask(
    'pairs',
    () =>
      [
        [1, 2],
        [3, 4],
      ] as [number, number][],
  );
  const short = defineTask('short', () => [[1]] as unknown as [number, number][]);
  await using tasks = eager({ tasks: [...all, pairs, short] });
  expect(await tasks.run(chain(pairs.s(), each(spread(add)), sum))).toBe(10);
  expect(await tasks.run(chain(pairs.s(), each(spread(add), { size: 'all' })))).toEqual([3, 7]);
  await expect(tasks.run(chain(short.s(), each(spread(add))))).rejects.toMatchObject({
    failure: {
      reason: 'invalid',
      error: { message: expect.stringContaining('takes 2 arguments') },
    },
  });
});

test('CAN-19: a group of 10,000 and the step after it, right and within a second', async () => {
  await using tasks = app();
  const members = Array.from({ length: 10_000 }, (_, i) => add.s(i, 0));
  const began = performance.now();
  expect(await tasks.run(chain(group(members), sum))).toBe(49_995_000);
  expect(performance.now() - began).toBeLessThan(10_000);
});

const MEMBERS = Number(process.env['BEAMISH_MEMBERS'] ?? 5000);

test('CAN-30: of a group of very many, limit members are made and have not ended; each that has ended costs no more than its record', async () => {
  await using tasks = app();
  const before = await heapInUse();
  const handle = await tasks.submit(chain(list.s(MEMBERS), each(double, { limit: 100 })), {
    id: 'c',
  });
  await tasks.advance(0);
  expect((await handle.state())?.members).toEqual({ ended: 2, failed: 0, all: 2 });
  const results = await handle.get();
  expect(results).toHaveLength(MEMBERS);
  expect(((await heapInUse()) - before) / MEMBERS).toBeLessThan(2000);
}, 300_000);

test('CAN-20: no more than limit members have begun at a time, over all workers', async () => {
  let running = 0;
  let most = 0;
  const counted = defineTask('counted', function* (self, n: number): Actor<number> {
    most = Math.max(most, ++running);
    yield* self.sleep(10 + n);
    running--;
    return n;
  });
  await using tasks = eager({ tasks: [list, counted], workers: [{}, {}, {}] });
  await tasks.run(chain(list.s(50), each(counted, { limit: 4 })));
  expect(most).toBe(4);
});

test('CAN-21: however the ends of members come, the step runs once, with one result per member', async () => {
  for (let seed = 1; seed <= 200; seed++) {
    await using tasks = app({ seed, concurrency: 1 + (seed % 5) });
    const members = [3, 1, 2].map((n) => chain(wait.s(n), double));
    expect(await tasks.run(chain(group(members), sum))).toBe(12);
    expect(ran.filter((it) => it === 'sum')).toHaveLength(1);
  }
});

test('CAN-22: killed between the ends of two members, and at the last one, a group still ends once', async () => {
  for (const at of [5, 15, 25, 35]) {
    await using tasks = app({ concurrency: 2 });
    const handle = await tasks.submit(chain(group([10, 20, 30].map((ms) => wait.s(ms))), sum));
    await tasks.advance(at);
    await tasks.crash();
    await tasks.advance(1000);
    expect(await handle.get()).toBe(60);
    expect(ran.filter((it) => it === 'sum')).toHaveLength(1);
  }
});

test('CAN-23: members and join are kept until it has ended, whatever keepMs says', async () => {
  const brief = defineTask('brief', { result: { keepMs: 0 } }, (_self, n: number) => n);
  await using tasks = eager({ tasks: [...all, brief], workers: [{ concurrency: 1 }] });
  const handle = await tasks.submit(chain(group([brief.s(1), wait.s(600_000), brief.s(2)]), sum));
  await tasks.advance(300_000);
  expect((await records(tasks)).get(`${handle.id}.0.0`)).toBe('succeeded');
  await tasks.advance(600_000);
  expect(await handle.get()).toBe(600_003);
});

test('CAN-24: revoking a chain ends the step that runs, and the rest never come; of a group, all', async () => {
  await using tasks = app();
  const one = await tasks.submit(chain(wait.s(1000), never.s()), { id: 'c' });
  const nested = chain(group([wait.s(1000), chain(wait.s(2000), never.s())]), never.s());
  const other = await tasks.submit(nested, { id: 'n' });
  await tasks.advance(10);
  await one.revoke({ running: 'kill' });
  await other.revoke({ running: 'kill' });
  await tasks.advance(10_000);
  expect(ran).toEqual([]);
  expect(new Set((await records(tasks)).values())).toEqual(new Set(['revoked']));
  expect((await tasks.stats()).workers[0]?.running).toBe(0);
});

test.each([
  ['a task', boom.s(5)],
  ['a chain', chain(add.s(2, 3), boom)],
  ['a group', group([boom.s(5), wait.s(10)])],
] as [string, Complete][])(
  'CAN-25: the handler of %s is told once, with the failure',
  async (_, work) => {
    await using tasks = app();
    const handle = await tasks.submit(onFailure(work, handler));
    await tasks.advance(1000);
    expect(told).toHaveLength(1);
    expect(told[0]).toEqual((await handle.state())?.failure);
    expect(told[0]).toMatchObject({ name: 'boom', error: { name: 'RangeError' } });
  },
);

test('CAN-25: a handler that fails is told of, and nothing else', async () => {
  const bad = defineTask('bad', (_self, _failure: TaskFailure): void => {
    throw new Error('handler');
  });
  await using tasks = eager({ tasks: [...all, bad] });
  const failed: string[] = [];
  tasks.events.on('failed', ({ name }) => failed.push(name));
  await tasks.submit(onFailure(boom.s(5), bad));
  await tasks.advance(1000);
  expect(failed).toEqual(['boom', 'bad']);
});

test('CAN-26: options of a member are that member’s, and those of the whole hold for the others', async () => {
  await using tasks = app({ concurrency: 10 });
  const member = withOptions(add.s(1, 2), { queue: 'own', priority: 7, delayMs: 500 });
  await tasks.submit(group([member, add.s(3, 4)]), { id: 'g', queue: 'given' });
  await tasks.advance(0);
  expect(await tasks.handle('g.0').state()).toMatchObject({
    state: 'scheduled',
    queue: 'own',
    priority: 7,
  });
  expect(await tasks.handle('g.1').state()).toMatchObject({ queue: 'given', priority: 0 });
});

test('CAN-27: a delay of a step counts from when its turn comes', async () => {
  await using tasks = app();
  const began = tasks.now().getTime();
  await tasks.run(chain(wait.s(1000), withOptions(double, { delayMs: 500 }), wait.s(100)));
  expect(tasks.now().getTime() - began).toBe(1600);
});

test('CAN-28: the members of a chain or group are counted as it goes', async () => {
  await using tasks = app();
  const handle = await tasks.submit(
    group([wait.s(10), boom.s(5), wait.s(30)], { onFailure: 'settle' }),
  );
  await tasks.advance(20);
  expect((await handle.state())?.members).toEqual({ ended: 2, failed: 1, all: 3 });
  const chained = await tasks.submit(chain(wait.s(10), wait.s(10), double));
  await tasks.advance(15);
  expect((await chained.state())?.members).toEqual({ ended: 1, failed: 0, all: 3 });
});

test('CAN-29: in the place of a result that is ignored the step gets null', async () => {
  const ignored = defineTask('ignored', { result: { ignore: true } }, () => 7);
  const echo = defineTask('echo', (_self, value: unknown) => value as null);
  await using tasks = eager({ tasks: [ignored, echo] });
  expect(await tasks.run(chain(group([ignored.s(), ignored.s()]), echo))).toEqual([null, null]);
  expect(await tasks.run(chain(ignored.s(), echo))).toBeNull();
});

const elaborate: Complete<number> = chain(
  group([withOptions(add.s(1, 2), { priority: 3 }), chain(add.s(3, 4), double)]),
  each(double, { size: 1 }),
  onFailure(sum, handler),
);

test.each([
  ['structuredClone', <T>(work: T): T => structuredClone(work)],
  ['the codec', <T>(work: T): T => decode(encode(work, 'it')) as T],
])('CAN-31: a signature through %s is the same work', async (_, copy) => {
  await using tasks = app();
  const dated = withOptions(add.s(1, 1), { at: new Date(tasks.now().getTime() + 1000) });
  expect(await tasks.run(copy(elaborate))).toBe(34);
  expect(await tasks.run(copy(chain(dated, double)))).toBe(4);
});

test('CAN-32: a step whose definition is gone waits for it, as a task would', async () => {
  const store = memory();
  const first = eager({ tasks: all, store });
  const handle = await first.submit(chain(wait.s(1000), double));
  await first.advance(10);
  await first.close({ within: 0 });
  const second = eager({ tasks: [wait], store });
  await second.advance(120_000);
  expect((await second.handle(`${handle.id}.1`).state())?.state).toBe('queued');
  await second.close();
  await using third = eager({ tasks: all, store });
  await third.advance(10);
  expect(await third.handle(handle.id).get()).toBe(2000);
});

test('CAN-33: what became a chain, in a group, in a chain', async () => {
  const becoming = defineTask('becoming', (self: TaskSelf, n: number) =>
    self.task.become(chain(add.s(n, n), double)),
  );
  await using tasks = eager({ tasks: [...all, becoming] });
  expect(await tasks.run(chain(group([becoming.s(1), becoming.s(2)]), sum))).toBe(12);
});

/** Fails until it is allowed. */
let mayPass = false;
const gate = defineTask('gate', (_self, n: number) => {
  if (!mayPass) throw new Error('not yet');
  ran.push('gate');
  return n;
});

test('CAN-34: a member that is put back after its join has ended runs alone', async () => {
  mayPass = false;
  await using tasks = eager({ tasks: [...all, gate] });
  const handle = await tasks.submit(group([gate.s(1), add.s(1, 2)]), { id: 'g' });
  await tasks.advance(0);
  mayPass = true;
  expect(await tasks.retry('g.0')).toBe(true);
  await tasks.advance(0);
  expect((await tasks.handle('g.0').state())?.state).toBe('succeeded');
  expect((await handle.state())?.state).toBe('failed');
});

test('CAN-35: a chain that is put back goes on where it failed; a group runs those without success', async () => {
  mayPass = false;
  await using tasks = eager({ tasks: [...all, gate] });
  ran = [];
  const steps = await tasks.submit(chain(double.s(1), double, gate, double, double), { id: 'c' });
  const members = await tasks.submit(chain(group([gate.s(1), double.s(5)]), sum), { id: 'g' });
  await tasks.advance(0);
  expect([(await steps.state())?.state, (await members.state())?.state]).toEqual([
    'failed',
    'failed',
  ]);
  mayPass = true;
  ran = [];
  expect(await tasks.retry('c')).toBe(true);
  expect(await tasks.retry('g')).toBe(true);
  await tasks.advance(0);
  expect(await steps.get()).toBe(16);
  expect(await members.get()).toBe(11);
  expect(ran.filter((it) => it === 5 || it === 1)).toEqual([]);
});

test('CAN-36: a group that is revoked while its first failure is handled has one final state, and begins nobody after it', async () => {
  for (let seed = 1; seed <= 200; seed++) {
    await using tasks = app({ seed, concurrency: 2 });
    const handle = await tasks.submit(group([boom.s(5), double.s(1), double.s(2), double.s(3)]));
    const [, found] = await Promise.all([tasks.advance(0), handle.revoke()]);
    const state = await handle.state();
    expect(['failed', 'revoked']).toContain(state?.state);
    const before = ran.length;
    await tasks.advance(1000);
    expect(ran.length).toBe(before);
    expect((await handle.state())?.state).toBe(state?.state);
    expect(found).toBeDefined();
  }
});

test('each of what is no list fails, and says so', async () => {
  await using tasks = app();
  const wrong = chain(add.s(1, 2), each(double) as unknown as Signature<number, unknown>);
  await expect(tasks.run(wrong)).rejects.toMatchObject({ failure: { reason: 'invalid' } });
});
