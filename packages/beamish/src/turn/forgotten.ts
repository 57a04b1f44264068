/**
 * The forgotten `yield*`, or `await`: an operation that was made, and that nobody has begun when its actor makes
 * another one, returns, or has handled a message. An error says so, with the line where the operation was made;
 * as to keep that of each would cost more than the operation, it is kept of the first of a program, and of the
 * next after each that was found.
 */

import type { ActorCell } from '../state/actor-cell.ts';

const FOLLOWED = 1000;

let left = FOLLOWED;
/** The last operation that each actor has made, as the error that its being forgotten would be. */
const made = new WeakMap<ActorCell, Error>();

/** To be called by each verb that makes an operation, but those of messages that are received. */
export function follow(cell: ActorCell, verb: string): void {
  if (left === 0) return;
  left--;
  made.set(cell, new Error(textOf(cell, ` by self.${verb}`)));
}

/** Of an actor that has made an operation which has not begun, and which never will. */
export function forgotten(cell: ActorCell): Error {
  cell.receive?.withdraw();
  const known = left === 0 ? undefined : made.get(cell);
  made.delete(cell);
  left = FOLLOWED;
  return known ?? new Error(textOf(cell, ''));
}

function textOf(cell: ActorCell, how: string): string {
  return `The operation that ${String(cell.pid)} has made${how} has not begun: write yield* (or await, in an async body) where it is made`;
}
