/**
 * Who runs next, and when the event loop has its turn. The run queue is drained in slices, between
 * which timers, sockets and signals of the host are served, however busy the actors are.
 */

import type { Decisions } from '../seams/decisions.ts';
import { fireTimers } from '../signals/timers.ts';
import type { ActorCell } from '../state/actor-cell.ts';
import type { RunQueue } from '../state/run-queue.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { Pid } from '../terms/pid.ts';
import { step, takeTurn } from './step.ts';
import { beginTurn } from './turn-budget.ts';

/** Longest slice. A turn of Node's event loop costs about 1 µs, so this wastes less than a thousandth. */
const SLICE_MS = 2;
/** The clock is looked at after 1, 2, 4 … turns, and then after each so many. */
const TURNS_BETWEEN_LOOKS = 32;
/** While actors wait for promises, a timer this far off keeps the program alive. */
const FAR_OFF_MS = 2 ** 31 - 1;

export function startScheduler(system: SystemState): void {
  const scheduler = new Scheduler(system);
  system.wake = scheduler.wake;
  system.slice = scheduler.sliceNow;
}

/**
 * Its functions are bound, not closures: systems that are made by the thousand, as a simulator does, would
 * outlive by what closures hold until all memory is looked through.
 */
class Scheduler {
  readonly wake: () => void;
  readonly sliceNow: () => void;
  readonly #system: SystemState;
  readonly #slice: () => void;
  readonly #ring: () => void;
  /** When the host's alarm will ring; undefined when none is set. */
  #alarmAt: number | undefined = undefined;

  constructor(system: SystemState) {
    this.#system = system;
    this.wake = this.#wakeUp.bind(this);
    this.sliceNow = this.#sliceAtOnce.bind(this);
    this.#slice = this.#runSlice.bind(this);
    this.#ring = this.#rung.bind(this);
  }

  #wakeUp(): void {
    this.#system.awake = true;
    this.#system.clock.soon(this.#slice);
  }

  #sliceAtOnce(): void {
    this.#system.awake = true;
    this.#runSlice();
  }

  #runSlice(): void {
    const system = this.#system;
    const now = system.clock.now();
    system.lookedAt = now;
    system.hasThrown = false;
    try {
      fireTimers(system, now);
      drain(system, now);
    } finally {
      system.distribution?.flush();
      if (system.ready.length > 0) {
        if (system.hasThrown && system.clock.goOn !== undefined) system.clock.goOn(this.#slice);
        else system.clock.soon(this.#slice);
      } else {
        system.awake = false;
        this.#setAlarm();
      }
    }
  }

  #rung(): void {
    this.#alarmAt = undefined;
    if (!this.#system.awake) this.#system.wake();
  }

  #setAlarm(): void {
    const system = this.#system;
    const alarmAt = this.#alarmAt;
    const now = system.clock.now();
    system.timers.settle(now);
    let next = system.timers.nextLook();
    if (next === Number.POSITIVE_INFINITY && system.holds > 0)
      next = alarmAt !== undefined && alarmAt > now + FAR_OFF_MS / 2 ? alarmAt : now + FAR_OFF_MS;
    if (next === Number.POSITIVE_INFINITY) {
      if (alarmAt !== undefined) system.clock.silence();
      this.#alarmAt = undefined;
    } else if (next !== alarmAt) {
      this.#alarmAt = next;
      system.clock.alarm(next - now, this.#ring);
    }
  }
}

function drain(system: SystemState, began: number): void {
  const { ready, clock } = system;
  const { choose } = system.decisions;
  let turns = 0;
  let nextLook = 1;
  for (;;) {
    const cell = choose === undefined ? ready.shift() : chosen(ready, choose);
    if (cell === undefined) break;
    beginTurn(system);
    if (system.tapTurning === undefined && system.tapTurned === undefined) step(cell);
    else takeTurn(cell);
    if (++turns === nextLook && ready.length > 0) {
      const now = clock.now();
      system.lookedAt = now;
      system.timers.settle(now);
      if (now - began > SLICE_MS) break;
      nextLook += nextLook < TURNS_BETWEEN_LOOKS ? nextLook : TURNS_BETWEEN_LOOKS;
    }
  }
  system.turns += turns;
}

function chosen(
  ready: RunQueue<ActorCell>,
  choose: NonNullable<Decisions['choose']>,
): ActorCell | undefined {
  if (ready.length < 2) return ready.shift();
  return ready.take(choose(ready.length, { [Symbol.iterator]: () => pidsOf(ready) }));
}

function* pidsOf(ready: RunQueue<ActorCell>): Generator<Pid> {
  for (const cell of ready) yield cell.pid;
}
