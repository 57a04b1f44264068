/**
 * When the promises of the outside settle that say that something has ended. Whoever awaits one acts on it
 * at once, before any actor has its next turn: a caller whose call failed would ask again for a name that
 * the supervisor has not given to anyone yet, and one that tries again for ever would never let the event
 * loop turn. So they settle on a later turn of the event loop; not before every actor that could run when it
 * happened has had its turn; and, when a supervised actor has ended, not before its supervisor has done what
 * it does about that, whoever it has to stop and start for it, unless that takes too long.
 */

import { startAlarm } from '../signals/timers.ts';
import { type ActorCell, residentCell } from '../state/actor-cell.ts';
import type { Supervising } from '../state/cold-state.ts';
import { EXITING } from '../state/status.ts';
import type { SystemState, Unsettled } from '../state/system-state-types.ts';
import type { Pid } from '../terms/pid.ts';

/** As long as a call would have waited. */
const LONGEST_MS = 5000;

/** Calls `settle` once the actors have had their turns, and whoever supervises `ended` is done with it. */
export function settleLater(system: SystemState, settle: () => void, ended?: ActorCell): void {
  const until = ended?.lineage === undefined ? undefined : system.clock.now() + LONGEST_MS;
  add(system, { settle, ended, until, after: undefined });
}

function add(system: SystemState, unsettled: Unsettled): void {
  system.unsettled.push(unsettled);
  if (system.unsettled.length === 1) system.clock.soon(() => look(system));
}

function look(system: SystemState): void {
  const { unsettled, ready } = system;
  const isIdle = ready.length === 0;
  // A schedule of another's choice has no order in which they would all come.
  const isInOrder = system.decisions.choose === undefined;
  const waiting: Unsettled[] = [];
  for (const each of unsettled.splice(0)) {
    // All that could run then are done by now, or still among those that are ready.
    each.after ??= system.turns + ready.length;
    if (!isIdle && !(isInOrder && system.turns >= each.after)) waiting.push(each);
    else if (!waitForSupervisor(system, each)) each.settle();
  }
  for (const each of waiting) add(system, each);
}

/** False if there is nothing to wait for, or the time for that is up. */
function waitForSupervisor(system: SystemState, unsettled: Unsettled): boolean {
  const { ended, until = 0 } = unsettled;
  const ms = until - system.clock.now();
  const supervising = ms > 0 && !system.closed ? atWorkFor(system, ended as ActorCell) : undefined;
  if (supervising === undefined) return false;
  let isOver = false;
  const goOn = (): void => {
    if (isOver) return;
    isOver = true;
    stopAlarm();
    add(system, unsettled);
  };
  const stopAlarm = startAlarm(system, Math.ceil(ms), goOn);
  supervising.whenDone(goOn);
  return true;
}

/** Its supervisor, or, if that has ended with it, the supervisor of that, if it still deals with the end. */
function atWorkFor(system: SystemState, { pid, lineage }: ActorCell): Supervising | undefined {
  let ended: Pid = pid;
  for (let above = lineage; above !== undefined; above = above.up) {
    const cell = residentCell(above.pid);
    if (cell?.system === system) {
      const supervising = cell.cold?.supervising;
      const isAtWork = cell.status >= EXITING || supervising?.isAtWorkFor(ended) === true;
      return isAtWork ? supervising : undefined;
    }
    ended = above.pid;
  }
  return undefined;
}
