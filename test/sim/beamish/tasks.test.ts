/** Tasks and streams of tasks: one outcome each, whoever of owner, task and supervisor ends first. */

import { kill, type Scenario } from '@beamish/sim';
import {
  type Actor,
  awaitMany,
  dynamicSupervisor,
  type Self,
  supervisedTask,
  type TaskStreamOptions,
  task,
  taskStream,
  whichChildren,
  yieldMany,
} from 'beamish';
import { describe, expect, test } from 'vitest';
import { type Note, outcomes } from '../support/explored.ts';
import type { Any } from '../support/scenes.ts';
import { reasonOf, serving } from '../support/serving.ts';

const ANY = { speed: 'any' } as const;

function* square(self: Self, n: number): Actor<number> {
  yield* self.yield();
  return n * n;
}

const told = (outcome: { readonly ok: boolean } | undefined): string =>
  outcome === undefined
    ? 'nothing'
    : outcome.ok
      ? String((outcome as unknown as { readonly value: unknown }).value)
      : reasonOf((outcome as unknown as { readonly reason: unknown }).reason);

/** An owner that traps exits, and notes when it is over. */
const owning =
  (owner: (self: Self<Any>, note: Note) => Actor) =>
  (note: Note): Scenario<Any> =>
    function* scenario(self) {
      self.spawn(function* owner_(its: Self<Any>): Actor {
        its.trapExit(true);
        its.defer(() => note('over'));
        yield* owner(its, note);
      });
    };

