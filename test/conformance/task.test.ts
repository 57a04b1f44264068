/** Section R: tasks. */

import {
  type Actor,
  awaitMany,
  CallFailed,
  configure,
  type Outcome,
  type Pid,
  type Self,
  type Task,
  task,
  yieldMany,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { ran } from '../support/ran.ts';
import { everySchedule } from '../support/schedules.ts';
import {
  asyncEcho,
  echo,
  exiting,
  failureOf,
  leftOf,
  NOTHING_LEFT,
  stubborn,
  throwing,
} from './task-bodies.ts';

describe('TASK-01 await returns the value, and leaves no link, monitor or message:', () => {
  test.each([
    ['a generator', echo, 3],
    ['an async body', asyncEcho, 6],
  ] as const)('%s', async (_, body, schedules) => {
    await everySchedule(schedules, async (system) => {
      const [during, value, after] = await ran(system, function* (self: Self): Actor<unknown[]> {
        const one = task(self, body as typeof echo<number>, 1, 5);
        const during = leftOf(self);
        const value: number = yield* one.await();
        yield* self.sleep(1);
        expect(during).toMatchObject({ links: [one.pid], monitors: [one.pid] });
        return [during, value, leftOf(self)];
      });
      expect(during).toMatchObject({ mailbox: [] });
      expect(value).toBe(1);
      expect(after).toEqual(NOTHING_LEFT);
    });
  });

  test('a configured body', async () => {
    const system = testSystem();
    const body = function* (self: Self): Actor<unknown> {
      const named = task(self, configure(echo<number>, { name: 'n' }), 1, 5);
      expect(self.whereis('n')).toBe(named.pid);
      return yield* named.await();
    };
    expect(await ran(system, body)).toBe(1);
  });
});

test.each([
  ['an exit', exiting, 'boom', 3],
  ['an error', throwing, new Error('boom'), 4],
] as const)(
  'TASK-02 %s of a task ends an owner that does not trap exits, with its reason',
  async (_, body, reason, schedules) => {
    await everySchedule(schedules, async (system) => {
      const owner = system.spawn(function* (self: Self): Actor {
        yield* task(self, body, reason).await();
      });
      await system.advance(10);
      expect(system.reasonOf(owner)).toBe(reason);
      expect(system.told('crash')[0]).toMatchObject({
        reason,
        body: body.name,
        ancestors: [owner, system.root],
      });
    });
  },
);

test('TASK-03 an owner that traps exits hears of a crash twice: by await and by EXIT', async () => {
  await everySchedule(3, async (system) => {
    const [failure, exit] = await ran(system, function* (self: Self): Actor<unknown[]> {
      self.trapExit(true);
      const failing = task(self, exiting, 'boom');
      const failure = yield* failureOf(() => failing.await());
      expect(failure).toMatchObject({ to: failing.pid, request: 'exiting' });
      return [failure, yield* self.receive('EXIT').after(0)];
    });
    expect(failure).toBeInstanceOf(CallFailed);
    expect(failure).toMatchObject({ reason: 'boom' });
    expect(exit).toMatchObject({ reason: 'boom' });
  });
});

test.each([
  ['an error', throwing, new Error('oops'), { message: 'oops' }],
  ['a thrown value', throwing, 'y', { name: 'Nocatch', value: 'y' }],
  ['a normal exit', exiting, 'normal', 'normal'],
])('TASK-04 await fails with the reason of the task: %s', async (_, body, given, reason) => {
  const system = testSystem();
  const failure = await ran(system, function* (self: Self): Actor<unknown> {
    self.trapExit(true);
    const failing = task(self, body, given);
    return yield* failureOf(() => failing.await());
  });
  expect(failure).toBeInstanceOf(CallFailed);
  expect(failure).toHaveProperty(
    'reason',
    typeof reason === 'string' ? reason : expect.objectContaining(reason),
  );
});

test('TASK-05 an await that times out gives the task up, which goes on; its reply is dropped', async () => {
  await everySchedule(3, async (system) => {
    const [failure, alive, left] = await ran(system, function* (self: Self): Actor<unknown[]> {
      const slow = task(self, echo<number>, 1, 80);
      const failure = yield* failureOf(() => slow.await().within(20));
      const alive = self.info(slow.pid) !== undefined;
      yield* self.sleep(100);
      return [failure, alive, leftOf(self)];
    });
    expect(failure).toMatchObject({ reason: 'timeout' });
    expect(alive).toBe(true);
    expect(left).toEqual(NOTHING_LEFT);
    expect(system.told('dead_letter')).toMatchObject([{ message: 1, why: 'late_reply' }]);
  });
});

test('TASK-05 await waits for 5,000 ms by default', async () => {
  const system = testSystem();
  const owner = system.spawn(function* (self: Self): Actor {
    yield* task(self, echo<number>, 1, 60_000).await();
  });
  await system.advance(4999);
  expect(system.info(owner)).toBeDefined();
  await system.advance(1);
  expect(system.reasonOf(owner)).toMatchObject({ name: 'CallFailed', reason: 'timeout' });
});

test('TASK-06 a task is awaited once: a second await fails with timeout', async () => {
  const system = testSystem();
  const failure = await ran(system, function* (self: Self): Actor<unknown> {
    const one = task(self, echo<number>, 1);
    yield* one.await();
    return yield* failureOf(() => one.await());
  });
  expect(failure).toMatchObject({ name: 'CallFailed', reason: 'timeout' });
});

test('TASK-06 only the owner can wait for a task', async () => {
  const system = testSystem();
  const failures = await ran(system, function* (self: Self): Actor<unknown> {
    const one = task(self, echo<number>, 1, 10);
    const other = function* (stranger: Self): Actor<unknown[]> {
      return [
        yield* failureOf(() => one.yield(5)),
        yield* failureOf(() => one.await()),
        yield* failureOf(() => awaitMany(stranger, [one])),
        yield* failureOf(() => yieldMany(stranger, [one])),
      ];
    };
    return yield* task(self, other).await();
  });
  expect(failures).toEqual([
    expect.any(Error),
    expect.any(Error),
    expect.any(TypeError),
    expect.any(TypeError),
  ]);
  expect(failures).not.toContainEqual(expect.any(CallFailed));
});

test('TASK-07 the end of the owner ends its tasks', async () => {
  const system = testSystem();
  let pid: Pid | undefined;
  const owner = system.spawn(function* (self: Self): Actor {
    pid = task(self, stubborn).pid;
    pid = task(self, echo<number>, 1, 60_000).pid;
    yield* self.sleep(60_000);
  });
  await system.advance(1);
  system.exitSignal(owner, 'bye');
  await system.settle();
  expect(system.reasonOf(pid as Pid)).toBe('bye');
});

test('TASK-08 yield: undefined while it runs, then its value, or its reason', async () => {
  await everySchedule(30, async (system) => {
    const outcomes = await ran(system, function* (self: Self): Actor<unknown[]> {
      self.trapExit(true);
      const seven = task(self, echo<number>, 7, 30);
      const crashed = task(self, exiting, 'zz', 20);
      return [
        yield* seven.yield(0),
        yield* seven.yield(10),
        yield* seven.yield(200),
        system.clock.now(),
        yield* seven.yield(200),
        yield* crashed.yield(200),
      ];
    });
    expect(outcomes).toEqual([
      undefined,
      undefined,
      { ok: true, value: 7 },
      30,
      undefined,
      { ok: false, reason: 'zz' },
    ]);
  });
});

describe('TASK-09 shutdown', () => {
  type How = Parameters<Task<unknown>['shutdown']>[0];
  const cases: readonly (readonly [string, (self: Self) => Task<unknown>, How, unknown, number])[] =
    [
      [
        'of one that runs: undefined',
        (self) => task(self, echo<number>, 1, 60_000),
        undefined,
        undefined,
        10,
      ],
      [
        'of one that has returned: its value',
        (self) => task(self, echo<number>, 1),
        undefined,
        { ok: true, value: 1 },
        10,
      ],
      [
        'of one that ignores it: killed',
        (self) => task(self, stubborn),
        500,
        { ok: false, reason: 'killed' },
        510,
      ],
      [
        'of one that ignores it, by default after 5,000 ms',
        (self) => task(self, stubborn),
        undefined,
        { ok: false, reason: 'killed' },
        5010,
      ],
      ['brutal_kill: undefined', (self) => task(self, stubborn), 'brutal_kill', undefined, 10],
      [
        'of one that returns all the same: its value',
        (self) => task(self, polite),
        500,
        { ok: true, value: 'late' },
        30,
      ],
      [
        'of one that runs async code: undefined',
        (self) => task(self, asyncEcho<number>, 1, 60_000),
        'infinity',
        undefined,
        10,
      ],
    ];

  function* polite(self: Self): Actor<string> {
    self.trapExit(true);
    yield* self.receive('EXIT');
    yield* self.sleep(20);
    return 'late';
  }

  test.each(cases)('%s', async (_, start, how, outcome, endsAt) => {
    await everySchedule(3, async (system) => {
      const [shut, at, again, left] = await ran(system, function* (self: Self): Actor<unknown[]> {
        const given = start(self);
        yield* self.sleep(10);
        self.trapExit(true);
        const shut = yield* given.shutdown(how);
        const at = system.clock.now();
        const again = yield* given.shutdown(how);
        yield* self.sleep(100);
        return [shut, at, again, leftOf(self)];
      });
      expect(shut).toEqual(outcome);
      expect(at).toBe(endsAt);
      expect(again).toEqual({ ok: false, reason: 'noproc' });
      expect(left).toEqual(NOTHING_LEFT);
    });
  });

  test('of one that has crashed: its reason', async () => {
    const system = testSystem();
    const outcome = await ran(system, function* (self: Self): Actor<unknown> {
      self.trapExit(true);
      const crashed = task(self, exiting, 'r');
      yield* self.sleep(10);
      return yield* crashed.shutdown();
    });
    expect(outcome).toEqual({ ok: false, reason: 'r' });
  });

  test('of one that was given up by await ends it', async () => {
    const system = testSystem();
    const [outcome, alive] = await ran(system, function* (self: Self): Actor<unknown[]> {
      const slow = task(self, echo<number>, 1, 60_000);
      yield* failureOf(() => slow.await().within(10));
      return [yield* slow.shutdown(), self.info(slow.pid)];
    });
    expect([outcome, alive]).toEqual([undefined, undefined]);
  });
});

describe('TASK-10 awaitMany', () => {
  test('returns the values in the order of the tasks', async () => {
    await everySchedule(30, async (system) => {
      const [values, at] = await ran(system, function* (self: Self): Actor<[number[], number]> {
        const tasks = [30, 10, 20].map((ms) => task(self, echo<number>, ms, ms));
        const values = yield* awaitMany(self, tasks);
        return [values, system.clock.now()];
      });
      expect(values).toEqual([30, 10, 20]);
      expect(at).toBe(30);
    });
  });

  test('keeps the types of a tuple, and of none it returns none', async () => {
    const system = testSystem();
    const body = function* (self: Self): Actor<unknown> {
      const pair: [number, string] = yield* awaitMany(self, [
        task(self, echo<number>, 1),
        task(self, echo<string>, 'a'),
      ]);
      return [pair, yield* awaitMany(self, [])];
    };
    expect(await ran(system, body)).toEqual([[1, 'a'], []]);
  });

  test('has one time-out for all, and then gives all up', async () => {
    const system = testSystem();
    const [failure, at, monitors, left] = await ran(system, function* (self: Self): Actor<
      unknown[]
    > {
      const tasks = [30, 60, 90].map((ms) => task(self, echo<number>, ms, ms));
      const failure = yield* failureOf(() => awaitMany(self, tasks, 70));
      const at = system.clock.now();
      const monitors = system.info(self.pid)?.monitors;
      yield* self.sleep(100);
      return [failure, at, monitors, leftOf(self)];
    });
    expect(failure).toMatchObject({ name: 'CallFailed', reason: 'timeout' });
    expect(at).toBe(70);
    expect(monitors).toEqual([]);
    expect(left).toEqual(NOTHING_LEFT);
    expect(system.told('dead_letter')).toMatchObject([{ message: 90, why: 'late_reply' }]);
  });

  test('fails as soon as one fails', async () => {
    const system = testSystem();
    const [failure, at] = await ran(system, function* (self: Self): Actor<unknown[]> {
      self.trapExit(true);
      const tasks = [task(self, echo<string>, 'slow', 1000), task(self, exiting, 'boom', 20)];
      return [yield* failureOf(() => awaitMany(self, tasks)), system.clock.now()];
    });
    expect(failure).toMatchObject({ name: 'CallFailed', reason: 'boom' });
    expect(at).toBe(20);
  });
});

test('TASK-10 yieldMany returns for each its outcome, or undefined, and keeps those that run', async () => {
  await everySchedule(30, async (system) => {
    const outcomes = await ran(system, function* (self: Self): Actor<unknown[]> {
      self.trapExit(true);
      const tasks = [
        task(self, echo<number>, 5, 10),
        task(self, echo<number>, 6, 100),
        task(self, exiting, 'zz', 20),
      ] as const;
      const first: readonly (Outcome<number | string> | undefined)[] = yield* yieldMany(
        self,
        tasks,
        50,
      );
      const at = system.clock.now();
      return [first, at, yield* yieldMany(self, tasks), system.clock.now()];
    });
    expect(outcomes).toEqual([
      [{ ok: true, value: 5 }, undefined, { ok: false, reason: 'zz' }],
      50,
      [undefined, { ok: true, value: 6 }, undefined],
      100,
    ]);
  });
});

test('TASK-11 ignore detaches a task: nothing of it arrives, and it goes on', async () => {
  await everySchedule(60, async (system) => {
    const [ignored, during, crashed, left] = await ran(system, function* (self: Self): Actor<
      unknown[]
    > {
      const one = task(self, echo<number>, 1, 20);
      const two = task(self, exiting, 'boom', 20);
      const done = task(self, echo<number>, 3);
      yield* self.sleep(10);
      expect(done.ignore()).toEqual({ ok: true, value: 3 });
      const ignored = one.ignore();
      const crashed = two.ignore();
      const during = [self.info(one.pid) !== undefined, leftOf(self)];
      yield* self.sleep(100);
      return [ignored, during, crashed, leftOf(self)];
    });
    expect(ignored).toBe(undefined);
    expect(crashed).toBe(undefined);
    expect(during).toEqual([true, NOTHING_LEFT]);
    expect(left).toEqual(NOTHING_LEFT);
    expect(system.told('dead_letter')).toEqual([]);
  });
});
