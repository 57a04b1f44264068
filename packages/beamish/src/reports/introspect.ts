/** Read-only snapshots of actors. */

import { tagsOf } from '../mailbox/tag-set.ts';
import { linksOf } from '../signals/links.ts';
import { resolve } from '../signals/registry.ts';
import { watchersOf, watchingOf } from '../signals/watches.ts';
import { type ActorCell, handedMessage } from '../state/actor-cell.ts';
import type { Awaited } from '../state/cold-state.ts';
import { MADE, READY, RUNNING, WAITING } from '../state/status.ts';
import type { SystemState } from '../state/system-state-types.ts';
import { isPid, type Message, type Pid, showAddress } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import type { ActorInfo } from '../terms/self-types.ts';
import { bodyName } from '../terms/spawnable.ts';

export function infoOf(system: SystemState, pid: Pid): ActorInfo | undefined {
  const cell = living(system, pid);
  return cell === undefined ? undefined : snapshot(cell);
}

export function mailboxOf(system: SystemState, pid: Pid): readonly Message[] | undefined {
  const cell = living(system, pid);
  if (cell === undefined) return undefined;
  system.tapTouched?.(cell.pid, 'inspect');
  const messages = cell.mailbox?.toArray() ?? [];
  const handed = handedMessage(cell);
  return handed === undefined ? messages : [handed, ...messages];
}

/** What happens elsewhere cannot be known at once. @throws TypeError for what is no pid of this system. */
function living(system: SystemState, pid: Pid): ActorCell | undefined {
  if (!isPid(pid)) throw new TypeError(`Cannot look at ${show(pid)}: it is no pid`);
  if (pid.system !== system.name)
    throw new TypeError(`Cannot look at ${showAddress(pid)}: it is of another system`);
  return resolve(system, pid);
}

export function snapshot(cell: ActorCell): ActorInfo {
  cell.system.tapTouched?.(cell.pid, 'inspect');
  return {
    pid: cell.pid,
    name: cell.relations?.name,
    body: bodyName(cell.body),
    status: statusOf(cell),
    waitingFor: waitingFor(cell),
    mailboxLength: mailboxLength(cell),
    links: linksOf(cell),
    monitors: watchingOf(cell).map((watch) => watch.target),
    monitoredBy: watchersOf(cell).flatMap((watch) => watch.owner?.pid ?? []),
    trapExit: cell.trapExit,
    dictionary: new Map(cell.cold?.dictionary),
    parent: cell.lineage?.pid,
    reductions: cell.reductions,
  };
}

export function statusOf(cell: ActorCell): ActorInfo['status'] {
  if (cell.status === READY) return 'runnable';
  if (cell.status === RUNNING || cell.status === MADE)
    return cell.system.current === cell ? 'running' : 'awaiting';
  return cell.status === WAITING ? 'waiting' : 'awaiting';
}

/** Tags of a receive, or in words what else the actor waits for. */
export function waitingFor(cell: ActorCell): readonly string[] {
  if (cell.status === WAITING) return tagsOf(cell.want);
  return statusOf(cell) === 'awaiting' ? [inWords(cell.cold?.waitingFor) ?? 'a promise'] : [];
}

/** A message that was handed to a receive which has not run yet counts as one in the mailbox. */
export function mailboxLength(cell: ActorCell): number {
  return (cell.mailbox?.length ?? 0) + (handedMessage(cell) === undefined ? 0 : 1);
}

/** What an operation waits for. */
export function inWords(awaited: Awaited | undefined): string | undefined {
  return awaited?.words ?? awaited?.what;
}
