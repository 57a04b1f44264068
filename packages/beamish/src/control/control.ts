/**
 * Running a system step by step, in place of its scheduler: who is next, which timer rings and what arrives
 * from another system is decided outside, as a simulator does that tries every order. A step goes from one
 * receive of one actor to its next, or to its end; a turn of the scheduler is some number of such steps.
 *
 * Over 300 lines: what can happen next, and doing it, stand on one record of who is ready, due or arriving.
 */

import type { ConnectOptions } from '../distribution/connection.ts';
import { type Guard, UNBOUNDED } from '../mailbox/mailbox.ts';
import { accepts, type Want } from '../mailbox/tag-set.ts';
import { fire } from '../signals/timers.ts';
import {
  type ActorCell,
  handedMessage,
  isAlive,
  NOTHING,
  residentCell,
  TIMED_OUT,
} from '../state/actor-cell.ts';
import { EXITING, MADE, READY, RUNNING, WAITING } from '../state/status.ts';
import type { SystemState } from '../state/system-state-types.ts';
import { type ActorSystem, stateOfSystem } from '../system/system.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { type Message, type Pid, showAddress } from '../terms/pid.ts';
import { step, takeTurn } from '../turn/step.ts';
import { type Accesses, type PendingTimer, ReadyList, ToldNames, ToldTimers } from './accesses.ts';
import { type Lane, lanesBetween } from './lane.ts';
import { StillClock } from './still-clock.ts';
import { putTold, TOLD } from './told.ts';

const NO_TIMERS: readonly PendingTimer[] = [];

/**
 * Takes a new system over. From now on nothing happens in it but by the verbs of its control. `accesses`
 * hears all that happens in it. Give the system a clock that stands still (`StillClock`); its
 * decisions are asked for numbers and its incarnation only.
 *
 * ```ts
 * const control = takeControl(new ActorSystem({ clock: new StillClock(), decisions, log: 'off' }));
 * control.system.spawn(main);
 * for (let who = control.runnable(); who.length > 0; who = control.runnable())
 *   control.turn(who[choose(who.length)]);
 * ```
 *
 * @throws Error if somebody has run in it, or it has been taken over.
 */
export function takeControl(system: ActorSystem, accesses: Accesses = {}): Control {
  return new Control(system, accesses);
}

/** What an actor waits for in a receive. */
export interface ReceiveInProgress {
  /** Whether it would take this message. A guard that throws takes it. */
  accepts(message: Message): boolean;
  /** It has a time-out. */
  readonly isTimed: boolean;
  /** It ends on the actor's next turn, with a message or without: a poll, or one whose time is up. */
  readonly isOver: boolean;
}

/** The wheel of a system: who steps, which timer rings, what arrives. */
export class Control {
  /** The system that is under control. */
  readonly system: ActorSystem;
  readonly #state: SystemState;
  readonly #ready: ReadyList;
  readonly #timers: ToldTimers;

  constructor(system: ActorSystem, accesses: Accesses) {
    const state = stateOfSystem(system);
    if (state.ready instanceof ReadyList || state.root.generator !== undefined || state.alive > 0) {
      throw new Error(
        `Cannot take control of ${system.name}: a system is taken over once, before anybody runs in it`,
      );
    }
    this.system = system;
    this.#state = state;
    this.#ready = new ReadyList(accesses);
    this.#timers = new ToldTimers(accesses, state.clock);
    state.ready = this.#ready;
    state.timers = this.#timers;
    state.names = new ToldNames(accesses);
    state.wake = state.slice = nobodyDoes;
    state.awake = true;
    state.listeners.lead(TOLD, putTold);
    this.#ready.push(state.root);
  }

  /**
   * Who can make a step, in the order of becoming so; the root, which stands for the outside, among them.
   * Who stepped aside, and finds nothing in its mailbox that it takes, goes on waiting: that is no step.
   */
  runnable(): readonly Pid[] {
    this.#settle();
    return this.#ready.cells.map((cell) => cell.pid);
  }

  /** Whether it is among them. */
  isRunnable(who: Pid): boolean {
    this.#settle();
    const cell = residentCell(who);
    return cell !== undefined && this.#ready.cells.includes(cell);
  }

