import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  NOWHERE,
  TimerWheel,
  type WheelNode,
} from '../../../packages/beamish/src/state/timer-wheel.ts';
import { property } from '../../support/property.ts';

class Timer implements WheelNode {
  place = NOWHERE;
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }
}

function takeAll(wheel: TimerWheel<Timer>, now: number): number[] {
  const ids: number[] = [];
  for (let timer = wheel.takeDue(now); timer !== undefined; timer = wheel.takeDue(now))
    ids.push(timer.id);
  return ids;
}

/** Looks whenever the wheel says so, as the scheduler does, and says when each came out. */
function runUntil(wheel: TimerWheel<Timer>, end: number): (readonly [id: number, at: number])[] {
  const out: (readonly [number, number])[] = [];
  for (let now = wheel.nextLook(); now <= end; now = wheel.nextLook())
    for (const id of takeAll(wheel, now)) out.push([id, now]);
  return out;
}

test('who waits long is looked at once for each level on the way, not at each round of the lowest', () => {
  const wheel = new TimerWheel<Timer>(0);
  wheel.add(new Timer(1), 60_000);
  let looks = 0;
  for (let now = wheel.nextLook(); now < 60_000; now = wheel.nextLook()) {
    expect(takeAll(wheel, now)).toEqual([]);
    looks++;
  }
  expect(looks).toBeLessThanOrEqual(5);
  expect(runUntil(wheel, 60_000)).toEqual([[1, 60_000]]);
});

property(
  'what is started, paused, started again and removed before it has a time comes out as from a list',
  fc.asyncProperty(
    fc.array(
      fc.tuple(
        fc.constantFrom('start', 'start', 'again', 'again', 'pause', 'remove', 'settle'),
        fc.nat(5),
        fc.integer({ min: 1, max: 2 }),
      ),
      { maxLength: 60 },
    ),
    async (steps) => {
      const wheel = new TimerWheel<Timer>(0);
      const timers = [0, 1, 2, 3, 4, 5].map((id) => new Timer(id));
      let fresh: { readonly id: number; readonly ms: number }[] = [];
      let placed: { readonly id: number; readonly due: number }[] = [];
      let now = 0;
      const settle = () => {
        wheel.settle(now);
        placed.push(...fresh.map(({ id, ms }) => ({ id, due: now + ms })));
        fresh = [];
      };
      for (const [step, id, ms] of steps) {
        const timer = timers[id] as Timer;
        const isPending = [...fresh, ...placed].some((its) => its.id === id);
        expect([wheel.isPending(timer), wheel.length]).toEqual([
          isPending,
          fresh.length + placed.length,
        ]);
        if (step === 'start' && !isPending) {
          wheel.addFresh(timer, ms);
          fresh.push({ id, ms });
        } else if (step === 'settle') {
          settle();
          now++;
        } else if (step !== 'start') {
          if (step === 'remove') expect(wheel.remove(timer)).toBe(isPending);
          else wheel.pause(timer);
          fresh = fresh.filter((its) => its.id !== id);
          placed = placed.filter((its) => its.id !== id);
          if (step !== 'again') continue;
          wheel.addFresh(timer, ms);
          fresh.push({ id, ms });
        }
      }
      settle();
      const inOrder = placed.toSorted((a, b) => a.due - b.due).map(({ id }) => id);
      expect(takeAll(wheel, now + 10)).toEqual(inOrder);
    },
  ),
);

/** The ends of the rounds of the levels, where timers are dealt out, and what is beyond. */
const EDGES = [1, 255, 256, 257, 16_384, 1_048_576, 67_108_864, 2 ** 31, 2 ** 32, 6e9];

property(
  'soonest tells all of the first millisecond that has any, in the order in which they were started',
  fc.asyncProperty(
    fc.array(fc.tuple(fc.nat(3), fc.constantFrom(0, 3, 300, 20_000, 2e6, 1e8, 6e9)), {
      maxLength: 30,
    }),
    async (starts) => {
      const wheel = new TimerWheel<Timer>(0);
      const model = starts.map(([more, at], id) => ({ timer: new Timer(id), at: at + more }));
      for (const { timer, at } of model) wheel.add(timer, at);
      while (model.length > 0) {
        const first = Math.min(...model.map(({ at }) => at));
        const due = model.filter(({ at }) => at === first);
        expect(wheel.soonest().map(({ id }) => id)).toEqual(due.map(({ timer }) => timer.id));
        // The last one leaves first, as a simulator may have it.
        const last = due.at(-1);
        if (last === undefined) return;
        wheel.remove(last.timer);
        model.splice(model.indexOf(last), 1);
      }
      expect(wheel.soonest()).toEqual([]);
    },
  ),
);

