/** What few actors have, in a record of its own: clean-up, an operation other than a receive, an async body. */

import type { ExitReason } from '../terms/exit-reason.ts';
import type { Pid, Target } from '../terms/pid.ts';
import type { Started } from '../terms/self-types.ts';
import type { ActorCell } from './actor-cell.ts';
import type { RestartRate } from './report-port.ts';
import type { Deadline } from './timer.ts';
import type { WaitingOffer } from './waiting-offer.ts';

/** What few actors have. */
export interface ColdState {
  /** What else it holds among others, as its places in groups. */
  holdings: Set<Holding> | undefined;
  /** Why it ends; set when it is exiting. */
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
  /** What the last operation but a receive waits for, or waited for. */
  waitingFor: Awaited | undefined;
  /** After how many receives that operation was. */
  waitedAt: number;
  /** The body, while async code of its own runs in its place. */
  laidAside: Iterator<unknown, unknown, unknown> | undefined;
  /** An async body's operation in progress. */
  awaiting: Awaiting | undefined;
  /** Whom to tell how the start went, until it is over. */
  starting: Starting | undefined;
  /** What reports show of a server's state; set by a server that has some. */
  showState: (() => unknown) | undefined;
  /** Set by a supervisor. */
  supervising: Supervising | undefined;
  /** `system.run` tells its caller of a crash, so that the log need not. */
  ran: boolean;
  /** Who hears of the end: `system.exited` and `system.run`. */
  ended: ((reason: ExitReason, cell: ActorCell) => void)[] | undefined;
  /** What waits for room in this actor's bounded mailbox; a ring, by its last. Kept by `offers.ts`. */
  offers: WaitingOffer | undefined;
  /** What this actor waits to get into another's. Kept by `offers.ts`. */
  offered: WaitingOffer | undefined;
  overflow: 'wait' | 'drop_newest' | 'drop_oldest' | 'exit';
  /** The body is async: its code runs between turns, not on them. */
  asynchronous: boolean;
  /** It keeps the program alive: its async code runs, or it waits for a promise. */
  holding: boolean;
}

/** What an actor holds, and lets go as soon as it is to end. */
export interface Holding {
  drop(cell: ActorCell): void;
}

export interface Awaiting {
  readonly steps: Iterator<unknown, unknown, unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export type StartOutcome = Started<Pid>;

/** What an operation waits for that is no receive. */
export interface Awaited {
  /** A reply, room in a mailbox or on the way to it, the start of an actor, time, or a promise. */
  readonly why: 'call' | 'room' | 'start' | 'time' | 'promise';
  /** Of a call, what it asked for; otherwise in words. */
  readonly what: string;
  /** Before whom it waits, if before one. */
  readonly target: Target | undefined;
  /** In words, where `what` is not. */
  readonly words?: string;
  /** Changes when it waits for something else, where this record does not. */
  readonly identity?: object | undefined;
}

/** What a supervisor shows of itself, and of its children, to who looks. */
export interface Supervising {
  /** Who is restarted with whom. */
  readonly strategy: 'one_for_one' | 'one_for_all' | 'rest_for_one' | 'simple_one_for_one';
  /** Restarts within the period that ends now. */
  rate(): RestartRate;
  /** In their order; `pid` is undefined of one that does not run. */
  children(): readonly { readonly id: string | undefined; readonly pid: Pid | undefined }[];
  /** The id of the child that runs as `pid`, or ran as it last. */
  idOf(pid: Pid): string | undefined;
  /** Whether it still deals with the end of a child that ran as `pid`: has not seen it, or restarts whom it concerns. */
  isAtWorkFor(pid: Pid): boolean;
  /** Calls `hear` once, when it is done with what it does now, or ends. */
  whenDone(hear: () => void): void;
}

export interface Starting {
  /** Who waits for the start, if an actor does; no EXIT of a failed start is left in its mailbox. */
  readonly by: ActorCell | undefined;
  answer(outcome: StartOutcome): void;
  /** What a body that ends without having started answers instead of its exit reason. */
  failure: { readonly reason: ExitReason; readonly pid?: Pid } | undefined;
}

export function coldStateOf(cell: ActorCell): ColdState {
  return cell.cold ?? makeColdState(cell);
}

/** In a function of its own, since V8 inlines so much code and no more: the path of a call is too long with it. */
function makeColdState(cell: ActorCell): ColdState {
  cell.cold = {
    holdings: undefined,
    reason: undefined,
    returned: undefined,
    showState: undefined,
    supervising: undefined,
    ran: false,
    dictionary: undefined,
    deferred: undefined,
    abort: undefined,
    deadline: undefined,
    waitingFor: undefined,
    waitedAt: 0,
    laidAside: undefined,
    awaiting: undefined,
    starting: undefined,
    ended: undefined,
    offers: undefined,
    offered: undefined,
    overflow: 'wait',
    asynchronous: false,
    holding: false,
  };
  return cell.cold;
}

/** What was given to `defer` last of all that are this one is not to be done any more. */
export function takeBackCleanUp({ cold }: ActorCell, cleanUp: () => void): void {
  const at = cold?.deferred?.lastIndexOf(cleanUp) ?? -1;
  if (at !== -1) cold?.deferred?.splice(at, 1);
}

export function holdingsOf(cell: ActorCell): Set<Holding> {
  const cold = coldStateOf(cell);
  cold.holdings ??= new Set();
  return cold.holdings;
}

/** While an actor holds, the program does not end though nothing is due. */
export function hold(cell: ActorCell, on: boolean): void {
  const cold = coldStateOf(cell);
  if (cold.holding === on) return;
  const { system } = cell;
  cold.holding = on;
  system.holds += on ? 1 : -1;
  // The alarm that keeps the program alive is set at the end of a slice.
  if (on && !system.awake) system.wake();
}
