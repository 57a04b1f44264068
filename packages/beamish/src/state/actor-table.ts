/** All actors of a system that have not ended: a list through the actors themselves, and by serial once somebody asks. */

import { type ActorCell, isAlive } from './actor-cell.ts';
import type { SystemState } from './system-state-types.ts';

export function addActor(cell: ActorCell): void {
  const { system } = cell;
  cell.older = system.youngest;
  if (system.youngest !== undefined) system.youngest.younger = cell;
  system.youngest = cell;
  system.alive++;
  system.spawned++;
  system.directory?.set(cell.pid.serial, cell);
}

export function removeActor(cell: ActorCell): void {
  const { system, older, younger } = cell;
  if (older !== undefined) older.younger = younger;
  if (younger !== undefined) younger.older = older;
  else system.youngest = older;
  cell.older = cell.younger = undefined;
  system.alive--;
  system.received += cell.reductions;
  system.directory?.delete(cell.pid.serial);
}

/** The actor of this serial, while it is alive or dying: for a pid that was copied, and so has lost its place. */
export function cellOfSerial(system: SystemState, serial: number): ActorCell | undefined {
  if (serial === system.root.pid.serial) return system.root;
  if (system.directory === undefined) {
    system.directory = new Map();
    for (let cell = system.youngest; cell !== undefined; cell = cell.older)
      system.directory.set(cell.pid.serial, cell);
  }
  return system.directory.get(serial);
}

/** Every living actor, oldest first. */
export function everyone(system: SystemState): readonly ActorCell[] {
  const all: ActorCell[] = [];
  for (let cell = system.youngest; cell !== undefined; cell = cell.older)
    if (isAlive(cell)) all.push(cell);
  return all.reverse();
}
