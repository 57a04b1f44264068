/**
 * One actor, as the runtime sees it: a record without behaviour, on which each room acts. A million
 * actors may be idle, so what most of them never have (links, timers, clean-up) is in records that are
 * made when first needed.
 */

import type { Guard, Mailbox } from '../mailbox/mailbox.ts';
import type { Want } from '../mailbox/tag-set.ts';
import { type Message, type Pid, ProcessId, residentOfPid } from '../terms/pid.ts';
import type { AnyBody } from '../terms/spawnable.ts';
import type { ColdState } from './cold-state.ts';
import type { Lineage } from './lineage.ts';
import { EXITING, READY, type Status } from './status.ts';
import type { SystemState } from './system-state-types.ts';
import { NOWHERE } from './timer-wheel.ts';
import type { Watch } from './watch.ts';

/** Nothing was handed to a suspended operation. No symbol: comparing messages with one calls a builtin. */
export const NOTHING = Object.freeze({ resumeValue: 'nothing' });
/** A message was handed to the suspended receive, whose value it is already: it is written down once. */
export const HANDED = Object.freeze({ resumeValue: 'message' });
/** The time of a suspended operation is up. */
export const TIMED_OUT = Object.freeze({ resumeValue: 'time-out' });

export interface ActorCell {
  readonly system: SystemState;
  readonly pid: Pid;
  readonly body: AnyBody;
  readonly lineage: Lineage | undefined;
  /** The lineage of its children; made by the first. */
  childLineage: Lineage | undefined;
  status: Status;
  trapExit: boolean;
  /** Others wait for its start or watch over it: an abnormal end is a crash even without an error. */
  supervised: boolean;
  /** The suspended generator; set by the first step, unset at the end. Undefined for an async body. */
  generator: Iterator<unknown, unknown, unknown> | undefined;
  /** Made by the first message that finds the actor busy. */
  mailbox: Mailbox | undefined;
  /** What the receive in progress takes; kept afterwards, for the next one to compare with. */
  want: Want;
  guard: Guard | undefined;
  /** What the suspended operation returns when the actor runs, set by who wakes it; the arguments, before the first step. */
  resumeValue: unknown;
  /** Its receive, whose value is the message that it returned last, or is handed; undefined until the first turn and after the end. */
  receive:
    | {
        value: Message | undefined;
        readonly isPoll: boolean;
        readonly isTimed: boolean;
        /** Whatever was made and has not begun never will; the actor can make another. */
        withdraw(): void;
      }
    | undefined;
  /** Next in the run queue. */
  nextReady: ActorCell | undefined;
  /** Neighbours in the list of all that are alive. */
  older: ActorCell | undefined;
  younger: ActorCell | undefined;
  relations: Relations | undefined;
  cold: ColdState | undefined;
  /** Receives that have returned a message. */
  reductions: number;
}

/** What ties an actor to others. */
export interface Relations {
  /** Kept by `registry.ts`. */
  name: string | undefined;
  /** Kept by `links.ts`. */
  links: Pid | Pid[] | Set<Pid> | undefined;
  /** Monitors and requests that want to hear of this actor's end; a ring, by its last. */
  watchers: Watch | undefined;
  /** Monitors and requests of this actor's own; a ring, by its last. */
  watching: Watch | undefined;
  /** Timers that will send to this actor: its ring in the wheel. */
  timers: number;
}

/** The actor of a pid, while it is alive or dying, in whichever system of this thread. */
export const residentCell = residentOfPid as (address: object) => ActorCell | undefined;

export function makeCell(
  system: SystemState,
  body: AnyBody,
  args: unknown,
  lineage: Lineage | undefined,
  serial: number,
): ActorCell {
  const cell: ActorCell = {
    system,
    pid: undefined as unknown as Pid,
    body,
    lineage,
    childLineage: undefined,
    status: READY,
    trapExit: false,
    supervised: false,
    generator: undefined,
    mailbox: undefined,
    want: undefined,
    guard: undefined,
    resumeValue: args,
    receive: undefined,
    nextReady: undefined,
    older: undefined,
    younger: undefined,
    relations: undefined,
    cold: undefined,
    reductions: 0,
  };
  (cell as { pid: Pid }).pid = new ProcessId(system.name, system.incarnation, serial, cell);
  return cell;
}

export function isAlive(cell: ActorCell): boolean {
  return cell.status < EXITING;
}

/** The message that was handed to its receive, which has not run since. */
export function handedMessage({ status, resumeValue, receive }: ActorCell): Message | undefined {
  return status === READY && resumeValue === HANDED ? receive?.value : undefined;
}

export function relationsOf(cell: ActorCell): Relations {
  return cell.relations ?? makeRelations(cell);
}

/** Apart, as `makeColdState`. */
function makeRelations(cell: ActorCell): Relations {
  cell.relations = {
    name: undefined,
    links: undefined,
    watchers: undefined,
    watching: undefined,
    timers: NOWHERE,
  };
  return cell.relations;
}
