/** What a look at all actors does not show: of one of them, and of the system. */

import { stateOf } from '../reports/crash-report.ts';
import { residentCell } from '../state/actor-cell.ts';
import type { ColdState } from '../state/cold-state.ts';
import type { SystemState } from '../state/system-state-types.ts';
import { everyOf, messageOf, type SendTimer } from '../state/timer.ts';
import { NOWHERE } from '../state/timer-wheel.ts';
import { type ActorSystem, stateOfSystem } from '../system/system.ts';
import {
  isPid,
  markOfPid,
  markPid,
  ownerOfReplyTo as ownerOf,
  type Pid,
  ProcessId,
} from '../terms/pid.ts';
import { show } from '../terms/printable.ts';

/** Keeps something with a pid, in place of what was kept before. @throws TypeError for what is no pid, or a copy of one. */
export function mark(pid: Pid, what: unknown): void {
  if (!markPid(pid, what))
    throw new TypeError(`Cannot mark ${show(pid)}: it is no pid of a system`);
}

/** What is kept with a pid, in 2 ns; undefined if nothing is. */
export function markOf(pid: Pid): unknown {
  return markOfPid(pid);
}

/** The clock as the scheduler saw it last, in milliseconds: free, and at most 32 turns old. */
export function lookedAt(system: ActorSystem): number {
  return stateOfSystem(system).lookedAt;
}

/** Whose request, or alias, a reply address is, as far as is known in this thread; also when it is over. */
export function ownerOfReplyTo(to: unknown): Pid | undefined {
  return typeof to === 'object' && to !== null ? ownerOf(to) : undefined;
}

/** Counts of a system. Those since it began never fall. */
export interface Figures {
  /** Actors that are alive. */
  readonly actors: number;
  /** In the run queue. */
  readonly runnable: number;
  /** Timers that are pending, time-outs included. */
  readonly timers: number;
  /** Since it began. */
  readonly spawned: number;
  /** Receives, since it began, of actors that have ended; those of the living are their `reductions`. */
  readonly receivedByEnded: number;
}

export function figuresOf(system: ActorSystem): Figures {
  const { alive, ready, timers, spawned, received } = stateOfSystem(system);
  return {
    actors: alive,
    runnable: ready.length,
    timers: timers.length,
    spawned,
    receivedByEnded: received,
  };
}

export interface TimerView {
  /** Milliseconds until it sends. */
  readonly inMs: number;
  /** The tag of the message that it sends. */
  readonly tag: string;
  /** 0 of one that sends once. */
  readonly everyMs: number;
}

/** The timers that will send to an actor of this system by its pid, in the order in which they were started; undefined of the dead. */
export function timersOf(system: ActorSystem, pid: Pid): readonly TimerView[] | undefined {
  const state = stateOfSystem(system);
  const cell = cellIn(state, pid);
  if (cell === undefined) return undefined;
  const views: TimerView[] = [];
  for (const timer of state.timers.ownedIn(cell.relations?.timers ?? NOWHERE) as SendTimer[])
    views.push({ inMs: msLeft(state, timer), tag: messageOf(timer).tag, everyMs: everyOf(timer) });
  return views;
}

/**
 * What a server shows of its state, or the error that showing it came to; undefined if it shows none. Runs
 * the server's own code, `state.get` and `state.format`, at once: not for who must not disturb.
 */
export function stateShownBy(system: ActorSystem, pid: Pid): unknown {
  return stateOf(cellIn(stateOfSystem(system), pid)?.cold);
}

/** What a mailbox does with a message that it has no room for; undefined of who is not alive in this system. */
export function overflowOf(system: ActorSystem, pid: Pid): ColdState['overflow'] | undefined {
  const cell = cellIn(stateOfSystem(system), pid);
  return cell && (cell.cold?.overflow ?? 'wait');
}

/** What is in a mailbox, by tag, the most frequent first; of at most the first `most` messages, which `counted` says. */
export interface TagsView {
  /** Each tag, and how many messages have it. */
  readonly tags: readonly { readonly tag: string; readonly count: number }[];
  /** Messages that were looked at. */
  readonly counted: number;
}

/** Counts the messages in a mailbox by their tags, and copies none; undefined of the dead. */
export function tagsIn(system: ActorSystem, pid: Pid, most: number): TagsView | undefined {
  const cell = cellIn(stateOfSystem(system), pid);
  if (cell === undefined) return undefined;
  const counts = new Map<string, number>();
  let counted = 0;
  for (const { tag } of cell.mailbox ?? []) {
    if (counted === most) break;
    counted++;
    counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  const tags = Array.from(counts, ([tag, count]) => ({ tag, count }));
  return { tags: tags.sort((a, b) => b.count - a.count), counted };
}

/**
 * The pid of an actor that is told of by its numbers, of a system that this one is or was connected to: the one
 * that is known here, so that `===` holds.
 */
export function pidIn(
  system: ActorSystem,
  of: { readonly system: string; readonly incarnation: number; readonly serial: number },
): Pid {
  const { distribution } = stateOfSystem(system);
  const pid = distribution?.identities.pid(of.system, of.incarnation, of.serial);
  return pid ?? new ProcessId(of.system, of.incarnation, of.serial, undefined);
}

function cellIn(state: SystemState, pid: Pid): ReturnType<typeof residentCell> {
  const cell = isPid(pid) ? residentCell(pid) : undefined;
  return cell?.system === state ? cell : undefined;
}

function msLeft({ timers, clock }: SystemState, timer: SendTimer): number {
  const due = timers.dueOf(timer);
  return timers.isFresh(timer) ? due : Math.max(0, Math.ceil(due - clock.now()));
}