  /** One step. @throws Error for who can make none. */
  turn(who: Pid): void {
    const cell = residentCell(who);
    if (cell === undefined || !this.#ready.delete(cell)) {
      throw new Error(`Cannot give ${showAddress(who)} a turn: it is not runnable`);
    }
    this.#begin(cell);
    takeTurn(cell);
    this.#settle();
  }

  /**
   * One step, in which the receive throws `error` into the body in place of returning its message. The
   * listeners are told of the message first. False if no receive returned one in this step.
   */
  turnThrowing(who: Pid, error: unknown): boolean {
    const state = this.#state;
    const { tapReceived } = state;
    let hasThrown = false;
    state.tapReceived = (pid, message) => {
      tapReceived?.call(state, pid, message);
      if (hasThrown) return;
      hasThrown = true;
      throw error;
    };
    try {
      this.turn(who);
    } finally {
      state.listeners.restore('received');
    }
    return hasThrown;
  }

  /** The receive that an actor is in, or was in last, as it is now; to be asked later what else it would have taken. */
  receiveOf(who: Pid): ReceiveInProgress {
    return new Receiving(residentCell(who));
  }

  /** Whether its next step begins with a receive that returns a message, as far as can be told. */
  receives(who: Pid): boolean {
    const cell = residentCell(who);
    if (cell === undefined || cell.status !== READY || !hasBegun(cell)) return false;
    const handed = handedMessage(cell);
    if (handed !== undefined) return accepts(cell.want, handed);
    const isReceiving =
      cell.resumeValue === TIMED_OUT || cell.guard !== undefined || this.#stepsAside(cell);
    return isReceiving && findsMessage(cell);
  }

  /** Whether it waits in a receive, or would look into its mailbox once more and go on without a message. */
  isAwaitingMail(who: Pid): boolean {
    const cell = residentCell(who);
    if (cell === undefined || cell.status === WAITING) return cell !== undefined;
    if (cell.status !== READY || !hasBegun(cell)) return false;
    if (cell.resumeValue === TIMED_OUT) return cell.receive?.isTimed === true;
    return cell.receive?.isPoll === true && this.#stepsAside(cell);
  }

  /** Whether its mailbox has a limit: who takes something makes room. */
  isBounded(who: Pid): boolean {
    const limit = residentCell(who)?.mailbox?.limit;
    return limit !== undefined && limit !== UNBOUNDED;
  }

  /**
   * Somebody waits for a promise, or an async body runs between its turns: what comes of it, comes when the
   * event loop has had a turn.
   */
  get isAwaitingHost(): boolean {
    return this.#state.holds > 0;
  }

  /** Those whose async code waits for a promise that did not come from `self`. */
  inForeignAwait(): readonly Pid[] {
    const pids: Pid[] = [];
    for (let cell = this.#state.youngest; cell !== undefined; cell = cell.older) {
      const isRunning = cell.status === RUNNING || cell.status === MADE;
      if (isRunning && cell.cold?.asynchronous === true) pids.push(cell.pid);
    }
    return pids;
  }

  /** The timers that could ring next: all of the next millisecond that has any, in the order in which they were started. */
  due(): readonly PendingTimer[] {
    this.#settle();
    const soonest = this.#timers.soonest();
    return soonest.length === 0 ? NO_TIMERS : soonest.map((timer) => this.#timers.view(timer));
  }

  /**
   * Lets one timer take effect. It is up to you that the clock has come to its `due` by then, and that
   * those that are due before have rung. @throws Error for one that is not pending.
   */
  ring(timer: PendingTimer): void {
    const taken = this.#timers.takeOne(timer);
    if (taken === undefined) throw new Error(`Cannot ring a ${timer.kind}: it is not pending`);
    const state = this.#state;
    state.lookedAt = Math.max(state.clock.now(), timer.due);
    fire(state, taken, state.lookedAt);
    this.#settle();
  }

  /**
   * Connects this system with another one under control. Returns the ways there and back, on which lies
   * what was sent; `load` finds the bodies that one spawns in the other. With `spawns`, this one spawns in the
   * other, which is new.
   */
  connect(
    other: Control,
    options: { readonly load: ConnectOptions['load']; readonly spawns?: boolean },
  ): readonly [Lane, Lane] {
    return lanesBetween(this.system, other.system, options.load, options.spawns === true);
  }

  /** What was sent since the last time leaves: one batch for each system that it is for. */
  flush(): void {
    const { clock, distribution } = this.#state;
    if (clock instanceof StillClock) clock.turn();
    distribution?.flush();
  }

  /** The oldest batch on a way to this system takes effect; false if there is none. @throws Error for a way to another one. */
  arrive(lane: Lane): boolean {
    this.#check(lane, 'let arrive');
    const hasArrived = lane.arrive();
    this.#settle();
    return hasArrived;
  }

  /** What lies on a way to this system is lost, and links and monitors across end. @throws as `arrive` does. */
  lose(lane: Lane, reason: ExitReason): void {
    this.#check(lane, 'lose');
    lane.end(reason);
    this.#settle();
  }

  #check(lane: Lane, action: string): void {
    if (lane.to === this.system) return;
    throw new Error(
      `Cannot ${action} what is on its way to ${lane.to.name}: that is not ${this.system.name}`,
    );
  }

