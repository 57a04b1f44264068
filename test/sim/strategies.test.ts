/** Which schedules each strategy runs. */

import { type ExploreOptions, explore, type Scenario, type Strategy } from '@beamish/sim';
import type { Actor, Self } from 'beamish';
import { describe, expect, test, vi } from 'vitest';
import { type Any, bank, deposit, dine, fork, sending } from './support/scenes.ts';

// Time decides nothing here, and a busy machine takes long.
vi.setConfig({ testTimeout: 200_000 });

/** So many actors with so many steps each, and in which orders those were made. */
function apart(actors: number, steps: number, seen: Set<string>): Scenario<Any> {
  return function* scenario(self, { eventually }) {
    let order = '';
    eventually('noted', () => seen.add(order) !== undefined);
    for (const name of 'abc'.slice(0, actors))
      self.spawn(function* stepping(its: Self<Any>): Actor {
        for (let n = 0; n < steps; n++) {
          if (n > 0) yield* its.yield();
          order += name;
        }
      });
  };
}

async function orders(actors: number, steps: number, strategy: Strategy) {
  const seen = new Set<string>();
  const found = await explore(apart(actors, steps, seen), {
    strategy,
    compareEvery: 0,
    budget: { runs: 5000 },
  });
  return { runs: found.runs, complete: found.complete, seen: [...seen].sort() };
}

describe('switches', () => {
  test('all schedules with at most so many departures from the calmest one, each once', async () => {
    const expected = [
      ['aabb'],
      ['aabb', 'abba', 'bbaa'],
      ['aabb', 'abab', 'abba', 'baab', 'bbaa'],
      ['aabb', 'abab', 'abba', 'baab', 'baba', 'bbaa'],
    ];
    for (const [switches, seen] of expected.entries())
      expect(await orders(2, 2, { switches }), `${switches}`).toEqual({
        runs: seen.length,
        complete: seen.length === 6,
        seen,
      });
  });

  test('to whomever one switches, it is one', async () => {
    expect((await orders(3, 1, { switches: 1 })).seen).toEqual(['abc', 'acb', 'bca', 'cab']);
    expect((await orders(3, 1, { delays: 1 })).seen).toEqual(['abc', 'acb', 'bca']);
  });

  test('a crowd with two switches is less than all', async () => {
    const two = await orders(3, 3, { switches: 2 });
    expect(two.complete).toBe(false);
    expect(two.runs).toBe(two.seen.length);
    const all = await orders(3, 3, { every: 'interleaving' });
    expect(all).toMatchObject({ runs: 1680, complete: true });
    expect(all.seen).toEqual(expect.arrayContaining(two.seen));
    expect(two.runs).toBeLessThan(all.runs / 10);
  });
});

test('delays: the n-th of the others costs n', async () => {
  const seen = [
    ['abc'],
    ['abc', 'acb', 'bca'],
    ['abc', 'acb', 'bac', 'bca', 'cab'],
    ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'],
  ];
  for (const [delays, each] of seen.entries())
    expect(await orders(3, 1, { delays }), `${delays}`).toEqual({
      runs: each.length,
      complete: each.length === 6,
      seen: each,
    });
});

describe('SIM-24: schedules of chance come to nothing that every does not', () => {
  interface Noted {
    readonly make: (note: (what: string) => void) => Scenario<Any>;
    readonly options?: ExploreOptions;
  }
  const programs: readonly (readonly [name: string, its: Noted])[] = [
    [
      'lost updates of 3 clients',
      {
        make: (note) =>
          function* scenario(self) {
            const account = self.spawn(bank);
            const done = [0, 0, 0].map(() => self.spawnMonitor(deposit, account));
            for (const { ref } of done)
              yield* self.receive('DOWN').where((down) => down.ref === ref);
            self.send(account, { tag: 'get', from: self.pid });
            note(String((yield* self.receive('value'))['balance']));
          },
      },
    ],
    [
      'fan-in of 4',
      {
        make: (note) =>
          function* scenario(self) {
            const to = self.spawn(function* taking(its: Self<Any>): Actor {
              for (let i = 0; i < 4; i++) note(String((yield* its.receive('a'))['n']));
            });
            for (let n = 0; n < 4; n++) self.spawn(sending, to, { tag: 'a', n });
          },
      },
    ],
    [
      'a time-out, late by any time',
      {
        make: (note) =>
          function* scenario(self) {
            const to = self.spawn(function* taking(its: Self<Any>): Actor {
              for (let i = 0; i < 2; i++)
                note(`${(yield* its.receive('a').after(1))?.tag} ${its.now()}`);
            });
            for (let n = 0; n < 2; n++) self.spawn(sending, to, { tag: 'a', n });
          },
        options: { speed: 'any' },
      },
    ],
    [
      'two philosophers',
      {
        make: (note) =>
          function* scenario(self) {
            const [one, other] = [self.spawn(fork), self.spawn(fork)];
            for (const forks of [
              [one, other],
              [other, one],
            ] as const)
              self.spawn(function* dining(its: Self<Any>): Actor {
                yield* dine(its, ...forks);
                note(String(forks[0] === one));
              });
          },
      },
    ],
  ];

  test.each(programs)('SIM-24: %s', async (_, { make, options = {} }) => {
    const outcomes = async (strategy: Strategy, runs: number): Promise<Set<string>> => {
      const seen = new Set<string>();
      await explore(
        (self, sim) => {
          const notes: string[] = [];
          sim.eventually('noted at the end', () => seen.add(notes.join(' ')) !== undefined);
          return make((what) => notes.push(what))(self as never, sim);
        },
        { ...options, strategy, budget: { runs }, failures: 'all', compareEvery: 0, shrinkRuns: 0 },
      );
      return seen;
    };
    const every = await outcomes('every', 10_000);
    expect(every.size).toBeGreaterThan(1);
    for (const strategy of ['random', 'pos', { pct: 3 }] as const)
      for (const outcome of await outcomes(strategy, RUNS)) expect(every).toContain(outcome);
  });
});

/** Of each strategy of chance; the long form takes 10,000. */
const RUNS = Number(process.env['BEAMISH_SIM_CHANCE'] ?? 500);
