/** Supervisors, tasks and the cruncher in small: at most these counts, and the outcomes exactly. */

import { check, kill, type Scenario } from '@beamish/sim';
import {
  type Actor,
  child,
  type MessageOf,
  name,
  type Pid,
  restartChild,
  type Self,
  server,
  supervisor,
  task,
  taskStream,
  terminateChild,
} from 'beamish';
import { describe, expect, test, vi } from 'vitest';
import { crunching } from './support/crunching.ts';
import { compared, type Note } from './support/outcomes.ts';
import type { Any } from './support/scenes.ts';

// Time decides nothing here, and a busy machine takes long.
vi.setConfig({ testTimeout: 200_000 });

const asked = server(() => ({ call: { who: () => 1 } }));
const ONE = name<MessageOf<typeof asked>>('one');
const TWO = name<MessageOf<typeof asked>>('two');

function* killing(self: Self<Any>, whom: Pid<Any>): Actor {
  self.exitSignal(whom as Pid, 'kill');
}

describe('SIM-45: a child is terminated while somebody kills it', () => {
  const terminated =
    (isRestarted: boolean) =>
    (note: Note): Scenario<Any> =>
      function* scenario(self) {
        const tree = self.spawn(supervisor({ children: [child({ id: 'one', name: ONE }, asked)] }));
        self.spawn(function* terminator(its: Self<Any>): Actor {
          try {
            note('terminator', (yield* terminateChild(its, tree, 'one')).ok);
            if (isRestarted) note('terminator', (yield* restartChild(its, tree, 'one')).ok);
          } catch {
            note('terminator', 'failed');
          }
        });
        self.spawn(function* killer(its: Self<Any>): Actor {
          const pid = its.whereis(ONE);
          note('killer', pid !== undefined);
          if (pid !== undefined) its.exitSignal(pid as Pid, 'kill');
        });
      };

  test('SIM-45: terminateChild: 3 outcomes', async () => {
    const { runs, outcomes } = await compared(terminated(false));
    expect(outcomes).toEqual([
      'killer: false; terminator: true',
      'killer: true; terminator: failed',
      'killer: true; terminator: true',
    ]);
    expect(runs[0]).toBeLessThanOrEqual(295);
    expect(Math.max(...runs.slice(1))).toBeLessThanOrEqual(7);
  });

  test('SIM-45: and restartChild: 4 outcomes', async () => {
    const { runs, outcomes } = await compared(terminated(true));
    expect(outcomes).toEqual([
      'killer: false; terminator: true, true',
      'killer: true; terminator: failed',
      'killer: true; terminator: true, false',
      'killer: true; terminator: true, true',
    ]);
    expect(runs[0]).toBeLessThanOrEqual(487);
    expect(Math.max(...runs.slice(1))).toBeLessThanOrEqual(9);
  });
});

describe('SIM-48: tasks', () => {
  function* brief(self: Self, n: number): Actor<number> {
    yield* self.yield();
    return n;
  }

  function* streaming(self: Self<Any>, count: number, note: Note): Actor {
    const inputs = Array.from({ length: count }, (_, n) => n + 1);
    const stream = taskStream(self, inputs, (n) => task(self, brief, n), { concurrency: 2 });
    for (let next = yield* stream.next(); !next.done; next = yield* stream.next())
      note('owner', next.value.ok && next.value.value);
  }

  test('SIM-48: a task whose owner is killed: 2 outcomes', async () => {
    const { runs, outcomes } = await compared(
      (note) =>
        function* scenario(self) {
          const owner = self.spawn(function* owner(its: Self<Any>): Actor {
            note('owner', yield* task(its, brief, 1).await());
          });
          self.spawn(killing, owner as Pid<Any>);
        },
    );
    expect(outcomes).toEqual(['', 'owner: 1']);
    expect(runs[0]).toBe(8);
    expect(Math.max(...runs.slice(1))).toBeLessThanOrEqual(6);
  });

  test('SIM-48: a stream of three by two: in their order', async () => {
    const { runs, outcomes } = await compared(
      (note) =>
        function* scenario(self) {
          self.spawn(streaming, 3, note);
        },
    );
    expect(outcomes).toEqual(['owner: 1, 2, 3']);
    expect(runs[0]).toBe(76);
    expect(Math.max(...runs.slice(1))).toBeLessThanOrEqual(10);
  });

  test('SIM-48: a stream of two by two, whose owner is killed: 3 outcomes', async () => {
    const { runs, outcomes } = await compared(
      (note) =>
        function* scenario(self) {
          self.spawn(killing, self.spawn(streaming, 2, note) as Pid<Any>);
        },
    );
    expect(outcomes).toEqual(['', 'owner: 1', 'owner: 1, 2']);
    expect(runs[0]).toBe(127);
    expect(Math.max(...runs.slice(1))).toBeLessThanOrEqual(31);
  });
});

