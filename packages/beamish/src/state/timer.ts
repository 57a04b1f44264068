/** What stands in the timer wheel of a system. */

import type { Address, Message } from '../terms/pid.ts';
import type { Ref } from '../terms/ref.ts';
import type { ActorCell } from './actor-cell.ts';
import type { WheelNode } from './timer-wheel.ts';

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
