/** Starts 100,000 timers of one delay, and cancels them all; again and again. */

import { equal } from 'node:assert/strict';
import type { Actor, Message, Ref, Self } from 'beamish';
import { parts, perSecond, type Workload } from '../workload.ts';

const STANDING = 100_000;

interface Ring extends Message {
  readonly tag: 'ring';
}

/** `delayOf` says after how many milliseconds the i-th is due: long after it is cancelled. */
export function* standing(
  self: Self<Ring>,
  n: number,
  delayOf: (i: number) => number,
): Actor<number> {
  const began = performance.now();
  for (const size of parts(n, STANDING)) {
    const timers: Ref[] = [];
    for (let i = 0; i < size; i++)
      timers.push(self.sendAfter(delayOf(i), self.pid, { tag: 'ring' }));
    // They get their places before they are taken back.
    yield* self.yield();
    for (const timer of timers) {
      const left = self.cancelTimer(timer);
      if (left === false) equal(left, 'some time');
    }
  }
  return perSecond(n, began);
}

export const workload: Workload = {
  name: 'timers-standing',
  unit: 'timers/s',
  about: '100,000 of one delay started, then all cancelled',
  n: 2_000_000,
  warmUp: 1_000_000,
  run: (system, n) => system.run(standing, n, () => 60_000),
  rivals: [{ erlang: 'timers_standing', atLeast: 2.5, n: 1_000_000 }],
};
