/** Exit signals: Erlang's exit/2, and what the end of one actor does to those that are linked to it. */

import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { isPid, type Pid } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import { type Exit, exitMessage } from '../terms/signal.ts';
import { notify } from './delivery.ts';
import { cellOf, peerOf } from './registry.ts';
import { beginExit } from './wake.ts';

/** @throws TypeError for what is no pid. */
export function sendExit(from: ActorCell, pid: Pid, reason: ExitReason): void {
  if (!isPid(pid)) throw new TypeError(`Cannot send an exit signal to ${show(pid)}: it is no pid`);
  const cell = cellOf(from.system, pid);
  if (cell !== undefined) exitSignal(from.pid, cell, reason);
  else peerOf(from.system, pid)?.exit(from.pid, pid, reason);
}

/** Erlang's exit/2, to another or to oneself. The trap flag of this moment counts. */
export function exitSignal(from: Pid, to: ActorCell, reason: ExitReason): void {
  if (!isReached(from, to, reason)) return;
  if (to === to.system.root) return notify(from, to, exitMessage(from, reason));
  if (reason === 'kill') return beginExit(to, 'killed');
  if (to.trapExit) return notify(from, to, exitMessage(from, reason));
  if (reason === 'normal' && from !== to.pid) return;
  beginExit(to, reason);
}

/** The end of a linked actor. Here `kill` is a reason like others: only a signal that says it kills. */
export function linkedExit(from: Pid, to: ActorCell, reason: ExitReason): void {
  if (!isReached(from, to, reason)) return;
  if (to.trapExit) return notify(from, to, exitMessage(from, reason) satisfies Exit);
  if (reason !== 'normal') beginExit(to, reason);
}

/** Whether it lives, told of to the tap either way. */
function isReached(from: Pid, to: ActorCell, reason: ExitReason): boolean {
  const { system } = to;
  system.tapTouched?.(to.pid, 'signal');
  if (!isAlive(to)) return false;
  system.tapExitSignalled?.(from, to.pid, reason);
  return true;
}
