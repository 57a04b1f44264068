/** When a thread waits for a moment for what comes next, and when it leaves that to the event loop. */

import { setImmediate as nextRound } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Bell, ring, SpinWait, sharedNumber } from '../../packages/threads/src/spin-wait.ts';

interface Scene {
  readonly spinWait: SpinWait;
  readonly bell: Bell;
  /** What has arrived, but was not taken. */
  readonly arrived: string[];
  readonly taken: string[];
  isIdle: boolean;
  /** Done at each look at the clock, each of which takes 10 µs. */
  atLook: () => void;
  looks: number;
}

function scene(): Scene {
  const bell = sharedNumber();
  const now = (): number => {
    made.atLook();
    return 0.01 * made.looks++;
  };
  const made: Scene = {
    spinWait: new SpinWait(bell, () => made.isIdle, now),
    bell,
    arrived: [],
    taken: [],
    isIdle: true,
    atLook() {},
    looks: 0,
  };
  made.spinWait.add({
    takeArrived() {
      const some = made.arrived.splice(0);
      made.taken.push(...some);
      return some.length > 0;
    },
  });
  return made;
}

test('what arrives soon after something else is taken without a turn of the event loop', async () => {
  const it = scene();
  it.atLook = () => {
    if (it.looks !== 3) return;
    it.arrived.push('answer');
    ring(it.bell);
  };
  it.spinWait.heard();
  await nextRound();
  expect(it.taken).toEqual(['answer']);
});

test('what was posted before the watch began is taken, too', async () => {
  const it = scene();
  it.spinWait.heard();
  it.arrived.push('early');
  ring(it.bell);
  await nextRound();
  expect(it.taken).toEqual(['early']);
});

test('a bell for what the event loop has taken already is no arrival', async () => {
  const it = scene();
  ring(it.bell);
  it.spinWait.heard();
  await nextRound();
  expect(it.taken).toEqual([]);
  // It has watched to the end.
  expect(it.looks).toBeGreaterThan(5);
});

test('it watches on after each arrival, with a turn of the event loop in between', async () => {
  const it = scene();
  it.atLook = () => {
    it.arrived.push('one');
    ring(it.bell);
  };
  it.spinWait.heard();
  await nextRound();
  const first = it.taken.length;
  await nextRound();
  expect(first).toBeGreaterThan(0);
  expect(it.taken.length).toBeGreaterThan(first);
});

test('a system that has something to do comes first', async () => {
  const it = scene();
  it.isIdle = false;
  it.spinWait.heard();
  await nextRound();
  expect(it.looks).toBe(0);
  it.isIdle = true;
  await nextRound();
  expect(it.looks).toBeGreaterThan(0);
});

test('a watch in vain is not repeated at the next arrivals: two, then four, then eight of them', async () => {
  const it = scene();
  const watches: number[] = [];
  for (let arrival = 0; arrival < 18; arrival++) {
    const before = it.looks;
    it.spinWait.heard();
    await nextRound();
    if (it.looks > before) watches.push(arrival);
  }
  expect(watches).toEqual([0, 3, 8, 17]);
});

test('one that was not in vain makes it watch at each arrival again', async () => {
  const it = scene();
  for (let arrival = 0; arrival < 4; arrival++) {
    it.spinWait.heard();
    await nextRound();
  }
  for (let arrival = 4; arrival < 9; arrival++) {
    if (arrival === 8) {
      it.arrived.push('answer');
      ring(it.bell);
    }
    it.spinWait.heard();
    await nextRound();
  }
  expect(it.taken).toEqual(['answer']);
  // The watch that follows is in vain, and counts as the first of these.
  await nextRound();
  const before = it.looks;
  for (let arrival = 0; arrival < 3; arrival++) {
    it.spinWait.heard();
    await nextRound();
  }
  expect(it.looks).toBeGreaterThan(before);
});

test('what has been closed is not looked at any more', async () => {
  const it = scene();
  const closed = {
    takeArrived(): boolean {
      throw new Error('It is closed');
    },
  };
  it.spinWait.add(closed);
  it.spinWait.delete(closed);
  it.arrived.push('answer');
  ring(it.bell);
  it.spinWait.heard();
  await nextRound();
  expect(it.taken).toEqual(['answer']);
});

test('a clock that stands still, as that of a test may, does not hold it up for ever', async () => {
  let looks = 0;
  const spinWait = new SpinWait(
    sharedNumber(),
    () => true,
    () => {
      looks++;
      return 0;
    },
  );
  spinWait.heard();
  await nextRound();
  // It has watched, and has given up.
  expect(looks).toBeGreaterThan(1000);
  expect(looks).toBeLessThan(1_000_000);
});
