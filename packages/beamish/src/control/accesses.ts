/**
 * What a system under control has in place of its run queue, its names and its timers: they do the same,
 * and tell of each access, since whoever explores schedules has to know which steps use the same thing.
 */

import type { Clock } from '../seams/clock.ts';
import type { Tap } from '../seams/tap.ts';
import type { ActorCell } from '../state/actor-cell.ts';
import { RunQueue } from '../state/run-queue.ts';
import { MADE, PARKED, RUNNING, type Status, WAITING } from '../state/status.ts';
import { destinationOf, messageOf, senderOf, type Timer } from '../state/timer.ts';
import { TimerWheel } from '../state/timer-wheel.ts';
import type { Address, Message, Pid } from '../terms/pid.ts';
import type { Ref } from '../terms/ref.ts';

/**
 * What is told of a system under control: all that a tap tells, before anybody who listens hears it, and besides. It is told
 * in the middle of what is done: what one of these throws is thrown at who does it.
 */
export interface Accesses extends Tap {
  /** An actor became runnable: it is the last of them. */
  ready?(who: Pid): void;
  /** A name was looked up; or it was given or taken back, which changes it. */
  name?(name: string, isChange: boolean): void;
  /** A timer was started, taken back (if it was still there) or read. */
  timer?(timer: PendingTimer, how: 'start' | 'stop' | 'read'): void;
  /** An actor begins to wait, and where in its code, as an error's stack tells. Costs much: for a run that is shown. */
  waits?(who: Pid, stack: string): void;
  /** A timer that is over was to be taken back or read. */
  late?(ref: Ref): void;
}

/** A timer that has not rung; the same object each time. */
export interface PendingTimer {
  /** Ends an operation of `of`; sends `message`; or calls a function of the runtime, as for the time-out of a start. */
  readonly kind: 'deadline' | 'send' | 'alarm';
  /** On the system's clock, in whole milliseconds. */
  readonly due: number;
  /** Whose operation it ends, or who started it. */
  readonly of: Pid | undefined;
  /** What the program knows it by, if it does. */
  readonly ref: Ref | undefined;
  /** Where it sends, if it does. */
  readonly to: Address | undefined;
  /** What it sends, if it does. */
  readonly message: Message | undefined;
}

/** A run queue of which anyone can be taken. The scheduler, which is not used, finds it empty. */
export class ReadyList extends RunQueue<ActorCell> {
  readonly cells: ActorCell[] = [];
  readonly accesses: Accesses;
  /** Those that stepped aside in the middle of a receive; each until its next turn. Made by the first. */
  aside: Set<ActorCell> | undefined;
  /** Of whose waits it is told; made if it is. */
  #seen: WeakSet<ActorCell> | undefined;

  constructor(accesses: Accesses) {
    super();
    this.accesses = accesses;
  }

  override push(cell: ActorCell): void {
    this.cells.push(cell);
    this.accesses.ready?.(cell.pid);
    if (this.accesses.waits === undefined) return;
    this.#seen ??= new WeakSet();
    if (!this.#seen.has(cell)) {
      this.#seen.add(cell);
      tellOfWaits(cell, this.accesses.waits.bind(this.accesses));
    }
  }

  override *[Symbol.iterator](): Generator<ActorCell> {
    yield* this.cells;
  }

  override shift(): undefined {
    return undefined;
  }

  override take(): undefined {
    return undefined;
  }

  /** False if it is not there. */
  delete(cell: ActorCell): boolean {
    const { cells } = this;
    let i = cells.indexOf(cell);
    if (i < 0) return false;
    // `splice` makes a list of what it takes out.
    for (; i < cells.length - 1; i++) cells[i] = cells[i + 1] as ActorCell;
    cells.pop();
    return true;
  }
}

/** An actor's code can be seen on the stack only while it runs: when it sets out to wait. */
function tellOfWaits(cell: ActorCell, tell: NonNullable<Accesses['waits']>): void {
  let status = cell.status;
  Object.defineProperty(cell, 'status', {
    get: () => status,
    set(next: Status) {
      const waits = next === WAITING || next === PARKED;
      if (waits && status >= RUNNING && status <= MADE) tell(cell.pid, new Error().stack ?? '');
      status = next;
    },
  });
}

