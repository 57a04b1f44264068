/** The seams of time and chance, for packages that keep time or draw lots themselves. */

import { wallOf } from '../seams/clock.ts';
import { type Caller, stateOf } from './caller.ts';

/** Time and chance of a system, for code that stands outside of its actors. */
export interface Seams {
  /** Milliseconds that only go forward: the clock of the system's timers. */
  now(): number;
  /** What `now` said when the runtime last looked: some milliseconds ago at most while actors run, and for nothing. */
  lookedAt(): number;
  /** Milliseconds since 1970. It may be set back or forward at any moment. */
  wall(): number;
  /** A number from 0 up to, not including, 1. */
  random(): number;
}

/** Of the system that `by` belongs to. What goes by them replays on a virtual clock with a seed. */
export function seamsOf(by: Caller): Seams {
  const state = stateOf(by);
  const { clock, decisions } = state;
  return {
    now: () => clock.now(),
    lookedAt: () => state.lookedAt,
    wall: () => wallOf(clock),
    random: () => decisions.random(),
  };
}
