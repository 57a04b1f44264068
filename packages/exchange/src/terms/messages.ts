/** What consumers get: deliveries, with the history of the message, and the end of a consumption. */

import type { Message, Ref, Target } from 'beamish';
import type { BrokerAddress } from './address.ts';
import type { HeaderTable } from './header-table.ts';

declare const REPLY: unique symbol;

/** What a message says of itself besides its body; all may be left out. */
export interface Properties {
  /** Made if absent; the same for every attempt, so that consumers can tell a message that came twice. */
  readonly messageId?: string;
  /** Whatever the publisher likes, such as what it is an answer to. At most 255 bytes, as all of these. */
  readonly correlationId?: string;
  /** Of what kind the message is, for those who consume it. */
  readonly type?: string;
  /** Which program has published it. */
  readonly appId?: string;
  /** To the second, as on AMQP's wire. */
  readonly timestamp?: Date;
  /** Default true; counts in durable queues only. */
  readonly persistent?: boolean;
}

/** What a message came with, and what the broker added. */
export interface DeliveredProperties extends Properties {
  readonly messageId: string;
  /** 0 to 9, as the publisher gave it; absent if it gave none. */
  readonly priority?: number;
}

/** One death of a message, as in RabbitMQ's `x-death`; the latest first. A second death in the same queue for the same reason raises `count`. */
export interface Death {
  /** Where it died. */
  readonly queue: string;
  /** Of what. */
  readonly reason: 'rejected' | 'expired' | 'maxlen' | 'delivery_limit' | 'invalid';
  /** How often it has died there of that. */
  readonly count: number;
  /** Where it had been published to, and with which keys. */
  readonly exchange: string;
  /** Its key at that time; RabbitMQ may have several. */
  readonly keys: readonly string[];
  /** The first of them, to the second. */
  readonly at: Date;
  /** The expiration that it had of its own, in ms, and has no more. */
  readonly originalExpirationMs?: number;
}

/** A message that a consumer has in its hands. Inert; settle it with `ack`, `reject` or `requeue`, in any actor, as long as its consumer lives. */
export interface Delivery<out M = unknown, out Tag extends string = 'delivery', in A = never>
  extends Message {
  readonly tag: Tag;
  /** Where it comes from. */
  readonly queue: string;
  /** As it was published, or, from a wire or a disk, as the codec and the schema make it. */
  readonly message: M;
  /** That it was published to; empty for what was published to the queue. */
  readonly exchange: string;
  /** With which key. */
  readonly key: string;
  /** As they were published; empty if there were none. */
  readonly headers: HeaderTable;
  /** With the message id that was made if there was none. */
  readonly properties: DeliveredProperties;
  /** It may have been handled before. */
  readonly redelivered: boolean;
  /** How many consumers died with this message alone in their hands. */
  readonly crashes: number;
  /** Its deaths, the latest first. */
  readonly history: readonly Death[];
  /** Whom to settle with, and how the settlement is recognised: never used again, not even after a reconnect. */
  readonly settlement: Settlement<A>;
}

/** By what a delivery is settled: for `ack` and its kin. */
export interface Settlement<in A = never> {
  /** Who takes the settlement: engine's own. */
  // biome-ignore lint/suspicious/noExplicitAny: engine's own
  readonly with: Target<any>;
  /** Never used again in this queue. */
  readonly number: number;
  /** Where the engine finds it: engine's own. */
  readonly slot: number;
  /** Of which consumption it is. */
  readonly consumption: Ref;
  /** Somebody waits for an answer: engine's own address of who does. */
  readonly replyTo: unknown;
  /** Somebody waits for an answer, by `ask`. */
  readonly wantsReply: boolean;
  readonly [REPLY]: (answer: A) => void;
}

/** The end of a consumption that the actor did not ask for, and that the engine could not mend. */
export interface Cancelled extends Message {
  readonly tag: 'cancelled';
  /** Whose consumption has ended. */
  readonly queue: string;
  /** The `ref` of the consumption that has ended. */
  readonly consumption: Ref;
  /** Why: the queue is gone, is not what it was declared as, or nobody serves it any more. */
  readonly reason: 'queue_deleted' | 'refused' | 'broker_down';
}

/** What an actor takes that subscribes or consumes. `A`: what it answers with `reply`; at most what the queue's `A` allows. */
export type Deliveries<M, Tag extends string = 'delivery', A = never> =
  | Delivery<M, Tag, A>
  | Cancelled;

/** An actor's consumption; `cancel` ends it. */
export interface Consumption {
  /** Its name for the actor that has it, and for `cancelled`. */
  readonly ref: Ref;
  /** What it consumes. */
  readonly queue: string;
  /** Whose queue it is. */
  readonly broker: BrokerAddress;
}
