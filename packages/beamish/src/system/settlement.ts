/**
 * When the promises of the outside settle that say that something has ended. Whoever awaits one acts on it
 * at once, before any actor has its next turn: a caller whose call failed would ask again for a name that
 * the supervisor has not given to anyone yet, and one that tries again for ever would never let the event
 * loop turn. So they settle on a later turn of the event loop, and not before every actor that could run
 * when it happened has had its turn, a supervisor that starts another in its place among them.
 */

import type { SystemState } from '../state/system-state-types.ts';

/** Calls `settle` once the actors have had their turns. */
export function settleLater(system: SystemState, settle: () => void): void {
  system.unsettled.push({ settle, after: undefined });
  if (system.unsettled.length === 1) system.clock.soon(() => look(system));
}

function look(system: SystemState): void {
  const { unsettled, ready } = system;
  const isIdle = ready.length === 0;
  // A schedule of another's choice has no order in which they would all come.
  const isInOrder = system.decisions.choose === undefined;
  for (const each of unsettled.splice(0)) {
    // All that could run then are done by now, or still among those that are ready.
    each.after ??= system.turns + ready.length;
    if (isIdle || (isInOrder && system.turns >= each.after)) each.settle();
    else unsettled.push(each);
  }
  if (unsettled.length > 0) system.clock.soon(() => look(system));
}
