/** Section R: streams of tasks. */

import {
  type Actor,
  dynamicSupervisor,
  type Exit,
  type Message,
  type Self,
  type StreamOutcome,
  supervisedTask,
  type Task,
  type TaskStreamOptions,
  task,
  taskStream,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { ran } from '../support/ran.ts';
import { everySchedule, underSchedules } from '../support/schedules.ts';
import { asyncEcho, echo, failureOf, leftOf, NOTHING_LEFT, stubborn } from './task-bodies.ts';

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
    await everySchedule(30, async (system) => {
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
    [2, 2, 8],
    [1, 1, 3],
    [undefined, 8, undefined],
  ])(
    'with concurrency %s runs at most %d tasks at a time',
    async (concurrency, most, schedules) => {
      const scene = async (system: TestSystem): Promise<void> => {
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
      };
      if (schedules === undefined) await underSchedules(20, scene);
      else await everySchedule(schedules, scene);
    },
  );

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
      await everySchedule(144, async (system) => {
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
