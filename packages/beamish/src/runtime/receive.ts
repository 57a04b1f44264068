/**
 * The receive of an actor: one object for all its receives, since only one can be under way. When a
 * message is there, nothing suspends and nothing is made; the result object is shared by all actors,
 * as whoever gets one reads it at once.
 */

import {
  type ActorCell,
  MADE,
  NOTHING,
  PARKED,
  RUNNING,
  TIMED_OUT,
  WAITING,
} from './actor-cell.ts';
import { mayGoOn } from './allowance.ts';
import { hand, makeReady } from './delivery.ts';
import { type Mailbox, UNBOUNDED } from './mailbox.ts';
import type { Message } from './pid.ts';
import { awaitSteps } from './step.ts';
import { done, SUSPENDED } from './suspension.ts';
import { checkTimeout, startDeadline, stopDeadline } from './timers.ts';

/** No time-out. */
const NEVER = -1;

export class ReceiveOperation {
  readonly #cell: ActorCell;
  /** Set by `after`, unset when the receive is over. */
  #timeout = NEVER;
  /** Its deadline has been started; unset when the receive is over. */
  #timing = false;

  constructor(cell: ActorCell) {
    this.#cell = cell;
  }

  after(ms: number): this {
    this.#timeout = checkTimeout(ms, 'receive after');
    return this;
  }

  where(guard: (message: never) => boolean): this {
    const cell = this.#cell;
    const before = cell.guard;
    cell.guard =
      before === undefined ? guard : (message: never) => before(message) && guard(message);
    return this;
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

  next(): IteratorResult<never, Message | undefined> {
    const cell = this.#cell;
    if (cell.status === MADE) {
      cell.status = RUNNING;
      const box = cell.mailbox;
      if (box === undefined || box.length === 0) {
        return this.#timeout === 0 ? this.#expire(cell) : this.#wait(cell);
      }
      if (!mayGoOn(cell.home)) {
        box.rewind();
        return giveWay(cell);
      }
      const message = box.take(cell.want, cell.guard);
      if (message !== undefined) return this.#take(cell, box, message);
      return this.#timeout === 0 ? this.#finish(undefined) : this.#wait(cell);
    }
    if (cell.status !== RUNNING) return SUSPENDED;
    return this.#goOn(cell);
  }

  /** The actor was suspended and has its turn again. */
  #goOn(cell: ActorCell): IteratorResult<never, Message | undefined> {
    const { handed } = cell;
    cell.handed = NOTHING;
    if (handed !== NOTHING && handed !== TIMED_OUT) return this.#return(cell, handed as Message);
    const box = cell.mailbox;
    const message = box?.takeNew(cell.want, cell.guard);
    if (message !== undefined) return this.#take(cell, box as Mailbox, message);
    return handed === TIMED_OUT || this.#timeout === 0 ? this.#finish(undefined) : this.#wait(cell);
  }

  #wait(cell: ActorCell): IteratorResult<never, Message | undefined> {
    cell.handling = undefined;
    cell.status = WAITING;
    if (this.#timeout !== NEVER && !this.#timing) {
      this.#timing = true;
      startDeadline(cell, this.#timeout);
    }
    return SUSPENDED;
  }

  /** A poll of an empty mailbox; it counts as a receive, or polling in a loop would never end. */
  #expire(cell: ActorCell): IteratorResult<never, Message | undefined> {
    return mayGoOn(cell.home) ? this.#finish(undefined) : giveWay(cell);
  }

  #take(cell: ActorCell, box: Mailbox, message: Message): IteratorResult<never, Message> {
    if (box.limit !== UNBOUNDED) tellThereIsRoom(cell);
    return this.#return(cell, message);
  }

  #return(cell: ActorCell, message: Message): IteratorResult<never, Message> {
    cell.reductions++;
    cell.handling = message;
    const { tap } = cell.home;
    if (tap !== undefined) tap.received(cell.pid, message);
    return this.#finish(message) as IteratorResult<never, Message>;
  }

  #finish(message: Message | undefined): IteratorResult<never, Message | undefined> {
    if (this.#timing) {
      this.#timing = false;
      stopDeadline(this.#cell);
    }
    this.#timeout = NEVER;
    this.#cell.guard = undefined;
    return done(message);
  }
}

/** Puts the actor back in the queue in the middle of its receive, which looks again on its next turn. */
function giveWay(cell: ActorCell): typeof SUSPENDED {
  makeReady(cell);
  return SUSPENDED;
}

function tellThereIsRoom(cell: ActorCell): void {
  const { rare, mailbox } = cell;
  const waiting = rare?.offering;
  if (waiting === undefined || mailbox === undefined || mailbox.length >= mailbox.limit) return;
  for (let sender = waiting.shift(); sender !== undefined; sender = waiting.shift()) {
    // Those that were ended while they waited are passed over.
    if (sender.status === PARKED) return hand(sender, undefined);
  }
}
