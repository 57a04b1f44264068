/** Section R: Task and Agent. */

import {
  type Actor,
  type AgentAddress,
  agent,
  awaitMany,
  CallFailed,
  type Context,
  configure,
  dynamicSupervisor,
  type Exit,
  type Message,
  type Operation,
  type Outcome,
  type Pid,
  type Self,
  StartFailed,
  type StreamOutcome,
  supervisedTask,
  type Task,
  type TaskStreamOptions,
  task,
  taskStream,
  yieldMany,
} from 'beamish';
import { describe, expect, test } from 'vitest';
import { ran } from '../support/ran.ts';
import { underSchedules } from '../support/schedules.ts';
import { testSystem } from '../support/test-system.ts';

/** Takes a while, and returns what it was given. */
function* echo<T>(self: Context, value: T, ms = 0): Actor<T> {
  yield* self.sleep(ms);
  return value;
}

async function asyncEcho<T>(self: Context, value: T, ms = 0): Promise<T> {
  await self.sleep(ms);
  return value;
}

function* exiting(self: Self, reason: unknown, ms = 0): Actor<string> {
  yield* self.sleep(ms);
  return self.exit(reason as string);
}

function* throwing(_self: Self, thrown: unknown): Actor<string> {
  throw thrown;
}

/** Ends only by kill. */
function* stubborn(self: Self): Actor<string> {
  self.trapExit(true);
  for (;;) yield* self.receive('EXIT');
}

function* failureOf(operation: () => Operation<unknown>): Actor<unknown> {
  try {
    return { returned: yield* operation() };
  } catch (error) {
    return error;
  }
}

/** Ties and mail of an actor, as of now. */
function leftOf(self: Self): unknown {
  const { links, monitors } = self.info(self.pid) as { links: unknown; monitors: unknown };
  return { links, monitors, mailbox: self.mailbox(self.pid) };
}
const NOTHING_LEFT = { links: [], monitors: [], mailbox: [] };

