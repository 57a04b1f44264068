/**
 * Links: a set that both ends keep. Most actors have one member in it, their parent, and that one is kept
 * without a set, which would take more memory than the rest of the actor. Who had no link before, as a child
 * that has just been made, is put at the end of a list, which becomes a set when one of its members is looked for.
 */

import { type ActorCell, type Relations, relationsOf } from '../state/actor-cell.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { isPid, type Pid } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import { linkedExit } from './exit-signals.ts';
import { absence, cellOf, peerOf } from './registry.ts';

/** @throws TypeError for what is no pid. */
export function link(cell: ActorCell, pid: Pid): void {
  if (!isPid(pid)) throw new TypeError(`Cannot link to ${show(pid)}: it is no pid`);
  const { system } = cell;
  const peer = cellOf(system, pid);
  if (peer === cell) return;
  // An exiting peer has not told its links yet, so this one will hear its true reason.
  if (peer !== undefined) tie(cell, peer);
  else linkElsewhere(cell, pid);
}

function linkElsewhere(cell: ActorCell, pid: Pid): void {
  const peer = peerOf(cell.system, pid);
  if (peer === undefined) return linkedExit(pid, cell, absence(cell.system, pid));
  const remoteCell = peer.remoteCell(pid);
  if (hasLink(cell, remoteCell.pid)) return;
  tie(cell, remoteCell);
  peer.link(cell.pid, remoteCell.pid);
}

export function tie(a: ActorCell, b: ActorCell): void {
  const { system } = a;
  if (system.tapTouched !== undefined) touchBoth(a, b);
  const isNew = system.tapLinked !== undefined && !hasLink(a, b.pid);
  // Both ends keep a link: who has none is in no list of another.
  addLink(a, b.pid, b.relations?.links === undefined);
  addLink(b, a.pid, false);
  if (isNew) system.tapLinked?.(a.pid, b.pid, true);
}

/** After this, nothing comes of that link any more; an EXIT that is already in the mailbox stays. */
export function unlink(cell: ActorCell, pid: Pid): void {
  if (!isPid(pid)) throw new TypeError(`Cannot unlink from ${show(pid)}: it is no pid`);
  const peer = cellOf(cell.system, pid);
  if (peer === undefined) return unlinkElsewhere(cell, pid);
  untie(cell, peer);
}

export function untie(a: ActorCell, b: ActorCell): void {
  const { system } = a;
  if (system.tapTouched !== undefined) touchBoth(a, b);
  const wasThere = system.tapLinked !== undefined && hasLink(a, b.pid);
  dropLink(a, b.pid);
  dropLink(b, a.pid);
  if (wasThere) system.tapLinked?.(a.pid, b.pid, false);
}

/** Who explores schedules hears of both ends, one after the other: also of a link that is there already, or is not. */
export function touchBoth(a: ActorCell, b: ActorCell): void {
  a.system.tapTouched?.(a.pid, 'bond');
  a.system.tapTouched?.(b.pid, 'bond');
}

function unlinkElsewhere(cell: ActorCell, pid: Pid): void {
  const peer = peerOf(cell.system, pid);
  if (peer === undefined) return;
  const remoteCell = peer.remoteCell(pid);
  if (!hasLink(cell, remoteCell.pid)) return;
  untie(cell, remoteCell);
  peer.unlink(cell.pid, remoteCell.pid);
}

/** Tells each linked actor of the end of this one. */
export function tellLinks(cell: ActorCell, reason: ExitReason): void {
  if (cell.relations?.links === undefined) return;
  for (const pid of linksOf(cell)) {
    const peer = cellOf(cell.system, pid);
    if (peer === undefined) {
      peerOf(cell.system, pid)?.linkedExit(cell.pid, pid, reason);
      continue;
    }
    if (cell.system.tapTouched !== undefined) touchBoth(cell, peer);
    dropLink(peer, cell.pid);
    linkedExit(cell.pid, peer, reason);
  }
}

export function isLinked(cell: ActorCell): boolean {
  const links = cell.relations?.links;
  return links instanceof Set ? links.size > 0 : links !== undefined;
}

export function hasLink(cell: ActorCell, pid: Pid): boolean {
  const links = cell.relations?.links;
  return links === pid || (isSeveral(links) && setOf(cell).has(pid));
}

function addLink(cell: ActorCell, pid: Pid, isOther: boolean): void {
  const relations = relationsOf(cell);
  const { links } = relations;
  if (links === undefined) relations.links = pid;
  else if (isOther && Array.isArray(links)) links.push(pid);
  else if (isOther && !isSeveral(links)) relations.links = [links, pid];
  else if (links !== pid) setOf(cell).add(pid);
}

export function dropLink(cell: ActorCell, pid: Pid): void {
  const { relations } = cell;
  if (relations?.links === pid) relations.links = undefined;
  else if (isSeveral(relations?.links)) setOf(cell).delete(pid);
}

function isSeveral(links: Relations['links']): links is Pid[] | Set<Pid> {
  return links instanceof Set || Array.isArray(links);
}

/** Where any of its links is found at once, or one is added that may be there. */
function setOf(cell: ActorCell): Set<Pid> {
  const relations = relationsOf(cell);
  if (relations.links instanceof Set) return relations.links;
  const set = new Set(linksOf(cell));
  relations.links = set;
  return set;
}

/** In the order in which the links were made. */
export function linksOf(cell: ActorCell): readonly Pid[] {
  const links = cell.relations?.links;
  if (links === undefined) return [];
  return isSeveral(links) ? [...links] : [links];
}
