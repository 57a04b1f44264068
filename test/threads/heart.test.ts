/** When a thread is taken for stalled: on a clock of the test's, as the looks are counted and not the time. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Heart } from '../../packages/threads/src/heart.ts';
import { BEATS, VITALS } from '../../packages/threads/src/worker-protocol.ts';

const DAY = 86_400_000;

let vitals: Int32Array<SharedArrayBuffer>;
let stalls: number[];
let heart: Heart;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  vitals = new Int32Array(new SharedArrayBuffer(4 * VITALS));
  stalls = [];
  heart = new Heart(vitals, (ms) => stalls.push(ms));
});

afterEach(() => {
  heart.rest();
  vi.useRealTimers();
});

function beat(): void {
  Atomics.add(vitals, BEATS, 1);
}

test('a heart that beats is not stalled, and one that has stopped is, once', () => {
  heart.watch(2000);
  for (let i = 0; i < 10; i++) {
    beat();
    vi.advanceTimersByTime(1900);
  }
  expect(stalls).toEqual([]);
  vi.advanceTimersByTime(60_000);
  expect(stalls).toEqual([2000]);
});

test('a thread that has not begun may load as long as it needs, until it is to hurry', () => {
  heart.watch(2000);
  vi.advanceTimersByTime(DAY);
  expect(stalls).toEqual([]);
  heart.hurry(5000);
  vi.advanceTimersByTime(DAY);
  // The shorter time is the one that counts.
  expect(stalls).toEqual([2000]);
});

test('a heart that nobody watched is watched from when it is to hurry', () => {
  heart.watch(Number.POSITIVE_INFINITY);
  beat();
  vi.advanceTimersByTime(DAY);
  expect(stalls).toEqual([]);
  heart.hurry(5000);
  vi.advanceTimersByTime(4900);
  expect(stalls).toEqual([]);
  vi.advanceTimersByTime(2000);
  expect(stalls).toEqual([5000]);
});

test('a time that is longer than timers can be is kept all the same', () => {
  heart.watch(200 * DAY);
  beat();
  vi.advanceTimersByTime(DAY);
  expect(stalls).toEqual([]);
  vi.advanceTimersByTime(200 * DAY);
  expect(stalls).toEqual([200 * DAY]);
});
