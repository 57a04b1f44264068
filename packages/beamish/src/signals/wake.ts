/** Giving an actor its next turn: what it waits for has come, or its end has. */

import { accepts } from '../mailbox/tag-set.ts';
import { type ActorCell, HANDED, NOTHING } from '../state/actor-cell.ts';
import { coldStateOf } from '../state/cold-state.ts';
import { EXITING, MADE, READY, RUNNING, WAITING } from '../state/status.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import type { Message } from '../terms/pid.ts';
import { release } from './registry.ts';

/** Whether a message goes straight into the receive that its actor is in. A guard runs on the actor's own turn, so it finds its message in the mailbox. */
export function isAwaited(to: ActorCell, message: Message): boolean {
  return to.status === WAITING && to.guard === undefined && accepts(to.want, message);
}

/** Hands a message that is awaited straight to the receive; false if it has to go into the mailbox. */
export function handOver(to: ActorCell, message: Message): boolean {
  if (!isAwaited(to, message)) return false;
  (to.receive as { value: Message }).value = message;
  to.resumeValue = HANDED;
  makeReady(to);
  return true;
}

/** Resumes a suspended actor. */
export function makeReady(cell: ActorCell): void {
  cell.status = READY;
  enqueueTurn(cell);
}

function enqueueTurn(cell: ActorCell): void {
  const { system } = cell;
  system.ready.push(cell);
  if (!system.awake) system.wake();
}

/** Resumes an actor whose operation ends with `value`; one that is not suspended lets it pass. */
export function resume(cell: ActorCell, value: unknown): void {
  cell.system.tapTouched?.(cell.pid, 'wake');
  if (cell.status <= MADE && cell.status >= RUNNING) return;
  if (cell.status >= EXITING || cell.resumeValue !== NOTHING) return;
  cell.resumeValue = value;
  if (cell.status !== READY) makeReady(cell);
}

/**
 * Gives an actor its final reason. From now on it takes nothing, is not alive, has no name and is in no group; its
 * clean-up, and the news to its links and monitors, come on its next turn, so that nothing recurses
 * along chains of links.
 */
export function beginExit(cell: ActorCell, reason: ExitReason): void {
  const { system, status } = cell;
  system.tapTouched?.(cell.pid, 'doom');
  cell.status = EXITING;
  release(cell);
  coldStateOf(cell).reason = reason;
  if (status === READY || system.current === cell) return;
  enqueueTurn(cell);
}
