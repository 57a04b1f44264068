/**
 * One actor and the system it lives in, as the runtime sees them: records without behaviour, on which
 * each room acts. A million actors may be idle, so what most of them never have (links, timers,
 * clean-up) is in records that are made when first needed.
 */

import type { Guard, Mailbox } from '../mailbox/mailbox.ts';
import type { Want } from '../mailbox/tag-set.ts';
import type { Clock } from '../seams/clock.ts';
import type { Decisions } from '../seams/decisions.ts';
import type { Tapped } from '../seams/tap.ts';
import type { AnyBody } from '../terms/body.ts';
import type { Started } from '../terms/context.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import {
  type Address,
  type Message,
  type Pid,
  ProcessId,
  residentOfPid,
  type Sender,
  type Target,
} from '../terms/pid.ts';
import type { Ref } from '../terms/ref.ts';
import type { Lineage } from './lineage.ts';
import type { RunQueue } from './run-queue.ts';
import type { TimerWheel, WheelNode } from './timer-wheel.ts';
import type { Abroad } from './transport.ts';

/** Stands for an actor of another system; it never runs. */
export const ELSEWHERE = -1;
/** In the run queue. */
export const READY = 0;
/** Its code is running: on this turn, or, of an async body, between turns. */
export const RUNNING = 1;
/** Running, and has made an operation that `yield*` or `await` has not begun yet. */
export const MADE = 2;
/** In `receive`. */
export const WAITING = 3;
/** Waiting for anything else: time, a reply, a promise, room in a mailbox, a start. */
export const PARKED = 4;
/** Has its final reason and takes nothing any more; in the run queue for its clean-up. */
export const DOOMED = 5;
export const DEAD = 6;
export type Status =
  | typeof ELSEWHERE
  | typeof READY
  | typeof RUNNING
  | typeof MADE
  | typeof WAITING
  | typeof PARKED
  | typeof DOOMED
  | typeof DEAD;

/** Nothing was handed to a suspended operation. No symbol: comparing messages with one calls a builtin. */
export const NOTHING = Object.freeze({ handed: 'nothing' });
/** The time of a suspended operation is up. */
export const TIMED_OUT = Object.freeze({ handed: 'time-out' });

export interface ActorCell {
  readonly home: Home;
  readonly pid: Pid;
  readonly body: AnyBody;
  readonly lineage: Lineage | undefined;
  /** The lineage of its children; made by the first. */
  brood: Lineage | undefined;
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
  handed: unknown;
  /** Its receive, whose value is the message that it returned last; undefined until the first turn and after the end. */
  receive: { value: Message | undefined } | undefined;
  /** Next in the run queue. */
  nextReady: ActorCell | undefined;
  /** Neighbours in the list of all that are alive. */
  older: ActorCell | undefined;
  younger: ActorCell | undefined;
  bonds: Bonds | undefined;
  rare: Rare | undefined;
  /** Receives that have returned a message. */
  reductions: number;
}

/** What ties an actor to others. */
export interface Bonds {
  /** Kept by `links.ts`. */
  links: Pid | Set<Pid> | undefined;
  /** Monitors and requests that want to hear of this actor's end; a ring, by its last. */
  watchers: Watch | undefined;
  /** Monitors and requests of this actor's own; a ring, by its last. */
  watching: Watch | undefined;
  /** Timers that will send to this actor; a ring, by its last. */
  timers: SendTimer | undefined;
}

/** What few actors have. */
export interface Rare {
  name: string | undefined;
  /** Why it ends; set when it is doomed. */
  reason: ExitReason;
  /** What its body returned, if it did. */
  returned: unknown;
  /** Its own, by `put`. */
  dictionary: Map<unknown, unknown> | undefined;
  /** Clean-up by `defer`, in the order given. */
  deferred: (() => void)[] | undefined;
  /** Tells a promise that is waited for that nobody does any more. */
  abort: { abort(reason?: unknown): void } | undefined;
  /** The time-out of the operation in progress. */
  deadline: Deadline | undefined;
  /** What the last operation but a receive waits for, or waited for, in words. */
  waitingFor: Awaited | undefined;
  /** After how many receives that operation was. */
  waitedAt: number;
  /** An async body's operation in progress. */
  awaiting: Awaiting | undefined;
  /** Whom to tell how the start went, until it is over. */
  starting: Starting | undefined;
  /** What reports show of a server's state; set by a server that has some. */
  showState: (() => unknown) | undefined;
  /** `system.run` tells its caller of a crash, so that the log need not. */
  ran: boolean;
  /** Who hears of the end: `system.exited` and `system.run`. */
  ended: ((reason: ExitReason, cell: ActorCell) => void)[] | undefined;
  /** Those who wait for room in this actor's bounded mailbox. */
  offering: ActorCell[] | undefined;
  overflow: 'wait' | 'drop_newest' | 'drop_oldest' | 'exit';
  /** The body is async: its code runs between turns, not on them. */
  asynchronous: boolean;
  /** It keeps the program alive: its async code runs, or it waits for a promise. */
  holding: boolean;
}

