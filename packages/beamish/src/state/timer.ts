/** What stands in the timer wheel of a system. */

import { type Address, INSPECT, type Message } from '../terms/pid.ts';
import { type Ref, Reference } from '../terms/ref.ts';
import type { ActorCell } from './actor-cell.ts';
import { NOWHERE, type WheelNode } from './timer-wheel.ts';

/** Ends the operation that its actor is suspended in. */
export interface Deadline extends WheelNode {
  readonly kind: 'deadline';
  readonly cell: ActorCell;
}

let senderOf: (timer: SendTimer) => ActorCell | undefined;
let destinationOf: (timer: SendTimer) => Address;
let messageOf: (timer: SendTimer) => Message;
let giveMessage: (timer: SendTimer, message: Message) => void;
let forget: (timer: SendTimer) => void;

/**
 * Sends a message when it expires: what its ref, which it is itself, finds. Of a hundred thousand that stand, what each
 * takes decides how often the collector moves them all. What is private is so for who has the ref. It is of no class
 * that others are of, too: a constructor that calls another is never compiled into who calls it.
 */
export class SendTimer implements Ref, WheelNode {
  readonly system: string;
  readonly incarnation: number;
  readonly ref: number;
  /** Until it is over. */
  #message: Message | undefined;
  #place = NOWHERE;
  /** Undefined when it is over. */
  #from: ActorCell | undefined;
  readonly #to: Address;

  constructor(from: ActorCell, to: Address) {
    const { system } = from;
    this.system = system.name;
    this.incarnation = system.incarnation;
    this.ref = ++system.refs;
    this.#message = undefined;
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
    messageOf = (timer) => timer.#message as Message;
    giveMessage = (timer, message) => {
      timer.#message = message;
    };
    forget = (timer) => {
      timer.#from = timer.#message = undefined;
    };
  }

  toString(): string {
    return `<ref ${this.system}.${this.ref}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

export { destinationOf, forget, giveMessage, messageOf, senderOf };

/** Whether a system of this thread has made this ref. */
export function isReference(value: object): value is Reference | SendTimer {
  return value instanceof Reference || value instanceof SendTimer;
}

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
