/** Keys, claims, verdicts of the host, and several systems. */

import { readFileSync } from 'node:fs';
import { check, cut, type ExploreOptions, explore, type Scenario, simulate } from '@beamish/sim';
import { type Actor, name, type Pid, type Self } from 'beamish';
import { describe, expect, test, vi } from 'vitest';
import { type Any, bank, deposit, philosophers, sending } from './support/scenes.ts';

// Time decides nothing here, and a busy machine takes long.
vi.setConfig({ testTimeout: 200_000 });

/** The line of this file that a site names. */
function lineAt(site: string): string | undefined {
  const [file, line] = site.split(':');
  expect(import.meta.filename).toContain(file);
  return readFileSync(import.meta.filename, 'utf8')
    .split('\n')
    [Number(line) - 1]?.trim();
}

const NAIVE = { strategy: { every: 'interleaving' }, failures: 'all', compareEvery: 0 } as const;

describe('keys', () => {
  const scenario = (count: number): Scenario<Any> =>
    function* scenario(self) {
      const account = self.spawn(bank);
      for (let i = 0; i < count; i++) self.spawn(deposit, account);
    };

  test('SIM-83: a key that does not fit says at which step, and never passes', async () => {
    const { key } = await simulate(scenario(2), { schedule: { seed: 3 } });
    for (const other of [scenario(1), scenario(3), philosophers(2)])
      await expect(simulate(other, { schedule: { key } })).rejects.toThrow(
        /Cannot replay b1\..*At step \d+/,
      );
  });

  test('SIM-85: any list of numbers is a schedule, and dropping or lowering one never throws', async () => {
    let seed = 7;
    const chance = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) % below;
    };
    for (let i = 0; i < 200; i++) {
      const schedule = Array.from({ length: chance(20) }, () => chance(10));
      for (const list of [schedule, schedule.slice(1), schedule.map((n) => n >> 1)])
        expect((await simulate(scenario(2), { schedule: list })).verdict.kind).toBe('passed');
    }
  });
});

describe('claims', () => {
  test('SIM-94b: a claim about several actors names them, or may miss a moment', async () => {
    const make = (...of: readonly string[]): Scenario<Any> =>
      function* scenario(_, { always, clients }) {
        let [x, y] = [0, 0];
        always('never x = 0 while y = 2', () => !(x === 0 && y === 2), ...of);
        const writing = (write: (value: number) => void) =>
          function* writing(its: Self<Any>): Actor {
            for (const value of [1, 2]) {
              write(value);
              yield* its.yield();
            }
          };
        yield* clients({
          a: [
            writing((value) => {
              x = value;
            }),
          ],
          b: [
            writing((value) => {
              y = value;
            }),
          ],
        });
      };
    const named = await explore(make('a', 'b'), { strategy: 'every' });
    expect(named.verdict).toEqual({ kind: 'claim', claim: 'never x = 0 while y = 2' });
    expect((await explore(make(), NAIVE)).verdict.kind).toBe('claim');
  });

  test('leadsTo: whoever asks is answered, in time', async () => {
    const make = (answers: boolean): Scenario<Any> =>
      function* scenario(self, { leadsTo }) {
        leadsTo(
          'an answer',
          { kind: 'sent', tag: 'ask' },
          { kind: 'sent', tag: 'answer' },
          { within: 5 },
        );
        const other = self.spawn(function* other(its: Self<Any>): Actor {
          const { by } = yield* its.receive('ask');
          yield* its.sleep(answers ? 5 : 6);
          its.send(by as Pid<Any>, { tag: 'answer' });
        });
        self.send(other as Pid<Any>, { tag: 'ask', by: self.pid });
        yield* self.receive('answer');
      };
    expect((await check(make(true))).verdict.kind).toBe('passed');
    expect((await explore(make(false))).verdict).toEqual({ kind: 'claim', claim: 'an answer' });
  });

  test('choose: every value is tried', async () => {
    const seen = new Set<string>();
    const scenario: Scenario<Any> = function* scenario(_, { choose, eventually }) {
      const chosen = `${choose(2)} ${choose(3)}`;
      eventually('noted', () => seen.add(chosen) !== undefined);
    };
    const found = await check(scenario, { strategy: 'every' });
    expect(found.runs).toBe(6);
    expect(seen.size).toBe(6);
  });

  test('SIM-96: what is left is named: an actor, a timer, a message', async () => {
    const scenario: Scenario<Any> = function* scenario(self) {
      const orphan = self.spawn(function* orphan(its: Self<Any>): Actor {
        yield* its.receive('never');
      });
      self.send(orphan as Pid<Any>, { tag: 'unread' });
      self.sendAfter(1000, name<Any>('nobody'), { tag: 'late' });
    };
    const { verdict } = await explore(scenario, { leftovers: 'nothing' });
    expect(verdict).toEqual({
      kind: 'leftovers',
      actors: ['orphan'],
      timers: 1,
      messages: [{ to: 'orphan', tag: 'unread' }],
    });
  });
});

