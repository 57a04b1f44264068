/**
 * Who runs next, and when the event loop has its turn. The run queue is drained in slices, between
 * which timers, sockets and signals of the host are served, however busy the actors are.
 */

import { fireTimers } from '../signals/timers.ts';
import type { ActorCell, Home } from '../state/actor-cell.ts';
import type { RunQueue } from '../state/run-queue.ts';
import { beginTurn } from './allowance.ts';
import { step } from './step.ts';

/** Longest slice. A turn of Node's event loop costs about 1 µs, so this wastes less than a thousandth. */
const SLICE_MS = 2;
/** The clock is looked at after 1, 2, 4 … turns, and then after each so many. */
const TURNS_BETWEEN_LOOKS = 32;
/** While actors wait for promises, a timer this far off keeps the program alive. */
const FAR_OFF_MS = 2 ** 31 - 1;

export function startScheduler(home: Home): void {
  /** When the host's alarm will ring; undefined when none is set. */
  let alarmAt: number | undefined;

  home.wake = () => {
    home.awake = true;
    home.clock.soon(slice);
  };

  home.slice = () => {
    home.awake = true;
    slice();
  };

  function slice(): void {
    const now = home.clock.now();
    home.lookedAt = now;
    fireTimers(home, now);
    try {
      drain(home, now);
    } finally {
      home.abroad?.flush();
      if (home.ready.length > 0) {
        home.clock.soon(slice);
      } else {
        home.awake = false;
        setAlarm();
      }
    }
  }

  function ring(): void {
    alarmAt = undefined;
    if (!home.awake) home.wake();
  }

  function setAlarm(): void {
    const now = home.clock.now();
    home.timers.settle(now);
    let next = home.timers.nextLook();
    if (next === Number.POSITIVE_INFINITY && home.holds > 0)
      next = alarmAt !== undefined && alarmAt > now + FAR_OFF_MS / 2 ? alarmAt : now + FAR_OFF_MS;
    if (next === Number.POSITIVE_INFINITY) {
      if (alarmAt !== undefined) home.clock.silence();
      alarmAt = undefined;
    } else if (next !== alarmAt) {
      alarmAt = next;
      home.clock.alarm(next - now, ring);
    }
  }
}

function drain(home: Home, began: number): void {
  const { ready, clock } = home;
  const { choose } = home.decisions;
  let turns = 0;
  let nextLook = 1;
  for (;;) {
    const cell = choose === undefined ? ready.shift() : chosen(ready, choose);
    if (cell === undefined) return;
    beginTurn(home);
    step(cell);
    if (home.tapTurned !== undefined) home.tapTurned(cell.pid);
    if (++turns === nextLook && ready.length > 0) {
      const now = clock.now();
      home.lookedAt = now;
      home.timers.settle(now);
      if (now - began > SLICE_MS) return;
      nextLook += nextLook < TURNS_BETWEEN_LOOKS ? nextLook : TURNS_BETWEEN_LOOKS;
    }
  }
}

function chosen(
  ready: RunQueue<ActorCell>,
  choose: (count: number) => number,
): ActorCell | undefined {
  return ready.length < 2 ? ready.shift() : ready.take(choose(ready.length));
}
