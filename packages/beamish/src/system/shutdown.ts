/** The orderly end of a whole system: supervision trees from the top, the last started first, then the rest. */

import { everyone } from '../reports/introspect.ts';
import { exitSignal } from '../signals/delivery.ts';
import { linksOf } from '../signals/links.ts';
import { cellOf } from '../signals/registry.ts';
import { startAlarm } from '../signals/timers.ts';
import { type ActorCell, type Home, isAlive, rareOf } from '../state/actor-cell.ts';
import { isSupervising } from '../terms/body.ts';

/** How long an actor may take to end in order, before it is killed; as in OTP. Supervisors take what they need. */
const GRACE_MS = 5000;

export async function shutDown(home: Home): Promise<void> {
  for (const pid of [...linksOf(home.root)].reverse()) {
    const cell = cellOf(home, pid);
    if (cell !== undefined) await end([cell], isSupervising(cell.body) ? undefined : GRACE_MS);
  }
  // What others spawn while they end is ended too.
  for (let rest = everyone(home); rest.length > 0; rest = everyone(home)) await end(rest, GRACE_MS);
  home.closed = true;
  for (const close of home.abroad?.closing.splice(0) ?? []) await close();
}

/** Asks them to end, all at once, and kills those that have not when the time is up. */
async function end(cells: readonly ActorCell[], graceMs: number | undefined): Promise<void> {
  const root = home(cells).root.pid;
  const ends = cells.map(ended);
  for (const cell of cells) exitSignal(root, cell, 'shutdown');
  const stopAlarm =
    graceMs === undefined
      ? undefined
      : startAlarm(home(cells), graceMs, () => {
          for (const cell of cells) if (isAlive(cell)) exitSignal(root, cell, 'kill');
        });
  await Promise.all(ends);
  stopAlarm?.();
}

function home(cells: readonly ActorCell[]): Home {
  return (cells[0] as ActorCell).home;
}

function ended(cell: ActorCell): Promise<void> {
  return new Promise((resolve) => {
    const rare = rareOf(cell);
    rare.ended ??= [];
    rare.ended.push(() => resolve());
  });
}
