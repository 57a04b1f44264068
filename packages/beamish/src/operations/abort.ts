/** The platform's AbortSignal: what ends an actor, or a wait, when it is aborted. */

import { sendExit } from '../signals/exit-signals.ts';
import { expectReply } from '../signals/requests.ts';
import type { ActorCell } from '../state/actor-cell.ts';
import { coldStateOf } from '../state/cold-state.ts';
import { REMOTE } from '../state/status.ts';
import { peek, show } from '../terms/printable.ts';

/** @throws TypeError for what is no signal. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  if (typeof signal === 'object' && signal !== null)
    if (typeof peek(signal, 'addEventListener') === 'function') return;
  throw new TypeError(`Cannot call until ${show(signal)} aborts: it is no AbortSignal`);
}

/** Returns how to take the listener back, as one signal may be that of any number of waits. */
export function onAbort(signal: AbortSignal, abort: () => void): () => void {
  signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}

/** Sends a new actor an exit signal, from its parent and with the signal's reason, once that is aborted; at once if it is. */
export function endOnAbort(parent: ActorCell, cell: ActorCell, signal: AbortSignal): void {
  const { pid } = cell;
  const end = (): void => sendExit(parent, pid, signal.reason);
  if (signal.aborted) return end();
  const stop = onAbort(signal, end);
  if (cell.status !== REMOTE) {
    const cold = coldStateOf(cell);
    cold.ended ??= [];
    cold.ended.push(stop);
    return;
  }
  const ended = expectReply(parent.system.root, pid, 'end');
  ended.settled = stop;
  if (ended.state !== 'pending') stop();
}
