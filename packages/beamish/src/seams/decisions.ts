/**
 * The second seam of chance: which runnable actor is next, for how long it may run, random numbers
 * and fresh identities. With other decisions, the same program takes another interleaving.
 */

import { customAlphabet } from 'nanoid';
import type { Pid } from '../terms/pid.ts';

/** All chance of a system. With a seed in place of the default, a run on a virtual clock replays exactly. */
export interface Decisions {
  /** Which of `count` runnable actors is next; `who` tells them, in order of becoming runnable. Absent: the first. */
  readonly choose?: (count: number, who: Iterable<Pid>) => number;
  /** How many receives an actor may finish before the others have their turn. Absent: `TURN_BUDGET`. */
  readonly budget?: () => number;
  /** A number from 0 up to, not including, 1. */
  random(): number;
  /** Tells this life of a system from others of its name. */
  incarnation(): number;
}

/**
 * Receives in one turn. Fewer waste time on switching; more let a full mailbox hold the others up,
 * and keep messages alive so long that the young generation has to copy them.
 */
export const TURN_BUDGET = 512;

/** Nine digits: a small integer, which V8 stores in place, and still one chance in 10⁹ of a clash. */
const incarnationDigits = customAlphabet('123456789', 9);

export const fairDecisions: Decisions = {
  random: Math.random,
  incarnation: () => Number(incarnationDigits()),
};
