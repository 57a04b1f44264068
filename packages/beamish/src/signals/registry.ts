/** Who is called what. A name belongs to one living actor, and an actor has at most one name. */

import {
  type ActorCell,
  type Home,
  isAlive,
  rareOf,
  residentCell,
  type Watch,
} from '../state/actor-cell.ts';
import type { Peer } from '../state/transport.ts';
import {
  isName,
  isPid,
  type Name,
  type Pid,
  type ReplyTo,
  showAddress,
  type Target,
} from '../terms/pid.ts';

/** The living or dying actor of a pid; undefined if it has ended or lives elsewhere. */
export function cellOf(home: Home, pid: Pid): ActorCell | undefined {
  const cell = residentCell(pid);
  if (cell !== undefined) return cell.home === home ? cell : undefined;
  return 'serial' in pid && isHere(home, pid) ? cellOfSerial(home, pid.serial) : undefined;
}

/** The actor that a pid or a name stands for at this moment, if it is alive. */
export function resolve(home: Home, target: Target): ActorCell | undefined {
  const cell = isName(target) ? holder(home, target) : cellOf(home, target);
  return cell !== undefined && isAlive(cell) ? cell : undefined;
}

/** Whether an address is of this very system: its name, and its life. */
export function isHere(
  home: Home,
  address: { readonly system: string; readonly incarnation: number },
): boolean {
  return address.system === home.name && address.incarnation === home.incarnation;
}

/** The system where an address is to be found, if it is another one and reached. */
export function peerOf(home: Home, address: Target | ReplyTo): Peer<ActorCell, Watch> | undefined {
  if (home.abroad === undefined || address.system === undefined) return undefined;
  const peer = home.abroad.peers.get(address.system);
  return isName(address) || peer?.incarnation === address.incarnation ? peer : undefined;
}

/** Why an address that no peer has reaches nobody: who is not there is dead, and of a lost system one knows nothing. */
export function absence(home: Home, address: Target | ReplyTo): 'noproc' | 'noconnection' {
  const { system } = address;
  const isKnown =
    system === undefined || system === home.name || home.abroad?.peers.has(system) === true;
  if (isName(address) || system !== home.name) return isKnown ? 'noproc' : 'noconnection';
  return isHere(home, address) ? 'noproc' : 'noconnection';
}

export function holder(home: Home, name: Name): ActorCell | undefined {
  return name.system === undefined || name.system === home.name
    ? home.names.get(name.name)
    : undefined;
}

/** @throws TypeError for what is no name, and when the name is taken or the actor cannot have it. */
export function register(home: Home, given: string | Name, pid: Pid): void {
  const name = localName(home, given, 'register');
  if (!isPid(pid)) throw new TypeError(`Cannot register "${name}": ${String(pid)} is no pid`);
  const cell = resolve(home, pid);
  if (cell === undefined) {
    const where = isHere(home, pid) ? 'is not alive' : 'is of another system';
    throw new TypeError(`Cannot register "${name}": ${showAddress(pid)} ${where}`);
  }
  const taken = home.names.get(name);
  if (taken !== undefined) {
    throw new TypeError(`Cannot register "${name}": the name belongs to ${showAddress(taken.pid)}`);
  }
  if (cell.rare?.name !== undefined) {
    throw new TypeError(
      `Cannot register "${name}": ${showAddress(pid)} is already called "${cell.rare.name}"`,
    );
  }
  giveName(cell, name);
}

/** Gives a name that is known to be free. */
export function giveName(cell: ActorCell, name: string): void {
  cell.home.names.set(name, cell);
  rareOf(cell).name = name;
}

/** @throws TypeError when nobody has the name. */
export function unregister(home: Home, given: string | Name): void {
  const name = localName(home, given, 'unregister');
  const cell = home.names.get(name);
  if (cell === undefined) throw new TypeError(`Cannot unregister "${name}": nobody has this name`);
  releaseName(cell);
}

export function releaseName(cell: ActorCell): void {
  const rare = cell.rare;
  if (rare?.name === undefined) return;
  cell.home.names.delete(rare.name);
  rare.name = undefined;
}

/** @throws TypeError for what is no name of this system. */
export function whereis(home: Home, given: string | Name): Pid | undefined {
  return home.names.get(localName(home, given, 'look up'))?.pid;
}

/** The name as a string, which must be meant for this system. */
export function localName(home: Home, given: string | Name, action: string): string {
  if (isName(given)) {
    if (given.system === undefined || given.system === home.name) return given.name;
    const advice = action === 'look up' ? '; whereisAt asks another one' : '';
    throw new TypeError(
      `Cannot ${action} ${showAddress(given)} in ${home.name}: each system has its own names${advice}`,
    );
  }
  if (typeof given !== 'string' || given === '') {
    throw new TypeError(`Cannot ${action} ${String(given)}: a name is a string that is not empty`);
  }
  return given;
}

/** The actor of this serial, while it is alive or dying: for a pid that was copied, and so has lost its place. */
export function cellOfSerial(home: Home, serial: number): ActorCell | undefined {
  if (serial === home.root.pid.serial) return home.root;
  if (home.directory === undefined) {
    home.directory = new Map();
    for (let cell = home.youngest; cell !== undefined; cell = cell.older)
      home.directory.set(cell.pid.serial, cell);
  }
  return home.directory.get(serial);
}
