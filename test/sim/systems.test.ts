/** Several systems: what is between them arrives in order or not at all, and whole systems can be gone or stand still. */

import { check, crash, cut, explore, kill, restart, type Scenario, stall } from '@beamish/sim';
import { type Actor, name, type Pid, type Self } from 'beamish';
import { describe, expect, test, vi } from 'vitest';
import { compared, type Note } from './support/outcomes.ts';
import type { Any } from './support/scenes.ts';

// Time decides nothing here, and a busy machine takes long.
vi.setConfig({ testTimeout: 200_000 });

const ANY = { speed: 'any' } as const;
const FAR = { systems: ['far'] } as const;

describe('SIM-101: A sends to C, and then to B, which sends to C', () => {
  const triangle =
    (b: string, c: string) =>
    (note: Note): Scenario<Any> =>
      function* a(self, { systems }) {
        const [ofB, ofC] = [systems[b], systems[c]];
        const third = ofC?.spawn(function* third(its: Self<Any>): Actor {
          for (;;) note('c', (yield* its.receive('m'))['by']);
        });
        ofC?.register('c', third as Pid<never>);
        const second = ofB?.spawn(function* second(its: Self<Any>): Actor {
          yield* its.receive('m');
          its.send(name<Any>('c', c), { tag: 'm', by: 'b' });
        });
        ofB?.register('b', second as Pid<never>);
        self.send(name<Any>('c', c), { tag: 'm', by: 'a' });
        yield* self.yield();
        self.send(name<Any>('b', b), { tag: 'm', by: 'a' });
      };

  test('SIM-101: in three systems, the second message may come first', async () => {
    const { outcomes } = await compared(triangle('second', 'third'), {
      systems: ['second', 'third'],
    });
    expect(outcomes).toEqual(['c: a, b', 'c: b, a']);
  });

  test.each([
    ['main', 'main'],
    ['main', 'far'],
    ['far', 'main'],
    ['far', 'far'],
  ])('SIM-101: in one system or two, it does not: B in %s, C in %s', async (b, c) => {
    const { outcomes } = await compared(triangle(b, c), FAR);
    expect(outcomes).toEqual(['c: a, b']);
  });
});

test('SIM-102: what is sent in one step arrives together; of two steps, it may not', async () => {
  const polled =
    (isApart: boolean) =>
    (note: Note): Scenario<Any> =>
      function* scenario(self, { systems }) {
        const far = systems['far'];
        const taker = far?.spawn(function* taker(its: Self<Any>): Actor {
          yield* its.receive('go');
          for (let i = 0; i < 2; i++) note('taker', (yield* its.receive('m').after(0))?.['n']);
        });
        far?.register('taker', taker as Pid<never>);
        const T = name<Any>('taker', 'far');
        self.send(T, { tag: 'm', n: 1 });
        if (isApart) yield* self.yield();
        self.send(T, { tag: 'm', n: 2 });
        if (taker !== undefined) far?.send(taker as Pid<Any>, { tag: 'go' });
      };
  const together = ['taker: 1, 2', 'taker: undefined, 1', 'taker: undefined, undefined'];
  expect((await compared(polled(false), FAR)).outcomes).toEqual(together);
  expect((await compared(polled(true), FAR)).outcomes).toEqual(
    [...together, 'taker: 1, undefined'].sort(),
  );
});

test('SIM-103: whatever happens, what arrived is a prefix of what was sent, for each pair', async () => {
  const SYSTEMS = ['main', 'far', 'off'];
  let sent = new Map<string, number>();
  let arrived = new Map<string, unknown[]>();
  const scenario: Scenario<Any> = function* scenario(self, { systems }) {
    sent = new Map();
    arrived = new Map();
    for (const here of SYSTEMS) {
      const where = here === 'main' ? self : systems[here];
      const taker = where?.spawn(function* taker(its: Self<Any>): Actor {
        for (;;) {
          const { pair, n } = yield* its.receive('m');
          const known = arrived.get(pair as string) ?? [];
          arrived.set(pair as string, [...known, n]);
        }
      });
      systems[here]?.register('taker', taker as Pid<never>);
      where?.spawn(function* sender(its: Self<Any>): Actor {
        for (let n = 0; n < 3; n++)
          for (const there of SYSTEMS) {
            const pair = `${here} ${there}`;
            its.send(name<Any>('taker', there), { tag: 'm', pair, n });
            sent.set(pair, n + 1);
            yield* its.yield();
          }
      });
    }
  };
  const faults = [
    cut(['main', 'far']),
    restart('off'),
    stall('far', { ms: 5 }),
    kill('sender*'),
    crash('taker*'),
  ];
  let [asked, lost] = [0, 0];
  const claiming: Scenario<Any> = (self, sim) => {
    sim.eventually('of each pair, what arrived is a prefix of what was sent', () => {
      asked++;
      for (const [pair, count] of sent) lost += count - (arrived.get(pair)?.length ?? 0);
      return [...arrived].every(
        ([pair, numbers]) =>
          numbers.every((number, n) => number === n) && numbers.length <= (sent.get(pair) ?? 0),
      );
    });
    return scenario(self, sim);
  };
  await check(claiming, {
    systems: ['far', 'off'],
    faults,
    mayCrash: ['*'],
    strategy: 'random',
    budget: { runs: 1000 },
    compareEvery: 0,
  });
  expect(asked).toBe(1000);
  expect(lost).toBeGreaterThan(1000);
}, 120_000);

