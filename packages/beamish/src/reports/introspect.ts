/** Read-only snapshots of actors. */

import { tagsOf } from '../mailbox/tag-set.ts';
import { linksOf } from '../signals/links.ts';
import { resolve } from '../signals/registry.ts';
import { watchersOf, watchingOf } from '../signals/relations.ts';
import {
  type ActorCell,
  type Awaited,
  type Home,
  isAlive,
  MADE,
  READY,
  RUNNING,
  WAITING,
} from '../state/actor-cell.ts';
import { bodyName } from '../terms/body.ts';
import type { ActorInfo } from '../terms/context.ts';
import { isPid, type Message, type Pid, showAddress } from '../terms/pid.ts';

export function infoOf(home: Home, pid: Pid): ActorInfo | undefined {
  const cell = living(home, pid);
  return cell === undefined ? undefined : snapshot(cell);
}

export function mailboxOf(home: Home, pid: Pid): readonly Message[] | undefined {
  const cell = living(home, pid);
  if (cell === undefined) return undefined;
  const messages = cell.mailbox?.toArray() ?? [];
  return holdsMessage(cell) ? [cell.handed as Message, ...messages] : messages;
}

/** What happens elsewhere cannot be known at once. @throws TypeError for what is no pid of this system. */
function living(home: Home, pid: Pid): ActorCell | undefined {
  if (!isPid(pid)) throw new TypeError(`Cannot look at ${String(pid)}: it is no pid`);
  if (pid.system !== home.name)
    throw new TypeError(`Cannot look at ${showAddress(pid)}: it is of another system`);
  return resolve(home, pid);
}

export function snapshot(cell: ActorCell): ActorInfo {
  return {
    pid: cell.pid,
    name: cell.rare?.name,
    body: bodyName(cell.body),
    status: statusOf(cell),
    waitingFor: waitingFor(cell),
    mailboxLength: mailboxLength(cell),
    links: linksOf(cell),
    monitors: watchingOf(cell).map((watch) => watch.target),
    monitoredBy: watchersOf(cell).flatMap((watch) => watch.owner?.pid ?? []),
    trapExit: cell.trapExit,
    dictionary: new Map(cell.rare?.dictionary),
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
  return statusOf(cell) === 'awaiting' ? [inWords(cell.rare?.waitingFor) ?? 'a promise'] : [];
}

/** A message that was handed to a receive which has not run yet counts as one in the mailbox. */
export function mailboxLength(cell: ActorCell): number {
  return (cell.mailbox?.length ?? 0) + (holdsMessage(cell) ? 1 : 0);
}

function holdsMessage(cell: ActorCell): boolean {
  const { handed, status } = cell;
  return status === READY && typeof handed === 'object' && handed !== null && 'tag' in handed;
}

/** What an operation waits for. */
export function inWords(awaited: Awaited | undefined): string | undefined {
  return typeof awaited === 'object' ? `the reply to "${awaited.what}"` : awaited;
}

/** Every living actor, oldest first. */
export function everyone(home: Home): readonly ActorCell[] {
  const all: ActorCell[] = [];
  for (let cell = home.youngest; cell !== undefined; cell = cell.older)
    if (isAlive(cell)) all.push(cell);
  return all.reverse();
}
