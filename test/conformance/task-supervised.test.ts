/** Section R: supervised tasks. */

import {
  type Actor,
  dynamicSupervisor,
  type Message,
  type Pid,
  type Self,
  StartFailed,
  supervisedTask,
  task,
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

describe('TASK-16 a supervised task', () => {
  test('that crashes fails the await, and its owner lives', async () => {
    await everySchedule(1080, async (system) => {
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
    ['a generator', echo, 48],
    ['an async body', asyncEcho, 72],
  ] as const)('returns its value, however soon it comes: %s', async (_, body, schedules) => {
    await everySchedule(schedules, async (system) => {
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
    await everySchedule(72, async (system) => {
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
