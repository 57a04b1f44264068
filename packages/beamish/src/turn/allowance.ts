/**
 * How long an actor may go on before the others have their turn. JavaScript cannot interrupt it, so
 * each operation that could return at once asks here. Asking costs one subtraction; the clock, which
 * costs as much as a message, is looked at after 8 receives, 16, 32, and so on.
 */

import type { Home } from '../state/actor-cell.ts';

const FIRST_INSTALMENT = 8;
/** Longest turn of an actor whose single steps are short. */
const TURN_MS = 1;

export function beginTurn(home: Home): void {
  const { budget } = home.decisions;
  if (budget === undefined) {
    home.allowance = home.granted = FIRST_INSTALMENT;
  } else {
    home.budget = budget();
    home.allowance = home.granted = Math.min(home.budget, FIRST_INSTALMENT);
  }
}

/** Whether the actor whose turn it is may finish one more receive. */
export function mayGoOn(home: Home): boolean {
  return --home.allowance >= 0 || grantMore(home);
}

function grantMore(home: Home): boolean {
  const { granted } = home;
  const now = home.clock.now();
  if (granted === FIRST_INSTALMENT) home.turnBegan = now;
  if (granted >= home.budget || now - home.turnBegan > TURN_MS) return false;
  const more = granted < home.budget - granted ? granted : home.budget - granted;
  home.granted += more;
  home.allowance = more - 1;
  return true;
}
