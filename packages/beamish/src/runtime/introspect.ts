/** Read-only snapshots of actors. */

import {
  type ActorCell,
  bodyName,
  type Home,
  isAlive,
  MADE,
  READY,
  RUNNING,
  WAITING,
} from './actor-cell.ts';
import type { ActorInfo } from './context.ts';
import type { Pid } from './pid.ts';
import { resolve } from './registry.ts';
import { linksOfCell, watchersOf, watchingOf } from './relations.ts';
import { tagsOf } from './tag-set.ts';

/** @throws TypeError for what is no pid. */
export function infoOf(home: Home, pid: Pid): ActorInfo | undefined {
  const cell = resolve(home, pid);
  return cell === undefined ? undefined : snapshot(cell);
}

export function snapshot(cell: ActorCell): ActorInfo {
  return {
    pid: cell.pid,
    name: cell.rare?.name,
    body: bodyName(cell.body),
    status: statusOf(cell),
    waitingFor: waitingFor(cell),
    mailboxLength: mailboxLength(cell),
    links: linksOfCell(cell),
    monitors: watchingOf(cell).map((watch) => watch.target),
    monitoredBy: watchersOf(cell).flatMap((watch) => watch.owner?.pid ?? []),
    trapExit: cell.trapExit,
    parent: cell.lineage?.pid,
    reductions: cell.reductions,
  };
}

function statusOf(cell: ActorCell): ActorInfo['status'] {
  if (cell.status === READY) return 'runnable';
  if (cell.status === RUNNING || cell.status === MADE)
    return cell.home.current === cell ? 'running' : 'awaiting';
  return cell.status === WAITING ? 'waiting' : 'awaiting';
}

/** Tags of a receive, or in words what else the actor waits for. */
function waitingFor(cell: ActorCell): readonly string[] {
  if (cell.status === WAITING) return tagsOf(cell.want);
  return statusOf(cell) === 'awaiting' ? [cell.rare?.waitingFor ?? 'a promise'] : [];
}

/** A message that was handed to a receive which has not run yet counts as one in the mailbox. */
function mailboxLength(cell: ActorCell): number {
  const handed = cell.handed;
  const isMessage =
    cell.status === READY && typeof handed === 'object' && handed !== null && 'tag' in handed;
  return (cell.mailbox?.length ?? 0) + (isMessage ? 1 : 0);
}

/** Every living actor, oldest first. */
export function everyone(home: Home): readonly ActorCell[] {
  const all: ActorCell[] = [];
  for (let cell = home.youngest; cell !== undefined; cell = cell.older)
    if (isAlive(cell)) all.push(cell);
  return all.reverse();
}
