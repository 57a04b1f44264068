/**
 * The orderly end of a whole system: supervision trees from the top, the last started first, then the rest.
 * Who does not end in time is killed, who hangs in its init too, as OTP does under `init:stop()`; whoever is
 * spawned once all have been asked ends before it begins; and no timer is left. As in OTP, one thing keeps it
 * waiting for ever: a child with `shutdown: 'infinity'` that traps exits and does not end.
 */

import { exitSignal, sendExit } from '../signals/exit-signals.ts';
import { linksOf } from '../signals/links.ts';
import { cellOf } from '../signals/registry.ts';
import { dropAllTimers, startAlarm } from '../signals/timers.ts';
import { type ActorCell, isAlive, residentCell } from '../state/actor-cell.ts';
import { everyone } from '../state/actor-table.ts';
import { coldStateOf } from '../state/cold-state.ts';
import { PARKED } from '../state/status.ts';
import type { SystemState } from '../state/system-state-types.ts';
import { isPid, type Pid } from '../terms/pid.ts';
import { isSupervising } from '../terms/spawnable.ts';

/** How long an actor may take to end in order, before it is killed; as in OTP. Supervisors take what they need. */
const GRACE_MS = 5000;
/** How long the init of a child may keep its supervisor from ending. */
const INIT_GRACE_MS = 1000;

export async function shutDown(system: SystemState): Promise<void> {
  for (const begin of system.distribution?.beginsToClose.splice(0) ?? []) begin();
  const stopLooking = killWhoHangs(system);
  for (const pid of [...linksOf(system.root)].reverse()) {
    const cell = cellOf(system, pid);
    if (cell !== undefined) await end([cell], isSupervising(cell.body) ? undefined : GRACE_MS);
  }
  // What others have spawned while they ended is asked, too.
  await end(everyone(system), GRACE_MS);
  system.closing = true;
  await end(everyone(system), 0);
  stopLooking();
  try {
    await closeAll(system.distribution?.closing.splice(0) ?? []);
  } finally {
    system.closed = true;
    dropAllTimers(system);
  }
}

/** Asks them to end, all at once, and kills those that have not when the time is up. */
async function end(cells: readonly ActorCell[], graceMs: number | undefined): Promise<void> {
  const [first] = cells;
  if (first === undefined) return;
  const { system } = first;
  const root = system.root.pid;
  const ends = cells.map(ended);
  const kill = (): void => {
    for (const cell of cells) if (isAlive(cell)) exitSignal(root, cell, 'kill');
  };
  if (graceMs === 0) kill();
  else for (const cell of cells) exitSignal(root, cell, 'shutdown');
  const stopAlarm = graceMs === undefined ? undefined : startAlarm(system, graceMs, kill);
  await Promise.all(ends);
  stopAlarm?.();
}

/**
 * A supervisor that waits for a child to start hears nothing until then, its own end included. Looks again
 * and again, and kills whoever is still waited for. Returns how to stop looking.
 */
function killWhoHangs(system: SystemState): () => void {
  let before = awaited(system);
  let stopAlarm = startAlarm(system, INIT_GRACE_MS, look);
  return () => stopAlarm();

  function look(): void {
    const now = awaited(system);
    for (const pid of now) if (before.has(pid)) sendExit(system.root, pid, 'kill');
    before = now;
    stopAlarm = startAlarm(system, INIT_GRACE_MS, look);
  }
}

/** Whose start others wait for, and who do not wait for another's themselves. */
function awaited(system: SystemState): ReadonlySet<Pid> {
  const all = everyone(system).flatMap((cell) => awaitedBy(cell) ?? []);
  return new Set(all.filter((pid) => awaitedBy(residentCell(pid)) === undefined));
}

function awaitedBy(cell: ActorCell | undefined): Pid | undefined {
  if (cell?.status !== PARKED) return undefined;
  const { why, target } = cell.cold?.waitingFor ?? {};
  return why === 'start' && isPid(target) ? target : undefined;
}

/** One that fails to close keeps no other from it. @throws what the first of those failed with. */
async function closeAll(closes: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closes) {
    try {
      await close();
    } catch (error) {
      // Told by the shutdown, once all have been closed.
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function ended(cell: ActorCell): Promise<void> {
  return new Promise((resolve) => {
    const cold = coldStateOf(cell);
    cold.ended ??= [];
    cold.ended.push(() => resolve());
  });
}
