/** What becomes of what an actor does when it has ended, or has just ended itself. */

import type { ActorCell } from '../state/actor-cell.ts';
import { EXITING } from '../state/status.ts';
import { exited } from '../terms/exit-reason.ts';
import type { Address } from '../terms/pid.ts';

/** It has no effect, and is told as a dead letter, verbs by a tag. */
export function tellTooLate({ pid, system }: ActorCell, to: Address, done: unknown): false {
  const message = typeof done === 'string' ? { tag: done } : done;
  system.reports.deadLetter(pid, to, message, 'noproc');
  return false;
}

/** An actor that has just ended itself must not go on; who catches this is exiting all the same. */
export function endIfExiting(cell: ActorCell): void {
  if (cell.status !== EXITING) return;
  if (cell.system.current === cell || cell.cold?.asynchronous === true)
    throw exited(cell.cold?.reason);
}
