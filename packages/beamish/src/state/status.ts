/**
 * The states of an actor. Their order matters: what is alive stands below `EXITING`, and `RUNNING` to
 * `MADE` is an actor whose own code runs, so that each question is one comparison.
 *
 * | status | set by, when |
 * |---|---|
 * | `REMOTE` | `remote-cells`, `spawning`: once, of a cell that stands for an actor of another system |
 * | `READY` | `makeCell`; `wake`, when a message, a reply or a time-out ends what it waits for |
 * | `RUNNING` | `step`, at the beginning of a turn; an operation that begins, or is taken back |
 * | `MADE` | a verb of `self` that makes an operation |
 * | `WAITING` | a receive that finds nothing |
 * | `PARKED` | any other operation that waits; a body whose code is on its way |
 * | `EXITING` | `beginExit`, for a signal or an error; `end` in `step`, when the body is over |
 * | `DEAD` | `conclude`, after the clean-up; it is the last |
 */

/** Stands for an actor of another system; it never runs. */
export const REMOTE = -1;
/** In the run queue. */
export const READY = 0;
/** Its code is running: on this turn, or, of an async body, between turns. */
export const RUNNING = 1;
/** Running, and has made an operation that `yield*` or `await` has not begun yet. */
export const MADE = 2;
/** In `receive`. */
export const WAITING = 3;
/** Waiting for anything else: time, a reply, a promise, room in a mailbox, a start. */
export const PARKED = 4;
/** Has its final reason and takes nothing any more; in the run queue for its clean-up. */
export const EXITING = 5;
export const DEAD = 6;
export type Status =
  | typeof REMOTE
  | typeof READY
  | typeof RUNNING
  | typeof MADE
  | typeof WAITING
  | typeof PARKED
  | typeof EXITING
  | typeof DEAD;