describe('TASK-01 await returns the value, and leaves no link, monitor or message:', () => {
  test.each([
    ['a generator', echo],
    ['an async body', asyncEcho],
  ])('%s', async (_, body) => {
    await underSchedules(100, async (system) => {
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
  ['an exit', exiting, 'boom'],
  ['an error', throwing, new Error('boom')],
])(
  'TASK-02 %s of a task ends an owner that does not trap exits, with its reason',
  async (_, body, reason) => {
    await underSchedules(50, async (system) => {
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
  await underSchedules(100, async (system) => {
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
  await underSchedules(100, async (system) => {
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
  await underSchedules(100, async (system) => {
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
    await underSchedules(20, async (system) => {
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
    await underSchedules(100, async (system) => {
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
  await underSchedules(100, async (system) => {
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
  await underSchedules(100, async (system) => {
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

/** Everything of a stream of tasks that take as long as their input says. */
function* streamed(
  self: Self,
  inputs: Iterable<number>,
  options: TaskStreamOptions,
  start: (ms: number) => Task<number> = (ms) => task(self, echo<number>, ms, ms),
): Actor<StreamOutcome<number, number>[]> {
  const all: StreamOutcome<number, number>[] = [];
  const stream = taskStream(self, inputs, start, options);
  for (let next = yield* stream.next(); !next.done; next = yield* stream.next())
    all.push(next.value);
  return all;
}

function values(...of: readonly number[]): unknown[] {
  return of.map((value) => ({ ok: true, value }));
}

describe('TASK-12 taskStream', () => {
  test.each([
    [true, [30, 10, 20]],
    [false, [10, 20, 30]],
  ])('ordered: %s', async (ordered, expected) => {
    await underSchedules(100, async (system) => {
      const all = await ran(system, streamed, [30, 10, 20], { ordered });
      expect(all).toEqual(values(...expected));
    });
  });

  test('is in the order of completion even if the owner looks late', async () => {
    const system = testSystem();
    const all = await ran(system, function* (self: Self): Actor<unknown> {
      const stream = taskStream(self, [5, 30, 10, 20], (ms) => task(self, echo<number>, ms, ms), {
        ordered: false,
      });
      const all = [(yield* stream.next()).value];
      yield* self.sleep(100);
      for (let i = 0; i < 3; i++) all.push((yield* stream.next()).value);
      return all;
    });
    expect(all).toEqual(values(5, 10, 20, 30));
  });

  test.each([
    [2, 2],
    [1, 1],
    [undefined, 8],
  ])('with concurrency %s runs at most %d tasks at a time', async (concurrency, most) => {
    await underSchedules(20, async (system) => {
      let running = 0;
      let peak = 0;
      function* counted(self: Self, n: number): Actor<number> {
        peak = Math.max(peak, ++running);
        yield* self.sleep(10 + (n % 3));
        running--;
        return n;
      }
      const inputs = Array.from({ length: 20 }, (_, n) => n);
      const all = await ran(system, function* (self: Self): Actor<unknown> {
        const options = concurrency === undefined ? {} : { concurrency };
        return yield* streamed(self, inputs, options, (n) => task(self, counted, n));
      });
      expect(all).toEqual(values(...inputs));
      expect(peak).toBe(most);
    });
  });

  test('is lazy: it reads an input when it can start its task', async () => {
    const system = testSystem();
    let read = 0;
    function* endless(): Generator<number> {
      for (;;) yield read++;
    }
    await ran(system, function* (self: Self): Actor {
      const stream = taskStream(self, endless(), (n) => task(self, echo<number>, n), {
        concurrency: 3,
      });
      expect(read).toBe(0);
      yield* stream.next();
      expect(read).toBe(3);
      stream.close();
    });
  });

  test('does not run ahead of an owner that takes its time', async () => {
    for (const ordered of [true, false]) {
      const system = testSystem();
      await ran(system, function* (self: Self): Actor {
        const inputs = Array.from({ length: 50 }, (_, n) => n);
        const options = { concurrency: 3, ordered };
        const stream = taskStream(self, inputs, (n) => task(self, echo<number>, n), options);
        for (let taken = 1; taken <= 10; taken++) {
          yield* stream.next();
          yield* self.sleep(10);
          expect(system.told('spawn').length - 1).toBeLessThan(taken + 3);
        }
      });
    }
  });

  test('does not wait for a slow first to begin others', async () => {
    const system = testSystem();
    const [all, at] = await ran(system, function* (self: Self): Actor<unknown[]> {
      const inputs = [50, 10, 10, 10, 10, 10];
      return [yield* streamed(self, inputs, { concurrency: 2 }), system.clock.now()];
    });
    expect(all).toEqual(values(50, 10, 10, 10, 10, 10));
    expect(at).toBe(50);
  });

  test('of no inputs is done at once, and stays so', async () => {
    const system = testSystem();
    expect(await ran(system, streamed, [], {})).toEqual([]);
  });

  test('is what an async body can loop over', async () => {
    const system = testSystem();
    const body = async (self: Self): Promise<unknown[]> => {
      const all: unknown[] = [];
      const start = (ms: number): Task<number> => task(self, asyncEcho<number>, ms, ms);
      for await (const outcome of taskStream(self, [30, 10, 20], start)) all.push(outcome);
      return all;
    };
    expect(await ran(system, body)).toEqual(values(30, 10, 20));
  });

  test.each([0, -1, 1.5, Number.NaN])(
    'with a concurrency of %d is a RangeError',
    async (concurrency) => {
      const system = testSystem();
      await expect(ran(system, streamed, [1], { concurrency })).rejects.toThrow(RangeError);
    },
  );
});

describe('TASK-13 leaving a taskStream early kills what is under way, and leaves nothing:', () => {
  test('close in a generator body', async () => {
    await underSchedules(100, async (system) => {
      const [taken, left] = await ran(system, function* (self: Self): Actor<unknown[]> {
        self.trapExit(true);
        const stream = taskStream(
          self,
          Array.from({ length: 100 }, (_, n) => n),
          (n) => task(self, n === 5 ? (stubborn as never) : echo<number>, n),
          { concurrency: 4 },
        );
        const taken: unknown[] = [];
        for (let i = 0; i < 3; i++) taken.push((yield* stream.next()).value);
        stream.close();
        expect(yield* stream.next()).toEqual({ done: true, value: undefined });
        const left = leftOf(self) as { mailbox: readonly Message[] };
        yield* self.sleep(100);
        expect(leftOf(self)).toEqual(left);
        // A task that had returned before leaves its EXIT normal, as every task does.
        const others = left.mailbox.filter((message) => (message as Exit).reason !== 'normal');
        return [taken, { ...left, mailbox: others }];
      });
      expect(taken).toEqual(values(0, 1, 2));
      expect(left).toEqual(NOTHING_LEFT);
      expect(system.told('spawn').length).toBeLessThanOrEqual(8);
      expect(system.actors()).toEqual([]);
    });
  });

  test('break in an async body', async () => {
    const system = testSystem();
    let closed = false;
    function* inputs(): Generator<number> {
      try {
        for (let n = 1; ; n++) yield n;
      } finally {
        closed = true;
      }
    }
    const left = await ran(system, async (self: Self): Promise<unknown> => {
      for await (const _ of taskStream(self, inputs(), (n) =>
        task(self, echo<number>, n, n * 1000),
      ))
        break;
      return leftOf(self);
    });
    expect(left).toEqual(NOTHING_LEFT);
    expect(closed).toBe(true);
    expect(system.actors()).toEqual([]);
  });

  test('the end of its owner, even of supervised tasks', async () => {
    const system = testSystem();
    const tasks = system.spawn(dynamicSupervisor());
    const owner = system.spawn(function* (self: Self): Actor {
      const start = (n: number) => supervisedTask(self, tasks, echo<number>, n, 60_000);
      yield* taskStream(self, [1, 2], start).next();
    });
    await system.advance(10);
    expect(system.actors()).toHaveLength(4);
    system.exitSignal(owner, 'kill');
    await system.settle();
    expect(system.actors()).toMatchObject([{ pid: tasks }]);
  });
});

describe('TASK-14 a task of a taskStream that takes too long', () => {
  test('exits the owner, and nothing of the others is left', async () => {
    const system = testSystem();
    const [failure, at, left] = await ran(system, function* (self: Self): Actor<unknown[]> {
      self.trapExit(true);
      const stream = taskStream(self, [500, 600], (ms) => task(self, echo<number>, ms, ms), {
        timeoutMs: 100,
      });
      const failure = yield* failureOf(() => stream.next());
      return [failure, system.clock.now(), leftOf(self)];
    });
    expect(failure).toMatchObject({ name: 'CallFailed', reason: 'timeout' });
    expect(at).toBe(100);
    expect(left).toEqual(NOTHING_LEFT);
    expect(system.actors()).toEqual([]);
  });

  test('has 5,000 ms by default', async () => {
    const system = testSystem();
    await expect(ran(system, streamed, [4999], {})).resolves.toEqual(values(4999));
    await expect(ran(testSystem(), streamed, [5001], {})).rejects.toMatchObject({
      reason: 'timeout',
    });
    const options = { timeoutMs: 'infinity' } as const;
    await expect(ran(testSystem(), streamed, [50_000], options)).resolves.toEqual(values(50_000));
  });

  test.each([
    [true, [10, 'timeout', 20, 30]],
    [false, [10, 20, 30, 'timeout']],
  ])(
    "is killed with onTimeout 'kill_task', and the others go on (ordered: %s)",
    async (ordered, order) => {
      await underSchedules(100, async (system) => {
        const options = { timeoutMs: 100, onTimeout: 'kill_task', ordered } as const;
        const all = await ran(system, streamed, [10, 999, 20, 30], options);
        const timedOut = { ok: false, reason: 'timeout', input: 999 };
        expect(all).toEqual(
          order.map((value) => (value === 'timeout' ? timedOut : { ok: true, value })),
        );
        expect(system.actors()).toEqual([]);
      });
    },
  );
});

/** Boom is for the input 0. */
function* fragile(self: Self, n: number): Actor<number> {
  yield* self.sleep(10);
  return n === 0 ? self.exit('boom') : n;
}

test('TASK-15 a crash in a taskStream of linked tasks ends the owner', async () => {
  const system = testSystem();
  const owner = system.spawn(function* (self: Self): Actor {
    yield* streamed(self, [1, 0, 2], {}, (n) => task(self, fragile, n));
  });
  await system.advance(100);
  expect(system.reasonOf(owner)).toBe('boom');
  expect(system.actors()).toEqual([]);
});

test('TASK-15 a crash in a taskStream of supervised tasks is an outcome, with its input', async () => {
  await underSchedules(100, async (system) => {
    const tasks = system.spawn(dynamicSupervisor());
    const all = await ran(system, function* (self: Self): Actor<unknown> {
      const all: unknown[] = [];
      const stream = taskStream(self, [0, 2], (n) => supervisedTask(self, tasks, fragile, n));
      for (let next = yield* stream.next(); !next.done; next = yield* stream.next())
        all.push(next.value);
      return [all, leftOf(self)];
    });
    const crashed = { ok: false, reason: 'boom', input: 0 };
    expect(all).toEqual([[crashed, { ok: true, value: 2 }], NOTHING_LEFT]);
  });
});

describe('TASK-16 a supervised task', () => {
  test('that crashes fails the await, and its owner lives', async () => {
    await underSchedules(100, async (system) => {
      const tasks = system.spawn(dynamicSupervisor());
      const failures = await ran(system, function* (self: Self): Actor<unknown[]> {
        const later = yield* supervisedTask(self, tasks, exiting, 'boom', 10);
        const atOnce = yield* supervisedTask(self, tasks, throwing, new Error('early'));
        expect(self.info(later.pid)?.parent).toBe(tasks);
        expect(self.info(self.pid)?.links).toEqual([]);
        return [yield* failureOf(() => later.await()), yield* failureOf(() => atOnce.await())];
      });
      expect(failures).toMatchObject([{ reason: 'boom' }, { reason: { message: 'early' } }]);
      expect(system.actors()).toMatchObject([{ pid: tasks }]);
    });
  });

  test.each([
    ['a generator', echo],
    ['an async body', asyncEcho],
  ])('returns its value, however soon it comes: %s', async (_, body) => {
    await underSchedules(100, async (system) => {
      const tasks = system.spawn(dynamicSupervisor());
      const value = await ran(system, function* (self: Self): Actor<unknown[]> {
        const one = yield* supervisedTask(self, tasks, body as typeof echo<number>, 5);
        return [yield* one.await(), leftOf(self)];
      });
      expect(value).toEqual([5, NOTHING_LEFT]);
    });
  });

  test('outlives its owner', async () => {
    const system = testSystem();
    const tasks = system.spawn(dynamicSupervisor());
    const pid = await ran(system, function* (self: Self): Actor<Pid> {
      return (yield* supervisedTask(self, tasks, stubborn)).pid;
    });
    expect(system.info(pid)).toBeDefined();
  });

  test('tells who monitors it first what it sent, and then DOWN normal', async () => {
    await underSchedules(100, async (system) => {
      interface Result extends Message {
        readonly tag: 'result';
        readonly value: number;
      }
      const tasks = system.spawn(dynamicSupervisor());
      function* work(self: Self, to: Pid<Result>): Actor {
        yield* self.sleep(10);
        self.send(to, { tag: 'result', value: 5 });
      }
      const body = function* (self: Self<Result>): Actor<unknown[]> {
        const working = yield* supervisedTask(self, tasks, work, self.pid);
        self.monitor(working.pid);
        return [yield* self.receive(), yield* self.receive()];
      };
      expect(await ran(system, body)).toMatchObject([
        { tag: 'result', value: 5 },
        { tag: 'DOWN', reason: 'normal' },
      ]);
    });
  });
});

test('TASK-17 a supervisor that has its most children takes no task: StartFailed', async () => {
  const system = testSystem();
  const tasks = system.spawn(dynamicSupervisor({ maxChildren: 1 }));
  const failure = await ran(system, function* (self: Self): Actor<unknown> {
    yield* supervisedTask(self, tasks, stubborn);
    return yield* failureOf(() => supervisedTask(self, tasks, stubborn));
  });
  expect(failure).toBeInstanceOf(StartFailed);
  expect(failure).toMatchObject({ reason: 'max_children' });
});

test('TASK-18 the ancestors of a task begin with its owner', async () => {
  const system = testSystem();
  await ran(system, function* (self: Self): Actor {
    const body = function* (own: Self): Actor<Pid> {
      yield* own.yield();
      return own.parent;
    };
    expect(yield* task(self, body).await()).toBe(self.pid);
  });
});

describe('TASK-19 an async task that is shut down', () => {
  test.each([undefined, 'brutal_kill'] as const)(
    'is aborted, and what it still does is void: %s',
    async (how) => {
      const system = testSystem();
      const log: unknown[] = [];
      let open = (): void => {};
      async function work(self: Self, to: Pid<{ tag: 'late' }>): Promise<void> {
        const stopped = self.wait(
          (signal) =>
            new Promise<void>(() => {
              signal.addEventListener('abort', () => log.push('aborted'));
            }),
        );
        new Promise<void>((resolve) => {
          open = resolve;
        }).then(() => {
          self.send(to, { tag: 'late' });
          log.push('sent');
        });
        await stopped;
        log.push('never');
      }
      const body = function* (self: Self<{ tag: 'late' }>): Actor<unknown> {
        const working = task(self, work, self.pid);
        yield* self.sleep(10);
        expect(yield* working.shutdown(how)).toBe(undefined);
        open();
        yield* self.sleep(10);
        return self.mailbox(self.pid);
      };
      expect(await ran(system, body)).toEqual([]);
      expect(log).toEqual(['aborted', 'sent']);
      expect(system.told('dead_letter')).toMatchObject([{ message: { tag: 'late' } }]);
    },
  );
});

type AgentPid = AgentAddress<number>;

describe('AGT-01 an agent', () => {
  test('runs the functions that it is sent, one after the other', async () => {
    const system = testSystem();
    const counter = agent((n: number) => n);
    const pid = system.spawn(counter, 1);
    const seen = await ran(system, function* (self: Self): Actor<unknown[]> {
      const got: number = yield* agent.get(self, pid, (n) => n);
      const updated: void = yield* agent.update(self, pid, (n) => n + 1);
      const both: string = yield* agent.getAndUpdate(self, pid, (n) => [`was ${n}`, n * 10]);
      agent.cast(self, pid, (n) => n + 1);
      return [got, updated, both, yield* agent.get(self, pid, (n) => n).within(10)];
    });
    expect(seen).toEqual([1, undefined, 'was 2', 21]);
  });

  test('serves the outside, too', async () => {
    const system = testSystem();
    const pid = system.spawn(agent(() => 1));
    agent.cast(system, pid, (n) => n + 1);
    const reply: Promise<number> = agent.get(system, pid, (n) => n);
    await system.settle();
    expect(await reply).toBe(2);
  });

  const boom = (): never => {
    throw new Error('boom');
  };
  const asks: readonly (readonly [string, (self: Self, pid: AgentPid) => Operation<unknown>])[] = [
    ['get', (self, pid) => agent.get(self, pid, boom)],
    ['update', (self, pid) => agent.update(self, pid, boom)],
    ['getAndUpdate', (self, pid) => agent.getAndUpdate(self, pid, boom)],
  ];
  test.each(asks)('ends with the error of a function, and fails the caller: %s', async (_, ask) => {
    const system = testSystem();
    const pid = system.spawn(agent(() => 1));
    const failure = await ran(system, (self: Self) => failureOf(() => ask(self, pid)));
    expect(failure).toMatchObject({ name: 'CallFailed', reason: { message: 'boom' } });
    expect(system.reasonOf(pid)).toBe((failure as CallFailed).reason);
  });
});