describe('one task', () => {
  test('is awaited: a value, or why there is none, and an EXIT besides', async () => {
    const scenario = owning(function* owner(self, note) {
      const its = task(self, square, 3);
      try {
        note(`awaited ${yield* its.await()}`);
      } catch (error) {
        note(`failed ${reasonOf(error)}`);
      }
      note(`EXIT ${reasonOf((yield* self.receive('EXIT')).reason)}`);
    });
    expect(await outcomes(scenario, { faults: [kill('square')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "EXIT killed, failed killed, over",
          "EXIT normal, awaited 9, over",
        ],
        "schedules": 3,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('owner_')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "",
          "EXIT normal, awaited 9, over",
          "awaited 9, over",
          "over",
        ],
        "schedules": 7,
      }
    `);
  });

  test('that takes too long for `yield` goes on, and is had by the next one', async () => {
    const scenario = owning(function* owner(self, note) {
      const its = task(self, square, 3);
      const first = yield* its.yield(5);
      const second = yield* its.yield(first === undefined ? 'infinity' : 0);
      note(`${told(first)} and then ${told(second)}`);
    });
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "9 and then nothing, over",
        ],
        "schedules": 1,
      }
    `);
    expect(await outcomes(scenario, { ...ANY, faults: [kill('square')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "9 and then nothing, over",
          "killed and then nothing, over",
          "nothing and then 9, over",
          "nothing and then killed, over",
        ],
        "schedules": 12,
      }
    `);
  });

  test('is shut down while it ends, or is killed: over in any case, and no EXIT comes after', async () => {
    const scenario = owning(function* owner(self, note) {
      const its = task(self, square, 3);
      yield* self.yield();
      note(`shut down: ${told(yield* its.shutdown())}`);
      const exit = yield* self.receive('EXIT').after(5);
      note(exit === undefined ? 'no EXIT' : `EXIT ${String(exit.reason)}`);
      note(self.info(its.pid) === undefined ? 'gone' : 'there');
    });
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "EXIT normal, gone, over, shut down: 9",
          "gone, no EXIT, over, shut down: nothing",
        ],
        "schedules": 3,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('square')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "EXIT killed, gone, over, shut down: killed",
          "EXIT normal, gone, over, shut down: 9",
          "gone, no EXIT, over, shut down: killed",
          "gone, no EXIT, over, shut down: nothing",
        ],
        "schedules": 7,
      }
    `);
  });

  test('that holds out is killed in the end, or ends by itself before', async () => {
    const scenario = owning(function* owner(self, note) {
      const its = task(self, function* stubborn(me: Self): Actor<string> {
        me.trapExit(true);
        yield* me.sleep(10);
        return 'done';
      });
      yield* self.yield();
      note(`shut down: ${told(yield* its.shutdown(5))}`);
    });
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "over, shut down: killed",
          "over, shut down: nothing",
        ],
        "schedules": 2,
      }
    `);
    expect(await outcomes(scenario, ANY)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "over, shut down: done",
          "over, shut down: killed",
          "over, shut down: nothing",
        ],
        "schedules": 13,
      }
    `);
  });

  test('is ignored: nothing of it comes, or its outcome is there at once', async () => {
    const scenario = owning(function* owner(self, note) {
      const its = task(self, square, 3);
      yield* self.yield();
      note(`ignored: ${told(its.ignore())}`);
      const exit = yield* self.receive('EXIT').after(5);
      note(exit === undefined ? 'no EXIT' : `EXIT ${reasonOf(exit.reason)}`);
    });
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "EXIT normal, ignored: 9, over",
          "ignored: nothing, no EXIT, over",
        ],
        "schedules": 2,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('square')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "EXIT killed, ignored: killed, over",
          "EXIT normal, ignored: 9, over",
          "ignored: nothing, no EXIT, over",
        ],
        "schedules": 8,
      }
    `);
  });
});

describe('several tasks', () => {
  function* bug(): Actor<never> {
    throw new Error('a bug');
  }

  test('awaitMany: all values, or the first failure', async () => {
    const scenario = owning(function* owner(self, note) {
      try {
        note(String(yield* awaitMany(self, [task(self, square, 2), task(self, square, 3)])));
      } catch (error) {
        note(`failed ${reasonOf(error)}`);
      }
    });
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "4,9, over",
        ],
        "schedules": 2,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('square*')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "4,9, over",
          "failed killed, over",
        ],
        "schedules": 14,
      }
    `);
  });

  test('awaitMany of one that fails: its reason, whatever the other one does', async () => {
    const scenario = owning(function* owner(self, note) {
      try {
        yield* awaitMany(self, [task(self, bug), task(self, square, 3)]);
      } catch (error) {
        note(`failed ${reasonOf(error)}`);
      }
    });
    expect(await outcomes(scenario, { mayCrash: ['bug'] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "failed a bug, over",
        ],
        "schedules": 3,
      }
    `);
  });

  test('yieldMany: what there is when the time is up, and the rest next time', async () => {
    const scenario = owning(function* owner(self, note) {
      const both = [task(self, square, 2), task(self, square, 3)] as const;
      const first = yield* yieldMany(self, both, 5);
      const rest = both.filter((_, i) => first[i] === undefined);
      note(`${first.map(told)}; ${(yield* yieldMany(self, rest, 'infinity')).map(told)}`);
    });
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "4,9; , over",
        ],
        "schedules": 2,
      }
    `);
    expect(await outcomes(scenario, ANY)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "4,9; , over",
          "4,nothing; 9, over",
          "nothing,9; 4, over",
          "nothing,nothing; 4,9, over",
        ],
        "schedules": 14,
      }
    `);
  });
});

describe('supervised tasks', () => {
  const scenario = (note: Note): Scenario<Any> =>
    function* scenario(self) {
      const tasks = yield* serving(self, dynamicSupervisor(), 'tasks');
      self.spawn(function* owner(its: Self<Any>): Actor {
        its.defer(() => note('over'));
        try {
          const square_ = yield* supervisedTask(its, tasks, square, 3);
          note(told(yield* square_.yield('infinity')));
          const left = yield* whichChildren(its, tasks);
          if (left.length > 0) note('it is left');
        } catch (error) {
          note(`failed ${reasonOf(error)}`);
        }
      });
    };

  test('an owner hears of each once, whoever of the three is killed', async () => {
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "9, over",
        ],
        "schedules": 2,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('square')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "9, over",
          "killed, over",
          "noproc, over",
        ],
        "schedules": 8,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('owner')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "",
          "9, over",
          "over",
        ],
        "schedules": 19,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('tasks')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "9, failed killed, over",
          "9, failed noproc, over",
          "9, over",
          "failed killed, over",
          "failed noproc, killed, over",
          "failed noproc, noproc, over",
          "failed noproc, over",
        ],
        "schedules": 27,
      }
    `);
  });
});

