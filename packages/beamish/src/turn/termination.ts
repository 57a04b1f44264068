/** The end of an actor, after its clean-up: what it held is released, and then the news is told. */

import { hand } from '../signals/delivery.ts';
import { dropLink } from '../signals/links.ts';
import { dropWatching, tellLinks, tellWatchers } from '../signals/relations.ts';
import { dropTimers, stopDeadline } from '../signals/timers.ts';
import {
  type ActorCell,
  DEAD,
  hold,
  isAlive,
  type Rare,
  type StartOutcome,
} from '../state/actor-cell.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { type ProcessId, settlePid } from '../terms/pid.ts';

/**
 * Everything that the actor held is free before anyone hears of its end, so that who hears of it can
 * take the name at once. Links hear before monitors.
 */
export function conclude(cell: ActorCell, reason: ExitReason): void {
  const { home, rare } = cell;
  cell.status = DEAD;
  leaveTheLiving(cell);
  settlePid(cell.pid as ProcessId, undefined);
  dropWatching(cell);
  if (cell.bonds?.timers !== undefined) dropTimers(cell);
  if (rare !== undefined) release(cell, rare);
  home.tapExited?.(cell.pid, reason);
  if (rare?.starting !== undefined) forgetFailedStart(cell, rare.starting.by);
  tellLinks(cell, reason);
  tellWatchers(cell, reason);
  if (rare !== undefined) tellOthers(cell, rare, reason);
  home.reports.exited(cell, reason);
  cell.bonds = cell.rare = undefined;
}

export function joinTheLiving(cell: ActorCell): void {
  const { home } = cell;
  cell.older = home.youngest;
  if (home.youngest !== undefined) home.youngest.younger = cell;
  home.youngest = cell;
  home.alive++;
  home.directory?.set(cell.pid.serial, cell);
}

function leaveTheLiving(cell: ActorCell): void {
  const { home, older, younger } = cell;
  if (older !== undefined) older.younger = younger;
  if (younger !== undefined) younger.older = older;
  else home.youngest = older;
  cell.older = cell.younger = undefined;
  home.alive--;
  home.directory?.delete(cell.pid.serial);
  cell.generator = cell.mailbox = cell.guard = cell.receive = undefined;
}

function release(cell: ActorCell, rare: Rare): void {
  stopDeadline(cell);
  if (rare.holding) hold(cell, false);
  rare.awaiting = undefined;
  for (const sender of rare.offering ?? []) hand(sender, undefined);
}

/** Who waits for a start and traps exits gets the answer, and no EXIT besides. */
function forgetFailedStart(cell: ActorCell, by: ActorCell | undefined): void {
  if (by === undefined || !isAlive(by) || !by.trapExit) return;
  dropLink(cell, by.pid);
  dropLink(by, cell.pid);
}

function tellOthers(cell: ActorCell, rare: Rare, reason: ExitReason): void {
  const { starting, ended } = rare;
  if (starting !== undefined) {
    const failure: StartOutcome = { ok: false, reason, ...starting.failure };
    starting.answer(failure);
  }
  for (const hear of ended ?? []) hear(reason, cell);
}