  /** No budget: a receive that finds a message steps aside once, and takes it at the beginning of its next turn. */
  #begin(cell: ActorCell): void {
    const state = this.#state;
    state.receivesLeft = state.receivesGranted = state.budget = 0;
    state.lookedAt = state.clock.now();
    this.#ready.aside?.delete(cell);
  }

  /** What belongs to the step before: new timers get their time, and who has stepped aside for nothing waits again. */
  #settle(): void {
    const { clock } = this.#state;
    this.#timers.settle(clock.now());
    let cells: readonly ActorCell[] = this.#ready.cells;
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i] as ActorCell;
      if (this.#canStep(cell)) continue;
      // Who becomes ready by that is looked at the next time.
      if (cells === this.#ready.cells) cells = [...cells];
      this.#ready.delete(cell);
      this.#begin(cell);
      step(cell);
      this.#timers.settle(clock.now());
    }
  }

  #stepsAside(cell: ActorCell): boolean {
    return this.#ready.aside?.has(cell) === true;
  }

  #canStep(cell: ActorCell): boolean {
    if (cell.status === EXITING || cell.resumeValue !== NOTHING) return true;
    const isReceiving = cell.guard !== undefined || this.#stepsAside(cell);
    return !isReceiving || cell.receive?.isPoll === true || findsMessage(cell);
  }
}

// No closures in the constructor: with one, each system took ten times as long to make, nearly all of it the
// collector's, as what a constructor's context holds outlives the system until all memory is looked through.

function nobodyDoes(): void {}

/** A receive as it was when it was asked for. */
class Receiving implements ReceiveInProgress {
  readonly isTimed: boolean;
  readonly isOver: boolean;
  readonly #want: Want;
  readonly #guard: Guard | undefined;

  constructor(cell: ActorCell | undefined) {
    this.#want = cell?.want;
    this.#guard = cell?.guard;
    this.isTimed = cell?.receive?.isTimed === true;
    this.isOver = cell?.receive?.isPoll === true || cell?.resumeValue === TIMED_OUT;
  }

  accepts(message: Message): boolean {
    try {
      return accepts(this.#want, message) && (this.#guard?.(message as never) ?? true);
    } catch {
      // A guard that throws takes it: its actor fails by that.
      return true;
    }
  }
}

/** Its body has had a turn. */
function hasBegun({ generator, cold }: ActorCell): boolean {
  return generator !== undefined || cold?.asynchronous === true;
}

/** Whether the receive in progress would take a message. A guard that throws is one that accepts: its actor fails by it, on its step. */
function findsMessage({ mailbox, want, guard, cold }: ActorCell): boolean {
  try {
    if (mailbox?.hasNew(want, guard) === true) return true;
    const last = cold?.offers;
    for (let offer = last?.nextOffer; offer !== undefined; offer = offer.nextOffer) {
      const { sender, message } = offer;
      if (isAlive(sender) && accepts(want, message) && (guard?.(message as never) ?? true))
        return true;
      if (offer === last) return false;
    }
    return false;
  } catch {
    return true;
  }
}
