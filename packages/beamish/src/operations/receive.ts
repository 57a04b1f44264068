/**
 * The receive of an actor: one object for all its receives, since only one can be under way. When a
 * message is there, nothing suspends and nothing is made: the object is the result of its own `next`,
 * too, which `yield*` reads at once. So a message is written down once, for the result and for crash
 * reports, which tell what an actor was at; each writing costs 4 ns, as the message is younger.
 */

import { type Mailbox, UNBOUNDED } from '../mailbox/mailbox.ts';
import { letIn, takeOffered } from '../signals/offers.ts';
import { checkTimeout, startDeadline, stopDeadline } from '../signals/timers.ts';
import { makeReady } from '../signals/wake.ts';
import { type ActorCell, HANDED, NOTHING, TIMED_OUT } from '../state/actor-cell.ts';
import { MADE, RUNNING, WAITING } from '../state/status.ts';
import { isTime } from '../terms/options.ts';
import type { Message } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import { awaitSteps } from '../turn/step.ts';
import { mayGoOn } from '../turn/turn-budget.ts';
import { SUSPENDED } from './suspension.ts';

/** No time-out. */
const NEVER = -1;

export class ReceiveOperation {
  readonly done = true;
  /** The message that the last receive returned, or will; unset when the next one waits. */
  value: Message | undefined = undefined;
  readonly #cell: ActorCell;
  /** Neither `after` nor `where` was called; set again when the receive is over. */
  #isPlain = true;
  /** Set by `after`, unset when the receive is over. */
  #timeout = NEVER;
  /** Its deadline has been started; unset when the receive is over. */
  #timing = false;

  constructor(cell: ActorCell) {
    this.#cell = cell;
    cell.receive = this;
  }

  /** It does not wait. */
  get isPoll(): boolean {
    return this.#timeout === 0;
  }

  /** It has a time-out. */
  get isTimed(): boolean {
    return this.#timeout !== NEVER;
  }

  after(ms: number): this {
    if (!isTime(ms)) this.withdraw();
    this.#timeout = checkTimeout(ms, 'receive after');
    this.#isPlain = false;
    return this;
  }

  where(guard: (message: never) => boolean): this {
    const cell = this.#cell;
    if (typeof guard !== 'function') {
      this.withdraw();
      throw new TypeError(`Cannot receive where ${show(guard)}: a guard is a function`);
    }
    this.#isPlain = false;
    const before = cell.guard;
    cell.guard =
      before === undefined ? guard : (message: never) => before(message) && guard(message);
    return this;
  }

  /** The receive that was made will not begin; its actor can make another. */
  withdraw(): void {
    const cell = this.#cell;
    if (cell.status === MADE) cell.status = RUNNING;
    this.forgetOptions();
  }

  [Symbol.iterator](): this {
    return this;
  }