describe('the cruncher in small: each chunk is counted once', () => {
  const EVERY = { strategy: 'every', budget: { runs: 5000 } } as const;

  test('SIM-50: two chunks, two crunchers', async () => {
    const found = await check(crunching(2, 2), EVERY);
    expect(found).toMatchObject({ complete: true, runs: 8 });
  });

  test('SIM-50: and one of them killed anywhere, and either of them', async () => {
    const one = await check(crunching(2, 2), { ...EVERY, faults: [kill('cruncher 1')] });
    expect(one.complete).toBe(true);
    expect(one.runs).toBeLessThanOrEqual(120);
    const either = await check(crunching(2, 2), { ...EVERY, faults: [kill('cruncher*')] });
    expect(either.complete).toBe(true);
    expect(either.runs).toBe(2 * one.runs);
  });

  test('SIM-51: one chunk, one cruncher, killed once or twice', async () => {
    const killed = (times: number) =>
      check(crunching(1, 1), { ...EVERY, faults: [kill('cruncher*', { times })] });
    for (const [times, most] of [
      [1, 7],
      [2, 93],
    ] as const) {
      const found = await killed(times);
      expect(found.complete).toBe(true);
      expect(found.runs).toBeLessThanOrEqual(most);
    }
  });
});

describe('SIM-52: two supervised servers, of which the first throws at its n-th message', () => {
  const throwing = (n: number, strategy: 'one_for_one' | 'one_for_all' | 'rest_for_one') =>
    function* scenario(self, { eventually, system }) {
      let count = 0;
      const broken = server(() => ({
        call: {
          who: () => {
            if (++count === n) throw new Error(`message ${n}`);
            return 1;
          },
        },
      }));
      const children = [
        child({ id: 'one', name: ONE }, broken),
        child({ id: 'two', name: TWO }, asked),
      ];
      const started = yield* self.startLink(supervisor({ strategy, intensity: 5, children }));
      // It outlives the scenario.
      if (started.ok) self.unlink(started.pid as unknown as Pid);
      for (let i = 0; i < 2; i++)
        self.spawn(function* client(its: Self<Any>): Actor {
          for (let k = 0; k < 2; k++)
            try {
              yield* its.call(ONE, 'who');
            } catch {
              // It is called again.
            }
        });
      eventually('the whole tree is there', () =>
        [ONE, TWO].every((each) => system.whereis(each) !== undefined),
      );
    } satisfies Scenario<Any>;

  test.each([
    [1, 65],
    [2, 47],
    [3, 29],
    [4, 19],
    [5, 19],
  ])('SIM-52: at message %i: the whole tree is there in each', async (n, most) => {
    for (const strategy of ['one_for_one', 'one_for_all', 'rest_for_one'] as const) {
      const found = await check(throwing(n, strategy), {
        strategy: 'every',
        budget: { runs: 5000 },
      });
      expect(found.complete, strategy).toBe(true);
      expect(found.runs, strategy).toBeLessThanOrEqual(most);
    }
  });
});