export class ToldNames extends Map<string, ActorCell> {
  readonly #accesses: Accesses;

  constructor(accesses: Accesses) {
    super();
    this.#accesses = accesses;
  }

  override has(name: string): boolean {
    this.#accesses.name?.(name, false);
    return super.has(name);
  }

  override get(name: string): ActorCell | undefined {
    this.#accesses.name?.(name, false);
    return super.get(name);
  }

  override set(name: string, cell: ActorCell): this {
    this.#accesses.name?.(name, true);
    return super.set(name, cell);
  }

  override delete(name: string): boolean {
    this.#accesses.name?.(name, true);
    return super.delete(name);
  }
}

/** A timer wheel that nothing comes out of by itself. */
export class ToldTimers extends TimerWheel<Timer> {
  readonly #accesses: Accesses;
  readonly #clock: Clock;
  // No weak maps: they would keep a system that is over until all memory is looked through.
  /** Made by the first timer. */
  #views: Map<Timer, TimerView> | undefined;

  constructor(accesses: Accesses, clock: Clock) {
    super(clock.now());
    this.#accesses = accesses;
    this.#clock = clock;
  }

  override add(timer: Timer, at: number): void {
    super.add(timer, at);
    this.#accesses.timer?.(this.view(timer), 'start');
  }

  override addFresh(timer: Timer, ms: number): void {
    super.addFresh(timer, ms);
    this.#accesses.timer?.(this.view(timer), 'start');
  }

  override remove(timer: Timer): boolean {
    this.#accesses.timer?.(this.view(timer), 'stop');
    this.gone(timer);
    return super.remove(timer);
  }

  override pause(timer: Timer): void {
    this.#accesses.timer?.(this.view(timer), 'stop');
    this.gone(timer);
    super.pause(timer);
  }

  override isFresh(timer: Timer): boolean {
    this.#accesses.timer?.(this.view(timer), 'read');
    return super.isFresh(timer);
  }

  override missed(ref: Ref): void {
    this.#accesses.late?.(ref);
  }

  override takeDue(): undefined {
    return undefined;
  }

  /** Takes one out to let it ring; undefined if it is not there any more. */
  takeOne(view: PendingTimer): Timer | undefined {
    const { timer } = view as TimerView;
    if (timer === undefined || this.#views?.get(timer) !== view) return undefined;
    this.gone(timer);
    super.remove(timer);
    return timer;
  }

  private gone(timer: Timer): void {
    this.#views?.get(timer)?.gone();
    this.#views?.delete(timer);
  }

  view(timer: Timer): PendingTimer {
    this.#views ??= new Map();
    let view = this.#views.get(timer);
    if (view === undefined) {
      view = new TimerView(timer, this);
      this.#views.set(timer, view);
    }
    return view;
  }

  /** The millisecond in which one is due that is pending, though it be fresh. */
  whenDue(timer: Timer): number {
    const due = super.dueOf(timer);
    return super.isFresh(timer) ? Math.ceil(this.#clock.now() + due) : due;
  }
}

class TimerView implements PendingTimer {
  readonly kind: PendingTimer['kind'];
  readonly of: Pid | undefined;
  readonly ref: Ref | undefined;
  readonly to: Address | undefined;
  readonly message: Message | undefined;
  readonly #timer: Timer;
  readonly #timers: ToldTimers;
  /** Of one that is not pending, when it was. */
  #wasDue: number;

  constructor(timer: Timer, timers: ToldTimers) {
    const sends = timer.kind === 'send' ? timer : undefined;
    this.kind = timer.kind;
    this.of = timer.kind === 'deadline' ? timer.cell.pid : sends && senderOf(sends)?.pid;
    this.ref = sends;
    this.to = sends && destinationOf(sends);
    this.message = sends && messageOf(sends);
    this.#wasDue = 0;
    this.#timer = timer;
    this.#timers = timers;
  }

  get timer(): Timer {
    return this.#timer;
  }

  get due(): number {
    return this.#timers.isPending(this.#timer) ? this.#timers.whenDue(this.#timer) : this.#wasDue;
  }

  gone(): void {
    this.#wasDue = this.due;
  }
}
