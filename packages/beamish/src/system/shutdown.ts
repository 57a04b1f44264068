/** The orderly end of a whole system: supervision trees from the top, the last started first, then the rest. */

import { exitSignal } from '../signals/exit-signals.ts';
import { linksOf } from '../signals/links.ts';
import { cellOf } from '../signals/registry.ts';
import { startAlarm } from '../signals/timers.ts';
import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import { everyone } from '../state/actor-table.ts';
import { coldStateOf } from '../state/cold-state.ts';
import type { SystemState } from '../state/system-state-types.ts';
import { isSupervising } from '../terms/spawnable.ts';

/** How long an actor may take to end in order, before it is killed; as in OTP. Supervisors take what they need. */
const GRACE_MS = 5000;

export async function shutDown(system: SystemState): Promise<void> {
  for (const pid of [...linksOf(system.root)].reverse()) {
    const cell = cellOf(system, pid);
    if (cell !== undefined) await end([cell], isSupervising(cell.body) ? undefined : GRACE_MS);
  }
  // What others spawn while they end is ended too.
  for (let rest = everyone(system); rest.length > 0; rest = everyone(system))
    await end(rest, GRACE_MS);
  system.closed = true;
  for (const close of system.distribution?.closing.splice(0) ?? []) await close();
}

/** Asks them to end, all at once, and kills those that have not when the time is up. */
async function end(cells: readonly ActorCell[], graceMs: number | undefined): Promise<void> {
  const root = system(cells).root.pid;
  const ends = cells.map(ended);
  for (const cell of cells) exitSignal(root, cell, 'shutdown');
  const stopAlarm =
    graceMs === undefined
      ? undefined
      : startAlarm(system(cells), graceMs, () => {
          for (const cell of cells) if (isAlive(cell)) exitSignal(root, cell, 'kill');
        });
  await Promise.all(ends);
  stopAlarm?.();
}

function system(cells: readonly ActorCell[]): SystemState {
  return (cells[0] as ActorCell).system;
}

function ended(cell: ActorCell): Promise<void> {
  return new Promise((resolve) => {
    const cold = coldStateOf(cell);
    cold.ended ??= [];
    cold.ended.push(() => resolve());
  });
}
