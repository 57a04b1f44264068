/** Who is called what. A name belongs to one living actor, and an actor has at most one name. */

import { type ActorCell, isAlive, relationsOf, residentCell } from '../state/actor-cell.ts';
import { cellOfSerial } from '../state/actor-table.ts';
import type { ColdState } from '../state/cold-state.ts';
import type { Peer } from '../state/peer.ts';
import type { SystemState } from '../state/system-state-types.ts';
import {
  isName,
  isPid,
  type Name,
  type Pid,
  ProcessId,
  type ReplyTo,
  showAddress,
  type Target,
} from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import { Via } from './via.ts';

/** The living or dying actor of a pid; undefined if it has ended or lives elsewhere. */
export function cellOf(system: SystemState, pid: Pid): ActorCell | undefined {
  const cell = receiverOf(system, pid);
  if (system.tapTouched !== undefined && (cell !== undefined || isHere(system, pid)))
    system.tapTouched(cell?.pid ?? pid, 'look');
  return cell;
}

/** The same for a send, whose arrival tells that it was looked for. */
export function receiverOf(system: SystemState, pid: Pid): ActorCell | undefined {
  const cell = residentCell(pid);
  if (cell !== undefined) return cell.system === system ? cell : undefined;
  // A pid that was made here, and none that came from elsewhere or is a copy, has lost its actor by its end.
  if (pid instanceof ProcessId && system.distribution === undefined) return undefined;
  return 'serial' in pid && isHere(system, pid) ? cellOfSerial(system, pid.serial) : undefined;
}

/** The actor that a pid or a name stands for at this moment, if it is alive. */
export function resolve(system: SystemState, target: Target): ActorCell | undefined {
  const cell = isName(target) ? holder(system, target) : cellOf(system, target);
  return cell !== undefined && isAlive(cell) ? cell : undefined;
}

/** Whether an address is of this very system: its name, and its life. */
export function isHere(
  system: SystemState,
  address: { readonly system: string; readonly incarnation: number },
): boolean {
  return address.system === system.name && address.incarnation === system.incarnation;
}

/** The system where an address is to be found, if it is another one and reached. */
export function peerOf(system: SystemState, address: Target | ReplyTo): Peer | undefined {
  if (system.distribution === undefined || address.system === undefined) return undefined;
  const peer = system.distribution.peers.get(address.system);
  return isName(address) || peer?.incarnation === address.incarnation ? peer : undefined;
}

/** The names of the other systems that are reached. */
export function systemsOf(system: SystemState): readonly string[] {
  return [...(system.distribution?.peers.keys() ?? [])];
}

/** Why an address that no peer has reaches nobody: who is not there is dead, and of a lost system one knows nothing. */
export function absence(system: SystemState, address: Target | ReplyTo): 'noproc' | 'noconnection' {
  if (address instanceof Via) return 'noproc';
  const there = address.system;
  const isKnown =
    there === undefined || there === system.name || system.distribution?.peers.has(there) === true;
  if (isName(address) || there !== system.name) return isKnown ? 'noproc' : 'noconnection';
  return isHere(system, address) ? 'noproc' : 'noconnection';
}

export function holder(system: SystemState, name: Name): ActorCell | undefined {
  if (name.system === undefined || name.system === system.name) return system.names.get(name.name);
  return name instanceof Via ? name.holder(system) : undefined;
}

/** @throws TypeError for what is no name, and when the name is taken or the actor cannot have it. */
export function register(system: SystemState, given: string | Name, pid: Pid): void {
  const name = localName(system, given, 'register');
  if (!isPid(pid)) throw new TypeError(`Cannot register "${name}": ${show(pid)} is no pid`);
  const cell = resolve(system, pid);
  if (cell === undefined) {
    const where = isHere(system, pid) ? 'is not alive' : 'is of another system';
    throw new TypeError(`Cannot register "${name}": ${showAddress(pid)} ${where}`);
  }
  const taken = system.names.get(name);
  if (taken !== undefined) {
    throw new TypeError(`Cannot register "${name}": the name belongs to ${showAddress(taken.pid)}`);
  }
  if (cell.relations?.name !== undefined) {
    throw new TypeError(
      `Cannot register "${name}": ${showAddress(pid)} is already called "${cell.relations.name}"`,
    );
  }
  giveName(cell, name);
}

/** Gives a name that is known to be free. */
export function giveName(cell: ActorCell, name: string): void {
  cell.system.names.set(name, cell);
  relationsOf(cell).name = name;
  cell.system.tapNamed?.(name, cell.pid);
}

/** @throws TypeError when nobody has the name. */
export function unregister(system: SystemState, given: string | Name): void {
  const name = localName(system, given, 'unregister');
  const cell = system.names.get(name);
  if (cell === undefined) throw new TypeError(`Cannot unregister "${name}": nobody has this name`);
  releaseName(cell);
}

/** All that an actor which is to end is known by: its name, and what it holds besides. */
export function release(cell: ActorCell): void {
  releaseName(cell);
  const holdings = cell.cold?.holdings;
  if (holdings === undefined) return;
  (cell.cold as ColdState).holdings = undefined;
  for (const holding of holdings) holding.drop(cell);
}

function releaseName(cell: ActorCell): void {
  const { relations, system } = cell;
  const name = relations?.name;
  if (relations === undefined || name === undefined) return;
  system.names.delete(name);
  relations.name = undefined;
  system.tapNamed?.(name, undefined);
}

/**
 * For what is used as names are and is none, as groups. Who explores schedules sees which steps use one name
 * in the table of names; so each use of such a thing looks there, too, for what nobody is called.
 */
export function useAsName(system: SystemState, key: string, isChange: boolean): void {
  if (system.tapTouched === undefined) return;
  const name = `\0${key}`;
  if (isChange) system.names.delete(name);
  else system.names.has(name);
}

/** @throws TypeError for what is no name of this system. */
export function whereis(system: SystemState, given: string | Name): Pid | undefined {
  if (given instanceof Via) return given.holder(system)?.pid;
  return system.names.get(localName(system, given, 'look up'))?.pid;
}

/** The name as a string, which must be meant for this system. */
export function localName(system: SystemState, given: string | Name, action: string): string {
  if (given instanceof Via)
    throw new TypeError(`Cannot ${action} ${given}: registry.${action} does so with the key`);
  if (isName(given)) {
    if (given.system === undefined || given.system === system.name) return given.name;
    const advice = action === 'look up' ? '; whereisAt asks another one' : '';
    throw new TypeError(
      `Cannot ${action} ${showAddress(given)} in ${system.name}: each system has its own names${advice}`,
    );
  }
  if (typeof given !== 'string' || given === '') {
    throw new TypeError(`Cannot ${action} ${show(given)}: a name is a string that is not empty`);
  }
  return given;
}
