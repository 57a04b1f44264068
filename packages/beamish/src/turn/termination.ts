/** The end of an actor, after its clean-up: what it held is released, and then the news is told. */

import { dropLink, tellLinks, touchBoth } from '../signals/links.ts';
import { dropOffers, withdrawOffer } from '../signals/offers.ts';
import { dropTimers } from '../signals/timers.ts';
import { dropWatching, tellWatchers } from '../signals/watches.ts';
import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import { removeActor } from '../state/actor-table.ts';
import { type ColdState, hold, type StartOutcome } from '../state/cold-state.ts';
import { DEAD } from '../state/status.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { type ProcessId, settlePid } from '../terms/pid.ts';

/**
 * Everything that the actor held is free before anyone hears of its end, so that who hears of it can
 * take the name at once. Links hear before monitors.
 */
export function conclude(cell: ActorCell, reason: ExitReason): void {
  const { system, cold } = cell;
  cell.status = DEAD;
  removeActor(cell);
  cell.generator = cell.mailbox = cell.guard = cell.receive = undefined;
  settlePid(cell.pid as ProcessId, undefined);
  dropWatching(cell);
  dropTimers(cell);
  if (cold !== undefined) release(cell, cold);
  system.tapExited?.(cell.pid, reason);
  if (cold?.starting !== undefined) forgetFailedStart(cell, cold.starting.by);
  tellLinks(cell, reason);
  tellWatchers(cell, reason);
  if (cold !== undefined) tellOthers(cell, cold, reason);
  system.reports.exited(cell, reason);
  cell.relations = cell.cold = undefined;
}

function release(cell: ActorCell, cold: ColdState): void {
  if (cold.deadline !== undefined) cell.system.timers.remove(cold.deadline);
  if (cold.holding) hold(cell, false);
  cold.awaiting = undefined;
  dropOffers(cell);
  withdrawOffer(cell);
}

/** Who waits for a start and traps exits gets the answer, and no EXIT besides. */
function forgetFailedStart(cell: ActorCell, by: ActorCell | undefined): void {
  if (by === undefined) return;
  const { system } = cell;
  system.tapTouched?.(by.pid, 'signal');
  if (!isAlive(by) || !by.trapExit) return;
  if (system.tapTouched !== undefined) touchBoth(cell, by);
  dropLink(cell, by.pid);
  dropLink(by, cell.pid);
}

function tellOthers(cell: ActorCell, cold: ColdState, reason: ExitReason): void {
  const { starting, ended } = cold;
  if (starting !== undefined) {
    const failure: StartOutcome = { ok: false, reason, ...starting.failure };
    starting.answer(failure);
  }
  for (const hear of ended ?? []) hear(reason, cell);
}