describe('the host', () => {
  test('SIM-97: an await of a promise that nobody knows, and none through self.wait', async () => {
    const foreign = await explore(
      async (self: Self<Any>) => {
        self.spawn(async function hanging(its: Self<Any>): Promise<void> {
          await its.sleep(1);
          await new Promise(() => {}); // It never settles.
        });
      },
      { budget: { runs: 1 }, shrinkRuns: 0 },
    );
    expect(foreign.verdict).toMatchObject({ kind: 'foreign_await', who: 'hanging' });
    const { site } = foreign.verdict as { readonly site: string };
    expect(lineAt(site)).toBe('await new Promise(() => {}); // It never settles.');
    expect(foreign.complete).toBe(false);
    const known = await explore(
      async (self: Self<Any>) => {
        await self.wait(Promise.resolve(1));
      },
      { budget: { runs: 1 } },
    );
    expect(known.verdict.kind).toBe('passed');
  });

  test('SIM-97: of an async body, too, a deadlock says where it waits', async () => {
    const { verdict } = await explore(async (self: Self<Any>) => {
      await self.sleep(1);
      await self.receive('never'); // Nobody sends it.
    });
    expect(verdict.kind).toBe('deadlock');
    const { waiting } = verdict as { readonly waiting: readonly { readonly site: string }[] };
    expect(lineAt(waiting[0]?.site ?? '')).toBe("await self.receive('never'); // Nobody sends it.");
  });

  test('SIM-23: nothing is complete that was cut short', async () => {
    const endless: Scenario<Any> = function* endless(self) {
      for (;;) yield* self.yield();
    };
    const cases: readonly (readonly [Scenario<Any>, ExploreOptions])[] = [
      [endless, { maxSteps: 20, failures: 'all' }],
      [philosophers(2), { budget: { runs: 2 }, failures: 'all' }],
      [philosophers(2), { strategy: 'random', budget: { runs: 500 }, failures: 'all' }],
      [philosophers(2), { strategy: { delays: 1 }, failures: 'all' }],
      [async (self) => void (await self.wait(Promise.resolve(1))), {}],
      [
        async (self) => {
          self.spawn(async function hanging(): Promise<void> {
            await new Promise(() => {});
          });
        },
        { shrinkRuns: 0, compareEvery: 0, budget: { runs: 3 } },
      ],
    ];
    for (const [n, [scenario, options]] of cases.entries()) {
      const found = await explore(scenario, options);
      expect(found.complete, `case ${n}: ${found.toString()}`).toBe(false);
    }
    expect((await explore(philosophers(2), { failures: 'all' })).complete).toBe(true);
  });

  test('SIM-98: a body that reads the time of the host goes differently', async () => {
    let calls = 0;
    const scenario: Scenario<Any> = function* scenario(self) {
      if (calls++ % 2 === 1) self.spawn(sending, self.pid, { tag: 'a' });
      self.spawn(sending, self.pid, { tag: 'b' });
    };
    const { verdict } = await explore(scenario, { strategy: 'random', compareEvery: 1 });
    expect(verdict.kind).toBe('nondeterminism');
  });

  test('SIM-99: time and chance of the host are virtual in actors, and the host’s outside', async () => {
    const before = Date.now();
    let [wall, since, rung] = [0, '', 0];
    const scenario: Scenario<Any> = function* scenario(self) {
      setTimeout(() => {
        rung = performance.now();
      }, 50);
      yield* self.sleep(100);
      wall = Date.now();
      since = new Date().toISOString();
    };
    await check(scenario);
    expect([wall, since, rung]).toEqual([100, '1970-01-01T00:00:00.100Z', 50]);
    expect(Date.now()).toBeGreaterThanOrEqual(before);
    const forbidden = await explore(scenario, { globals: 'forbidden' });
    expect(forbidden.verdict.kind).toBe('failed');
  });
});

describe('several systems', () => {
  test('SIM-100: a connection is in order, each once, or lost: the prefixes of three messages', async () => {
    const seen = new Set<string>();
    const scenario: Scenario<Any> = function* scenario(self, { systems, eventually }) {
      const got: unknown[] = [];
      systems['far']?.register(
        'taker',
        systems['far'].spawn(function* taker(its: Self<Any>): Actor {
          for (;;) got.push((yield* its.receive('m'))['n']);
        }) as Pid<never>,
      );
      eventually('noted', () => seen.add(got.join('')) !== undefined);
      for (const n of [1, 2, 3]) {
        self.send(name<Any>('taker', 'far'), { tag: 'm', n });
        yield* self.yield();
      }
    };
    const faults = [cut(['main', 'far'])];
    const found = await explore(scenario, { systems: ['far'], faults, strategy: 'every' });
    expect(found.verdict.kind).toBe('passed');
    expect([...seen].sort()).toEqual(['', '1', '12', '123']);
  });

  test('SIM-104: a monitor across hears of the loss, once', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { systems, eventually }) {
      const downs: unknown[] = [];
      systems['far']?.register(
        'it',
        systems['far'].spawn(function* it(its: Self<Any>): Actor {
          yield* its.receive('never');
        }) as Pid<never>,
      );
      self.spawn(function* watcher(its: Self<Any>): Actor {
        its.monitor(name<never>('it', 'far'));
        for (;;) downs.push((yield* its.receive('DOWN')).reason);
      });
      eventually(
        'one at most, noconnection',
        () => downs.length <= 1 && downs.every((reason) => reason === 'noconnection'),
      );
    };
    const options = { systems: ['far'], faults: [cut(['main', 'far'])] };
    expect((await explore(scenario, { ...NAIVE, ...options })).verdict.kind).toBe('passed');
  });
});
