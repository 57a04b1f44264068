/** The seams of time and chance, for packages that keep time or draw lots themselves. */

import { wallOf } from '../seams/clock.ts';
import { type Caller, stateOf } from './caller.ts';

export interface Seams {
  /** Milliseconds that only go forward: the clock of the system's timers. */
  now(): number;
  /** Milliseconds since 1970. It may be set back or forward at any moment. */
  wall(): number;
  /** A number from 0 up to, not including, 1. */
  random(): number;
}

/** Of the system that `by` belongs to. What goes by them replays on a virtual clock with a seed. */
export function seamsOf(by: Caller): Seams {
  const { clock, decisions } = stateOf(by);
  return {
    now: () => clock.now(),
    wall: () => wallOf(clock),
    random: () => decisions.random(),
  };
}