export interface Awaiting {
  readonly steps: Iterator<unknown, unknown, unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export type StartOutcome = Started<Pid>;

/** What an operation waits for, in words, or the call whose reply it is. */
export type Awaited = string | { readonly what: string };

export interface Starting {
  /** Who waits for the start, if an actor does; no EXIT of a failed start is left in its mailbox. */
  readonly by: ActorCell | undefined;
  answer(outcome: StartOutcome): void;
  /** What a body that ends without having started answers instead of its exit reason. */
  failure: { readonly reason: ExitReason; readonly pid?: Pid } | undefined;
}

/** A monitor or a request: a node of two rings, the watched actor's and the owner's. */
export interface Watch {
  /** Who hears of the end; undefined once it is over. */
  owner: ActorCell | undefined;
  /** Who is watched, if of this system and alive. */
  cell: ActorCell | undefined;
  readonly target: Target;
  /** Tells it from others of its system, where that is not this one. */
  readonly key: number;
  nextWatcher: Watch;
  previousWatcher: Watch;
  nextWatching: Watch;
  previousWatching: Watch;
  /** Called on the watched actor's end, after the watch has left both rings. */
  ended(owner: ActorCell, reason: ExitReason): void;
}

/** A reply address stands for this: a request, or an alias of an actor. */
export interface Answerable {
  /** False if nobody waits for it any more. */
  answer(value: unknown, from: Sender): boolean;
}

/** Ends the operation that its actor is suspended in. */
export interface Deadline extends WheelNode {
  readonly kind: 'deadline';
  readonly cell: ActorCell;
}

/** Sends a message when it expires. */
export interface SendTimer extends WheelNode {
  readonly kind: 'send';
  readonly ref: Ref;
  readonly ms: number;
  /** Milliseconds after which it sends again; 0 if it sends once. */
  readonly every: number;
  readonly from: ActorCell;
  readonly to: Address;
  readonly message: Message;
  /** The actor that it will send to; undefined for names and others. */
  readonly cell: ActorCell | undefined;
  /** Neighbours in the ring of that actor's timers. */
  nextTimer: SendTimer | undefined;
  previousTimer: SendTimer | undefined;
}

/** Calls a function of the runtime when it expires. */
export interface Alarm extends WheelNode {
  readonly kind: 'alarm';
  readonly ring: () => void;
}

export type Timer = Deadline | SendTimer | Alarm;

export type DeadLetterCause =
  | 'noproc'
  | 'noname'
  | 'late_reply'
  | 'overflow'
  | 'noconnection'
  | 'unhandled';

export type SupervisorReport =
  | 'progress'
  | 'start_error'
  | 'child_terminated'
  | 'shutdown_error'
  | 'shutdown';

/** How many restarts there have been within the last `periodMs`, the one in question included. */
export interface RestartRate {
  readonly count: number;
  readonly intensity: number;
  readonly periodMs: number;
}

/** What the rooms tell of; nothing is lost in silence. */
export interface Reports {
  spawned(cell: ActorCell): void;
  exited(cell: ActorCell, reason: ExitReason): void;
  /** Its own code ended it, and not in order. */
  crashed(cell: ActorCell, reason: ExitReason): void;
  deadLetter(from: Pid | undefined, to: Address, message: unknown, why: DeadLetterCause): void;
  /** A supervisor has decided about the end of a child: `pid` runs in its place, if anyone does. */
  restarted(
    supervisor: ActorCell,
    id: string,
    old: Pid,
    pid: Pid | undefined,
    reason: ExitReason,
    rate: RestartRate,
  ): void;
  /** A supervisor has decided that a child which ended stays ended. */
  notRestarted(old: Pid): void;
  /** What happens to a child of a supervisor, as OTP's supervisor and progress reports. */
  supervised(
    supervisor: ActorCell,
    what: SupervisorReport,
    id: string,
    child: Pid | undefined,
    reason: ExitReason,
  ): void;
  systemUp(system: string, incarnation: number): void;
  /** Another system is lost, and with it so many messages that were on their way there. */
  systemDown(system: string, incarnation: number, reason: ExitReason, lost: number): void;
  /** Clean-up code of an actor threw. */
  cleanUpFailed(cell: ActorCell, error: unknown): void;
}

/** A system's inside. */
export interface Home extends Tapped {
  readonly name: string;
  readonly incarnation: number;
  readonly clock: Clock;
  readonly decisions: Decisions;
  readonly ready: RunQueue<ActorCell>;
  readonly timers: TimerWheel<Timer>;
  readonly names: Map<string, ActorCell>;
  readonly reports: Reports;
  /** Freezes or copies a message on its way; undefined when messages are shared. */
  readonly convey: (<T>(message: T) => T) | undefined;
  /** What the body of an actor gets as its first argument. */
  readonly selfOf: (cell: ActorCell) => unknown;
  /** Sees that the run queue is drained; set by the scheduler. */
  wake: () => void;
  /** Drains it now, for who comes from the host's own turn and not from an actor's; set by the scheduler. */
  slice: () => void;
  /** A drain is under way or about to be; set and cleared by the scheduler. */
  awake: boolean;
  /** The outside world. */
  root: ActorCell;
  /** Whose turn it is. */
  current: ActorCell | undefined;
  /** Of the turn in progress, kept by `allowance.ts`: receives left, granted so far and at most, and a time. */
  allowance: number;
  granted: number;
  budget: number;
  turnBegan: number;
  /** What the clock said when the scheduler looked last. */
  lookedAt: number;
  serials: number;
  refs: number;
  aliases: number;
  /** The last spawned of all that are alive, each of which knows the one before. */
  youngest: ActorCell | undefined;
  alive: number;
  /** By serial; made when first a copy of a pid has to be found again. */
  directory: Map<number, ActorCell> | undefined;
  /** Other systems; undefined while this one is alone. */
  abroad: Abroad<ActorCell, Watch> | undefined;
  /** Actors that keep the program alive. */
  holds: number;
  /** After `shutdown`. */
  closed: boolean;
}

/** The actor of a pid, while it is alive or dying, in whichever system of this thread. */
export const residentCell = residentOfPid as (address: object) => ActorCell | undefined;

export function makeCell(
  home: Home,
  body: AnyBody,
  args: unknown,
  lineage: Lineage | undefined,
  serial: number,
): ActorCell {
  const cell: ActorCell = {
    home,
    pid: undefined as unknown as Pid,
    body,
    lineage,
    brood: undefined,
    status: READY,
    trapExit: false,
    supervised: false,
    generator: undefined,
    mailbox: undefined,
    want: undefined,
    guard: undefined,
    handed: args,
    receive: undefined,
    nextReady: undefined,
    older: undefined,
    younger: undefined,
    bonds: undefined,
    rare: undefined,
    reductions: 0,
  };
  (cell as { pid: Pid }).pid = new ProcessId(home.name, home.incarnation, serial, cell);
  return cell;
}

export function isAlive(cell: ActorCell): boolean {
  return cell.status < DOOMED;
}

export function bondsOf(cell: ActorCell): Bonds {
  cell.bonds ??= { links: undefined, watchers: undefined, watching: undefined, timers: undefined };
  return cell.bonds;
}

export function rareOf(cell: ActorCell): Rare {
  cell.rare ??= {
    name: undefined,
    reason: undefined,
    returned: undefined,
    showState: undefined,
    ran: false,
    dictionary: undefined,
    deferred: undefined,
    abort: undefined,
    deadline: undefined,
    waitingFor: undefined,
    waitedAt: 0,
    awaiting: undefined,
    starting: undefined,
    ended: undefined,
    offering: undefined,
    overflow: 'wait',
    asynchronous: false,
    holding: false,
  };
  return cell.rare;
}

/** While an actor holds, the program does not end though nothing is due. */
export function hold(cell: ActorCell, on: boolean): void {
  const rare = rareOf(cell);
  if (rare.holding === on) return;
  const { home } = cell;
  rare.holding = on;
  home.holds += on ? 1 : -1;
  // The alarm that keeps the program alive is set at the end of a slice.
  if (on && !home.awake) home.wake();
}
