/** What stands in the timer wheel of a system. */

import type { Address, Message } from '../terms/pid.ts';
import { Reference, residentOfRef, settleRef } from '../terms/ref.ts';
import type { ActorCell } from './actor-cell.ts';
import { NOWHERE, type WheelNode } from './timer-wheel.ts';

/** Ends the operation that its actor is suspended in. */
export interface Deadline extends WheelNode {
  readonly kind: 'deadline';
  readonly cell: ActorCell;
}

let senderOf: (timer: SendTimer) => ActorCell | undefined;
let destinationOf: (timer: SendTimer) => Address;
let forget: (timer: SendTimer) => void;

/**
 * Sends a message when it expires: what its ref, which it is itself, finds. Of a hundred thousand that stand, what each
 * takes decides how often the collector moves them all. What is private is so for who has the ref.
 */
export class SendTimer extends Reference implements WheelNode {
  #place = NOWHERE;
  /** Undefined when it is over. */
  #from: ActorCell | undefined;
  readonly #to: Address;

  constructor(from: ActorCell, to: Address) {
    const { system } = from;
    super(system.name, system.incarnation, ++system.refs, undefined);
    this.#from = from;
    this.#to = to;
  }

  get kind(): 'send' {
    return 'send';
  }

  get place(): number {
    return this.#place;
  }

  set place(place: number) {
    this.#place = place;
  }

  static {
    senderOf = (timer) => timer.#from;
    destinationOf = (timer) => timer.#to;
    forget = (timer) => {
      timer.#from = undefined;
      settleRef(timer, undefined);
    };
  }
}

export { destinationOf, forget, senderOf };

/** Of one that is not over. */
export const messageOf = residentOfRef as (timer: SendTimer) => Message;

let everyOf: (timer: SendTimer) => number;
let nextDue: (timer: IntervalTimer, now: number) => number;

/** Sends again and again. */
export class IntervalTimer extends SendTimer {
  readonly #every: number;
  /** When it was due last; undefined at first. */
  #due: number | undefined;

  constructor(from: ActorCell, to: Address, every: number) {
    super(from, to);
    this.#every = every;
    this.#due = undefined;
  }

  static {
    everyOf = (timer) => (timer instanceof IntervalTimer ? timer.#every : 0);
    nextDue = (timer, now) => {
      const last = timer.#due ?? Math.ceil(now);
      const missed = Math.max(0, Math.floor((now - last) / timer.#every));
      timer.#due = last + timer.#every * (1 + missed);
      return timer.#due;
    };
  }
}

export { everyOf, nextDue };

/** Calls a function of the runtime when it expires. */
export interface Alarm extends WheelNode {
  readonly kind: 'alarm';
  readonly ring: () => void;
}

export type Timer = Deadline | SendTimer | Alarm;