describe('restart', () => {
  const T = name<Any>('taker', 'far');
  const watched = (note: Note): Scenario<Any> =>
    function* scenario(self, { systems }) {
      const far = systems['far'];
      const taker = far?.spawn(function* taker(its: Self<Any>): Actor {
        for (;;) {
          const { by, n } = yield* its.receive('m');
          note('taker', n);
          its.send(by as Pid<Any>, { tag: 'got' });
        }
      });
      far?.register('taker', taker as Pid<never>);
      self.spawn(function* asker(its: Self<Any>): Actor {
        its.monitor(T);
        for (const n of [1, 2]) {
          its.send(T, { tag: 'm', n, by: its.pid });
          const heard = (yield* its.receive('got', 'DOWN')) as Any;
          note('asker', heard['reason'] ?? heard.tag);
        }
      });
    };

  test('ends all its actors, wherever it comes: who watched hears it once, and a name is nobody’s', async () => {
    const faults = [restart('far')];
    const { outcomes } = await compared(watched, { ...FAR, faults });
    expect(outcomes).toEqual([
      'asker: got, got; taker: 1, 2',
      'asker: got, noconnection; taker: 1',
      'asker: got, noconnection; taker: 1, 2',
      'asker: noconnection',
      'asker: noconnection; taker: 1',
      'asker: noproc',
    ]);
  });

  test('another one of its name is there, and reached', async () => {
    const seen = new Set<string>();
    const scenario: Scenario<Any> = function* scenario(self, { systems, sometimes }) {
      const before = systems['far'];
      sometimes('there is another one', () => systems['far'] !== before);
      yield* self.sleep(1);
      const now = systems['far'];
      const there = now?.spawn(function* there(its: Self<Any>): Actor {
        const { by } = yield* its.receive('hello');
        its.send(by as Pid<Any>, { tag: 'hello' });
      });
      now?.register('there', there as Pid<never>);
      self.send(name<Any>('there', 'far'), { tag: 'hello', by: self.pid });
      const answer = yield* self.receive('hello').after(10);
      seen.add(`${now === before ? 'the first' : 'another'}: ${answer?.tag}`);
    };
    const found = await explore(scenario, { ...FAR, strategy: 'every', faults: [restart('far')] });
    expect(found).toMatchObject({ complete: true, verdict: { kind: 'passed' } });
    expect([...seen].sort()).toEqual([
      'another: hello',
      'the first: hello',
      'the first: undefined',
    ]);
  });

  test('of the system in which the scenario is, or of one that is not there, is refused', async () => {
    const scenario: Scenario<Any> = function* scenario() {};
    await expect(explore(scenario, { faults: [restart('main')] })).rejects.toThrow(
      'Cannot restart "main": the scenario is in it',
    );
    for (const fault of [restart('away'), stall('away', { ms: 1 }), cut(['main', 'away'])])
      await expect(explore(scenario, { ...FAR, faults: [fault] })).rejects.toThrow(
        `Cannot ${fault.kind} the system "away": the systems of the run are main, far`,
      );
  });
});

describe('stall', () => {
  const patient = (note: Note): Scenario<Any> =>
    function* scenario(self, { systems, now }) {
      const far = systems['far'];
      const taker = far?.spawn(function* taker(its: Self<Any>): Actor {
        yield* its.sleep(10);
        const { by } = yield* its.receive('m');
        note('taker', now());
        its.send(by as Pid<Any>, { tag: 'got' });
      });
      far?.register('taker', taker as Pid<never>);
      self.spawn(function* asker(its: Self<Any>): Actor {
        its.send(name<Any>('taker', 'far'), { tag: 'm', by: its.pid });
        const got = yield* its.receive('got').after(50);
        note('asker', got === undefined ? 'nothing' : `got at ${now()}`);
      });
    };

  test('a system that stands still is late, and loses nothing', async () => {
    const faults = [stall('far', { ms: 20 })];
    const { outcomes } = await compared(patient, { ...FAR, faults });
    expect(outcomes).toEqual([
      'asker: got at 10; taker: 10',
      'asker: got at 20; taker: 20',
      'asker: got at 30; taker: 30',
    ]);
  });

  test('for longer than somebody waits for it, it is too late', async () => {
    const faults = [stall('far', { ms: 60 })];
    const { outcomes } = await compared(patient, { ...FAR, faults });
    expect(outcomes).toEqual([
      'asker: got at 10; taker: 10',
      'asker: nothing; taker: 60',
      'asker: nothing; taker: 70',
    ]);
  });

  test('at any speed, all interleavings come to the same as those that differ', async () => {
    const faults = [stall('far', { ms: 20 })];
    const { runs, outcomes } = await compared(patient, { ...ANY, ...FAR, faults });
    expect(outcomes).toHaveLength(27);
    expect(Math.max(...runs.slice(1))).toBeLessThanOrEqual(300);
  });
});