  // biome-ignore lint/suspicious/noThenProperty: an operation can be awaited
  then<A, B>(
    onValue?: ((message: Message) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return awaitSteps<Message>(this.#cell, this as never).then(onValue, onError);
  }

  // Its methods are `private` and not `#private`: calling one of those costs a check of the object,
  // which took a sixth of the whole rate of messages.
  next(): IteratorResult<never, Message | undefined> {
    const cell = this.#cell;
    if (cell.status === RUNNING) {
      const { resumeValue } = cell;
      cell.resumeValue = NOTHING;
      if (resumeValue === HANDED) return this.finishHanded(cell);
      return this.lookAgain(cell, resumeValue === TIMED_OUT);
    }
    if (cell.status !== MADE) return SUSPENDED;
    cell.status = RUNNING;
    const box = cell.mailbox;
    if (box === undefined || box.length === 0) return this.beginEmpty(cell);
    if (!mayGoOn(cell.system)) {
      box.rewind();
      return giveWay(cell);
    }
    if (!this.#isPlain || box.limit !== UNBOUNDED) return this.beginWithOptions(cell, box);
    const message = box.take(cell.want, undefined);
    return message === undefined ? this.wait(cell) : this.finishWith(cell, message);
  }

  private beginEmpty(cell: ActorCell): IteratorResult<never, Message | undefined> {
    return this.#timeout === 0 ? this.expire(cell) : this.wait(cell);
  }

  /** It has a time-out or a guard, or the mailbox a limit. */
  private beginWithOptions(
    cell: ActorCell,
    box: Mailbox,
  ): IteratorResult<never, Message | undefined> {
    const message =
      cell.guard === undefined && box.limit === UNBOUNDED
        ? box.take(cell.want, undefined)
        : this.select(cell, box, false);
    if (message !== undefined) return this.take(cell, box, message);
    return this.#timeout === 0 ? this.giveUp(cell) : this.wait(cell);
  }

  /** The actor has its turn again, and nothing was handed to it: it gave way, or its time is up, or a guard is to be asked. */
  private lookAgain(
    cell: ActorCell,
    isTimeUp: boolean,
  ): IteratorResult<never, Message | undefined> {
    const box = cell.mailbox;
    if (box !== undefined) {
      const message =
        cell.guard === undefined && box.limit === UNBOUNDED
          ? box.takeNew(cell.want, undefined)
          : this.select(cell, box, true);
      if (message !== undefined) return this.take(cell, box, message);
    }
    if (isTimeUp || this.#timeout === 0) return this.giveUp(cell);
    cell.system.tapTouched?.(cell.pid, 'polled');
    return this.wait(cell);
  }

  /** A guard that throws ends the receive, its message still in the mailbox: who catches that can make another. */
  private select(cell: ActorCell, box: Mailbox, goOn: boolean): Message | undefined {
    const { want, guard } = cell;
    try {
      const message = goOn ? box.takeNew(want, guard) : box.take(want, guard);
      return message ?? takeOffered(cell, want, guard);
    } catch (thrown) {
      this.forgetOptions();
      throw thrown;
    }
  }

  private wait(cell: ActorCell): IteratorResult<never, Message | undefined> {
    this.value = undefined;
    cell.status = WAITING;
    if (this.#timeout !== NEVER && !this.#timing) {
      this.#timing = true;
      startDeadline(cell, this.#timeout);
    }
    return SUSPENDED;
  }

  /** A poll of an empty mailbox; it counts as a receive, or polling in a loop would never end. */
  private expire(cell: ActorCell): IteratorResult<never, Message | undefined> {
    return mayGoOn(cell.system) ? this.giveUp(cell) : giveWay(cell);
  }

  private take(cell: ActorCell, box: Mailbox, message: Message): IteratorResult<never, Message> {
    if (box.limit !== UNBOUNDED) letIn(cell);
    return this.finishWith(cell, message);
  }

  private finishWith(cell: ActorCell, message: Message): IteratorResult<never, Message> {
    this.value = message;
    return this.finishHanded(cell);
  }

  /** It returns its value. */
  private finishHanded(cell: ActorCell): IteratorResult<never, Message> {
    cell.reductions++;
    if (!this.#isPlain) this.forgetOptions();
    const { system } = cell;
    if (system.tapReceived !== undefined) system.tapReceived(cell.pid, this.value as Message);
    return this as IteratorResult<never, Message>;
  }

  /** It returns nothing: its time is up, or it is a poll. */
  private giveUp(cell: ActorCell): IteratorResult<never, undefined> {
    const { system } = cell;
    system.tapTouched?.(cell.pid, 'polled');
    if (!this.#isPlain) this.forgetOptions();
    this.value = undefined;
    system.tapTimedOut?.(cell.pid);
    return this as IteratorResult<never, undefined>;
  }

  private forgetOptions(): void {
    if (this.#timing) stopDeadline(this.#cell);
    this.#timing = false;
    this.#timeout = NEVER;
    this.#cell.guard = undefined;
    this.#isPlain = true;
  }
}

/** Puts the actor back in the queue in the middle of its receive, which looks again on its next turn. */
function giveWay(cell: ActorCell): typeof SUSPENDED {
  cell.system.tapTouched?.(cell.pid, 'gave_way');
  makeReady(cell);
  return SUSPENDED;
}
