import { ActorSystem } from 'beamish';
import { describe, expect, test } from 'vitest';
import type { Party } from '../../../packages/observer/src/station/party.ts';
import { DEAD, Ring } from '../../../packages/observer/src/station/ring.ts';

/** Records are kept in 32 bits, and lists of them go by what is kept. */
describe.each([0, 2 ** 31, 2 ** 32 + 2, 3 * 2 ** 31])('around message number %d', (middle) => {
  const first = { tag: 'first' };
  const second = { tag: 'second' };
  const third = { tag: 'third' };

  /** With three messages that wait for an actor, the last of which are beyond the number. */
  function waiting(size: number): { readonly ring: Ring; readonly to: Party; readonly n: number } {
    const system = new ActorSystem();
    const ring = new Ring(system.name, size);
    ring.count = Math.max(0, middle - 2);
    const n = ring.count + 1;
    const to = ring.partyOf(system.root);
    ring.enter(to);
    for (const message of [first, second, third]) {
      ring.add(to, to, ring.what(message.tag, 0), 1);
      ring.wait(to, message);
    }
    return { ring, to, n };
  }

  test('what is taken in order has its number, and is found by it', () => {
    const { ring, to, n } = waiting(8);
    expect([first, second, third].map((it) => ring.take(to, it, 2))).toEqual([n, n + 1, n + 2]);
    for (const number of [n, n + 1, n + 2]) {
      expect(ring.has(number)).toBe(true);
      expect(ring.at(number)).toMatchObject({ taken: 2, done: 2, fate: 1 });
    }
  });

  test('what is taken out of order leaves the others in theirs', () => {
    const { ring, to, n } = waiting(8);
    expect(ring.take(to, third, 2)).toBe(n + 2);
    const fourth = { tag: 'fourth' };
    ring.add(to, to, ring.what('fourth', 0), 3);
    ring.wait(to, fourth);
    expect([second, first, fourth].map((it) => ring.take(to, it, 4))).toEqual([n + 1, n, n + 3]);
    expect(ring.take(to, first, 5)).toBe(0);
  });

  test('what is caused by a message, and what is lost, is told by its number', () => {
    const { ring, to, n } = waiting(8);
    ring.lose(n + 2, DEAD);
    expect(ring.at(n + 2)).toMatchObject({ fate: DEAD, taken: 0 });
    to.handling = ring.take(to, first, 2);
    ring.add(to, to, ring.what('answer', 0), 3);
    expect(ring.at(n + 3).cause).toBe(n);
    expect([ring.take(to, third, 4), ring.take(to, second, 4)]).toEqual([0, n + 1]);
  });

  test('what is written over waits no more', () => {
    const { ring, to, n } = waiting(4);
    for (let i = 0; i < 4; i++) {
      ring.add(to, to, ring.what('more', 0), 3);
      ring.wait(to, { tag: 'more' });
    }
    expect([n, n + 2, n + 3, n + 6].map((it) => ring.has(it))).toEqual([false, false, true, true]);
    expect([first, second, third].map((it) => ring.take(to, it, 4))).toEqual([0, 0, 0]);
  });
});
