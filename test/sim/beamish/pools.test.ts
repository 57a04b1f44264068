/** A pool: each job is done or fails, by itself, whoever is killed while others wait. */

import { kill, type Scenario } from '@beamish/sim';
import {
  type Actor,
  type Pid,
  type PoolOptions,
  type PoolProtocol,
  pool,
  type Self,
  type ServerMessage,
} from 'beamish';
import { describe, expect, test } from 'vitest';
import { type Note, outcomes } from '../support/explored.ts';
import type { Any } from '../support/scenes.ts';
import { reasonOf, serving } from '../support/serving.ts';

type Squares = Pid<ServerMessage<PoolProtocol<number, number>>>;

function* worker(self: Self, n: number): Actor<number> {
  yield* self.yield();
  return n * n;
}

/** Clients that ask a pool of this size for one job each. */
const asked =
  (
    clients: number,
    options: Partial<PoolOptions<number, number>>,
    within?: (n: number) => number | 'infinity',
  ) =>
  (note: Note): Scenario<Any> =>
    function* scenario(self, sim) {
      const { size = 1, limit = 'infinity' } = options;
      const its = yield* serving(self, pool({ size, limit, worker, ...options }));
      const running = (): number => {
        const begun = sim.count({ kind: 'spawned', to: 'worker*' });
        return begun - sim.count({ kind: 'ended', to: 'worker*' });
      };
      sim.always('no more at a time than its size', () => running() <= size);
      const each = Array.from(
        { length: clients },
        (_, i) => [`client ${i + 1}`, [asking, note, its, i + 2, within]] as const,
      );
      yield* sim.clients(Object.fromEntries(each));
    };

function* asking(
  self: Self<Any>,
  note: Note,
  to: Squares,
  n: number,
  within: ((n: number) => number | 'infinity') | undefined,
): Actor {
  try {
    note(`${n} is ${yield* pool.run(self, to, n, { within: within?.(n) ?? 'infinity' })}`);
  } catch (error) {
    note(`${n}: ${reasonOf(error)}`);
  }
}

describe('of one worker', () => {
  test('two jobs, of which one waits: both are done', async () => {
    expect(await outcomes(asked(2, {}))).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "2 is 4, 3 is 9",
        ],
        "schedules": 4,
      }
    `);
  });

  test('a worker that is killed in any state fails its own job alone, and the next one begins', async () => {
    expect(await outcomes(asked(2, {}), { faults: [kill('worker*')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "2 is 4, 3 is 9",
          "2 is 4, 3: killed",
          "2: killed, 3 is 9",
        ],
        "schedules": 20,
      }
    `);
  });

  test('two are killed', async () => {
    const faults = [kill('worker*', { times: 2 })];
    expect(await outcomes(asked(2, {}), { faults })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "2 is 4, 3 is 9",
          "2 is 4, 3: killed",
          "2: killed, 3 is 9",
          "2: killed, 3: killed",
        ],
        "schedules": 36,
      }
    `);
  });

  test('a pool that is killed fails all, and takes its workers along', async () => {
    expect(await outcomes(asked(2, {}), { faults: [kill('service')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "2 is 4, 3 is 9",
          "2 is 4, 3: killed",
          "2 is 4, 3: noproc",
          "2: killed, 3 is 9",
          "2: killed, 3: killed",
          "2: killed, 3: noproc",
          "2: noproc, 3 is 9",
          "2: noproc, 3: killed",
          "2: noproc, 3: noproc",
        ],
        "schedules": 70,
      }
    `);
  });

  test('with no room for a second one, that is full, or comes after the first', async () => {
    expect(await outcomes(asked(2, { limit: 0 }))).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "2 is 4, 3 is 9",
          "2 is 4, 3: full",
          "2: full, 3 is 9",
        ],
        "schedules": 4,
      }
    `);
    expect(
      await outcomes(asked(2, { limit: 0 }), { faults: [kill('worker*')] }),
    ).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "2 is 4, 3 is 9",
          "2 is 4, 3: full",
          "2 is 4, 3: killed",
          "2: full, 3 is 9",
          "2: full, 3: killed",
          "2: killed, 3 is 9",
          "2: killed, 3: full",
        ],
        "schedules": 16,
      }
    `);
  });

  test('a client that is killed holds nobody up', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        const its = yield* serving(self, pool({ size: 1, worker }));
        for (const n of [2, 3])
          self.spawn(function* client(me: Self<Any>): Actor {
            yield* asking(me, note, its, n, undefined);
          });
      };
    expect(await outcomes(scenario, { faults: [kill('client*')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "2 is 4",
          "2 is 4, 3 is 9",
          "3 is 9",
        ],
        "schedules": 30,
      }
    `);
  });

  test('a job whose time is up is dropped or killed, and the other one is done in any case', async () => {
    function* slow(self: Self, n: number): Actor<number> {
      yield* self.sleep(n === 2 ? 10 : 1);
      return n * n;
    }
    expect(
      await outcomes(asked(2, { worker: slow }, (n) => (n === 2 ? 5 : 'infinity'))),
    ).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "2: timeout, 3 is 9",
        ],
        "schedules": 2,
      }
    `);
  });
});

describe('of two workers', () => {
  test('three jobs, of which one waits', async () => {
    expect(await outcomes(asked(3, { size: 2 }))).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "2 is 4, 3 is 9, 4 is 16",
        ],
        "schedules": 78,
      }
    `);
  });

  test('two jobs, and a worker is killed', async () => {
    const faults = [kill('worker*')];
    expect(await outcomes(asked(2, { size: 2 }), { faults })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "2 is 4, 3 is 9",
          "2 is 4, 3: killed",
          "2: killed, 3 is 9",
        ],
        "schedules": 30,
      }
    `);
  });
});
