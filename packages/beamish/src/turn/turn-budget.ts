/**
 * How long an actor may go on before the others have their turn. JavaScript cannot interrupt it, so
 * each operation that could return at once asks here. Asking costs one subtraction; the clock, which
 * costs as much as a message, is looked at after 8 receives, 16, 32, and so on.
 */

import type { SystemState } from '../state/system-state-types.ts';

const FIRST_GRANT = 8;
/** Longest turn of an actor whose single steps are short. */
const TURN_MS = 1;

export function beginTurn(system: SystemState): void {
  const { budget } = system.decisions;
  if (budget === undefined) {
    system.receivesLeft = system.receivesGranted = FIRST_GRANT;
  } else {
    system.budget = budget();
    system.receivesLeft = system.receivesGranted = Math.min(system.budget, FIRST_GRANT);
  }
}

/** Whether the actor whose turn it is may finish one more receive. */
export function mayGoOn(system: SystemState): boolean {
  return --system.receivesLeft >= 0 || grantMore(system);
}

function grantMore(system: SystemState): boolean {
  const { receivesGranted } = system;
  const now = system.clock.now();
  if (receivesGranted === FIRST_GRANT) system.turnBegan = now;
  if (receivesGranted >= system.budget || now - system.turnBegan > TURN_MS) return false;
  const more =
    receivesGranted < system.budget - receivesGranted
      ? receivesGranted
      : system.budget - receivesGranted;
  system.receivesGranted += more;
  system.receivesLeft = more - 1;
  return true;
}