describe('TimerWheel', () => {
  test('an empty one has nothing due and need not be looked at', () => {
    const wheel = new TimerWheel<Timer>(0);
    expect(wheel.takeDue(1e12)).toBeUndefined();
    expect(wheel.nextLook()).toBe(Number.POSITIVE_INFINITY);
    expect(wheel.length).toBe(0);
  });

  test.each(EDGES)('a timer of %d ms comes out in its millisecond, not before', (ms) => {
    for (const start of [0, 0.7, 200, 12_345.6, 4_294_967_200]) {
      const wheel = new TimerWheel<Timer>(start);
      wheel.add(new Timer(1), start + ms);
      expect(takeAll(wheel, start + ms - 1)).toEqual([]);
      expect(wheel.nextLook()).toBeLessThanOrEqual(Math.ceil(start + ms));
      expect(takeAll(wheel, Math.ceil(start + ms))).toEqual([1]);
      expect(wheel.length).toBe(0);
    }
  });

  test('a timer of a fraction of a millisecond is never early', () => {
    const wheel = new TimerWheel<Timer>(0);
    wheel.add(new Timer(1), 5.2);
    expect(takeAll(wheel, 5.9)).toEqual([]);
    expect(takeAll(wheel, 6)).toEqual([1]);
  });

  test('what is due already comes out at once', () => {
    const wheel = new TimerWheel<Timer>(1000);
    wheel.add(new Timer(1), 1000);
    expect(takeAll(wheel, 1000)).toEqual([1]);
    wheel.add(new Timer(2), 3);
    expect(wheel.nextLook()).toBeLessThanOrEqual(1000);
    expect(takeAll(wheel, 1000)).toEqual([2]);
  });

  test.each(EDGES)('timers of one millisecond, %d ms off, come out as they were added', (at) => {
    const wheel = new TimerWheel<Timer>(0);
    let id = 0;
    wheel.add(new Timer(++id), at);
    // Later ones find the wheel further on, and so begin at lower levels.
    for (const part of [0.1, 0.5, 0.75, 0.99, 0.999_999]) {
      expect(takeAll(wheel, Math.floor(at * part))).toEqual([]);
      wheel.add(new Timer(++id), at);
    }
    expect(takeAll(wheel, at)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('remove takes one out, once; the others stay in order', () => {
    const wheel = new TimerWheel<Timer>(0);
    const timers = [1, 2, 3, 4].map((id) => new Timer(id));
    for (const timer of timers) wheel.add(timer, 10);
    expect(wheel.remove(timers[1] as Timer)).toBe(true);
    expect(wheel.remove(timers[1] as Timer)).toBe(false);
    expect(wheel.remove(timers[3] as Timer)).toBe(true);
    wheel.add(timers[1] as Timer, 10);
    expect(wheel.length).toBe(3);
    expect(takeAll(wheel, 10)).toEqual([1, 3, 2]);
    expect(wheel.remove(timers[0] as Timer)).toBe(false);
  });

  test('who looks when it says so misses nothing, and looks seldom', () => {
    const wheel = new TimerWheel<Timer>(0);
    for (const [id, at] of EDGES.entries()) wheel.add(new Timer(id), at);
    expect(runUntil(wheel, 6e9)).toEqual([...EDGES.entries()]);
    wheel.add(new Timer(1), 12e9);
    let looks = 0;
    for (; wheel.length > 0; looks++) wheel.takeDue(wheel.nextLook());
    expect(looks).toBeLessThan(500);
  });

  test('one that is paused does not come out, and starts again where it was kept', () => {
    const wheel = new TimerWheel<Timer>(0);
    const [kept, other] = [new Timer(1), new Timer(2)];
    wheel.addFresh(kept, 5);
    const { place } = kept;
    wheel.settle(0);
    wheel.pause(kept);
    wheel.pause(kept);
    expect([wheel.isPending(kept), wheel.length, wheel.nextLook()]).toEqual([
      false,
      0,
      Number.POSITIVE_INFINITY,
    ]);
    wheel.add(other, 7);
    wheel.addFresh(kept, 9);
    expect([kept.place, wheel.isPending(kept), wheel.length]).toEqual([place, true, 2]);
    wheel.settle(0);
    expect(takeAll(wheel, 10)).toEqual([2, 1]);
    expect(wheel.isPending(kept)).toBe(false);
    wheel.addFresh(kept, 1);
    wheel.pause(kept);
    expect(wheel.remove(kept)).toBe(false);
    expect([kept.place, wheel.length]).toEqual([NOWHERE, 0]);
  });

  test('those that are paused before they have a time, and removed, leave their places to others', () => {
    const wheel = new TimerWheel<Timer>(0);
    const [stays, paused, also, ...later] = [1, 2, 3, 4, 5].map((id) => new Timer(id)) as [
      Timer,
      Timer,
      Timer,
      ...Timer[],
    ];
    for (const timer of [stays, paused, also]) wheel.addFresh(timer, 1);
    for (const timer of [paused, also]) wheel.pause(timer);
    for (const timer of [paused, also]) expect(wheel.remove(timer)).toBe(false);
    for (const timer of later) wheel.addFresh(timer, 1);
    wheel.settle(0);
    expect(runUntil(wheel, 10)).toEqual([
      [1, 1],
      [4, 1],
      [5, 1],
    ]);
  });

  test('tells what an owner has in it, in the order in which it became the owner', () => {
    const wheel = new TimerWheel<Timer>(0);
    const timers = [1, 2, 3, 4, 5].map((id) => new Timer(id));
    const idsOf = (ring: number): number[] => wheel.ownedIn(ring).map(({ id }) => id);
    expect(idsOf(NOWHERE)).toEqual([]);
    let [mine, its] = [NOWHERE, NOWHERE];
    for (const timer of timers) {
      wheel.addFresh(timer, 10 - timer.id);
      if (timer.id < 4) mine = wheel.own(timer, mine);
      else its = wheel.own(timer, its);
    }
    expect([idsOf(mine), idsOf(its)]).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    wheel.settle(0);
    wheel.remove(timers[1] as Timer);
    expect(takeAll(wheel, 5)).toEqual([5]);
    expect([idsOf(mine), idsOf(its)]).toEqual([[1, 3], [4]]);
    wheel.remove(timers[3] as Timer);
    wheel.endRing(its);
    wheel.add(timers[4] as Timer, 7);
    mine = wheel.own(timers[4] as Timer, mine);
    expect(idsOf(mine)).toEqual([1, 3, 5]);
    expect(takeAll(wheel, 9)).toEqual([3, 5, 1]);
    expect(idsOf(mine)).toEqual([]);
  });

  /** Times from 0 to 6e9 ms, of every order of magnitude, near the edges, and often equal. */
  const ms = fc.oneof(
    fc.constantFrom(0, ...EDGES),
    fc.integer({ min: 0, max: 300 }),
    fc
      .double({ min: 0, max: Math.log(6e9), noNaN: true })
      .map((exponent) => Math.floor(Math.exp(exponent))),
    fc.double({ min: 0, max: 600, noNaN: true }),
  );
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), ms }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('add at a multiple' as const), ms }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), ms: fc.nat(50) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('look' as const), ms }) },
  );

  property(
    'gives what a sorted list gives, in the same order, and never asks to be looked at too late',
    fc.asyncProperty(ms, fc.array(action, { maxLength: 80 }), async (start, actions) => {
      const wheel = new TimerWheel<Timer>(start);
      let model: { readonly timer: Timer; readonly due: number }[] = [];
      let now = start;
      let ids = 0;
      const add = (at: number): void => {
        const timer = new Timer(++ids);
        wheel.add(timer, at);
        model.push({ timer, due: Math.ceil(at) });
      };
      for (const step of actions) {
        switch (step.do) {
          case 'add':
            add(now + step.ms);
            break;
          case 'add at a multiple':
            // So that timers of one millisecond are added at different times.
            add((Math.floor((now + step.ms) / 1e8) + 1) * 1e8);
            break;
          case 'remove': {
            const [gone] = model.splice(step.ms, 1);
            if (gone !== undefined) expect(wheel.remove(gone.timer)).toBe(true);
            break;
          }
          case 'look':
            now = Math.max(now, Math.min(wheel.nextLook(), now + step.ms));
            break;
          case 'advance':
            now += step.ms;
            break;
        }
        const due = model.filter((entry) => entry.due <= Math.floor(now));
        // Sorting is stable: equal times stay in the order in which they were added.
        due.sort((a, b) => a.due - b.due);
        if (step.do === 'look' || step.do === 'advance') {
          expect(takeAll(wheel, now)).toEqual(due.map(({ timer }) => timer.id));
          model = model.filter((entry) => !due.includes(entry));
        }
        expect(wheel.length).toBe(model.length);
        const next = Math.min(...model.map((entry) => entry.due));
        expect(wheel.nextLook()).toBeLessThanOrEqual(Math.max(next, Math.floor(now)));
      }
      const rest = [...model].sort((a, b) => a.due - b.due);
      expect(runUntil(wheel, 2e10).map(([id]) => id)).toEqual(rest.map(({ timer }) => timer.id));
    }),
  );
});
