/**
 * Whom an actor is linked to: a set that most actors have one member of, their parent, and that one is
 * kept without a set, which would take more memory than the rest of the actor.
 */

import { type ActorCell, bondsOf } from '../state/actor-cell.ts';
import type { Pid } from '../terms/pid.ts';

export function isLinked(cell: ActorCell): boolean {
  const links = cell.bonds?.links;
  return links instanceof Set ? links.size > 0 : links !== undefined;
}

export function hasLink(cell: ActorCell, pid: Pid): boolean {
  const links = cell.bonds?.links;
  return links instanceof Set ? links.has(pid) : links === pid;
}

export function addLink(cell: ActorCell, pid: Pid): void {
  const bonds = bondsOf(cell);
  const { links } = bonds;
  if (links === undefined) bonds.links = pid;
  else if (links instanceof Set) links.add(pid);
  else if (links !== pid) bonds.links = new Set([links, pid]);
}

export function dropLink(cell: ActorCell, pid: Pid): void {
  const { bonds } = cell;
  if (bonds === undefined) return;
  if (bonds.links instanceof Set) bonds.links.delete(pid);
  else if (bonds.links === pid) bonds.links = undefined;
}

/** In the order in which the links were made. */
export function linksOf(cell: ActorCell): readonly Pid[] {
  const links = cell.bonds?.links;
  if (links === undefined) return [];
  return links instanceof Set ? [...links] : [links];
}