describe('streams', () => {
  const streaming = (options: TaskStreamOptions, body = square) =>
    owning(function* owner(self, note) {
      const results = taskStream(self, [1, 2], (n) => task(self, body, n), options);
      const came: string[] = [];
      try {
        for (let next = yield* results.next(); !next.done; next = yield* results.next())
          came.push(told(next.value));
      } catch (error) {
        came.push(`failed ${reasonOf(error)}`);
      }
      note(came.join(' '));
    });

  test.each([
    ['one at a time', { concurrency: 1 }],
    ['two, in order', { concurrency: 2 }],
    ['two, as they come', { concurrency: 2, ordered: false }],
  ] as const)('%s: each input once', async (_, options) => {
    expect(await outcomes(streaming(options))).toMatchSnapshot();
    expect(await outcomes(streaming(options), { faults: [kill('square*')] })).toMatchSnapshot();
    const owner = await outcomes(streaming(options), { faults: [kill('owner_')] });
    expect(owner).toMatchSnapshot();
  });

  test.each(['exit', 'kill_task'] as const)(
    'a task that takes too long, %s: nobody is left',
    async (onTimeout) => {
      const slow = function* slow(self: Self, n: number): Actor<number> {
        yield* self.sleep(n * 6);
        return n;
      };
      const scenario = streaming({ onTimeout, timeoutMs: 10, concurrency: 2 }, slow);
      expect(await outcomes(scenario)).toMatchSnapshot();
      expect(await outcomes(scenario, ANY)).toMatchSnapshot();
    },
  );

  test('one that is closed in the middle leaves nobody, and nothing of it arrives', async () => {
    const scenario = owning(function* owner(self, note) {
      const results = taskStream(self, [1, 2, 3], (n) => task(self, square, n), { concurrency: 2 });
      note(told((yield* results.next()).value));
      results.close();
      const done = (yield* results.next()).done;
      note(`done ${done}`);
      const exits: string[] = [];
      for (;;) {
        const exit = yield* self.receive('EXIT').after(5);
        if (exit === undefined) break;
        exits.push(reasonOf(exit.reason));
      }
      note(`exits ${exits.join(' ')}`);
    });
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "1, done true, exits normal normal normal, over",
          "1, done true, exits normal normal, over",
          "1, done true, exits normal, over",
        ],
        "schedules": 9,
      }
    `);
  });

  test('of supervised tasks: an owner that is killed in the middle leaves none of them', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { eventually, count }) {
        const tasks = yield* serving(self, dynamicSupervisor(), 'tasks');
        self.spawn(function* owner(its: Self<Any>): Actor {
          its.defer(() => note('over'));
          const results = taskStream(its, [1, 2], (n) => supervisedTask(its, tasks, square, n), {
            concurrency: 2,
          });
          for (let next = yield* results.next(); !next.done; next = yield* results.next())
            note(told(next.value));
        });
        eventually(
          'nobody is left',
          () =>
            count({ kind: 'spawned', to: 'square*' }) === count({ kind: 'ended', to: 'square*' }),
        );
      };
    expect(await outcomes(scenario, { faults: [kill('owner')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "",
          "1, 4, over",
          "1, over",
          "over",
        ],
        "schedules": 98,
      }
    `);
  });
});
