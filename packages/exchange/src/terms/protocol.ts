/**
 * The port between the verbs and an engine: what the verbs send, to whom, and what they are answered.
 *
 * An engine has, in its supervision tree, a server that is registered as `BrokerOptions.name` and takes
 * `BrokerRequest`s, and for each exchange that is declared, and for the default one, an actor that is
 * registered as `exchangeAddress(broker, name)` and takes `Publish`es. `Settle` and `Reply` go to the
 * `with` of the delivery's settlement, and where that is a name that nobody has, to the broker.
 * All of these are inert data, so that they come from other threads, too. Tags with a `$` are shared
 * within a system, whatever its message mode.
 */

import type { Message, Pid, Ref, ReplyTo } from 'beamish';
import type { Broker, Publishing } from './address.ts';
import type { PublishFailure, Refusal } from './errors.ts';
import type { Exchange } from './exchange.ts';
import type { PublishOptions } from './publish-options.ts';
import type { Queue } from './queue.ts';
import type { Binding, ExchangeType } from './routes.ts';

// ── to an exchange ──────────────────────────────────────────────────────────────────────────

export interface Publish extends Publishing {
  /** Checked, but for the message, which its codec judges. */
  readonly message: unknown;
  /** Without a key, which is beside it. */
  readonly options: PublishOptions | undefined;
  /** The key, for the default exchange the queue's name. */
  readonly key: string;
  /** It is a request: what its consumer replies goes to `replyTo`, as an `Answered`, and `Published` does not. */
  readonly asks: boolean;
  /** Absent if nobody waits: then what goes wrong is an event. */
  readonly replyTo?: ReplyTo<PublishReply>;
}

/** What became of it. */
export type PublishReply =
  | { readonly tag: '$published'; readonly queues: number }
  | { readonly tag: '$not_published'; readonly reason: PublishFailure; readonly messageId: string }
  /** The codec did not take the message: `error` is thrown in the publisher. */
  | { readonly tag: '$not_encoded'; readonly error: Error }
  | Answered;

/** What was replied to a request. */
export interface Answered {
  /** Of who has answered: engine's own. */
  readonly tag: '$answered';
  /** What the consumer replied. */
  readonly answer: unknown;
}

// ── of a delivery ───────────────────────────────────────────────────────────────────────────

/** A delivery is settled. */
export interface Settle extends Message {
  readonly tag: '$settle';
  /** Of which queue it is. */
  readonly queue: string;
  /** As of its settlement. */
  readonly number: number;
  /** As of its settlement. */
  readonly slot: number;
  /** Gone, dead, or back to its place. */
  readonly how: 'ack' | 'reject' | 'requeue';
}

/** The answer to a request; `to` is the `replyTo` of the delivery's settlement. */
export interface Reply extends Message {
  readonly tag: '$reply';
  /** Of which queue the request was. */
  readonly queue: string;
  /** Who waits. */
  readonly to: unknown;
  /** What the consumer replied. */
  readonly answer: unknown;
}

// ── to the broker ───────────────────────────────────────────────────────────────────────────

/** What a queue or an exchange is declared by. */
// biome-ignore lint/suspicious/noExplicitAny: for messages and answers of whatever kind
export type Declarable = Exchange<ExchangeType, any> | Queue<any, any>;

/** The options of a consumption, all of them. */
export interface ConsumePlan {
  /** Of its deliveries. */
  readonly tag: string;
  /** How many it may hold. */
  readonly prefetch: number;
  /** Who settles. */
  readonly ack: 'manual' | 'auto';
  /** The higher one is served first. */
  readonly priority: number;
  /** No other beside it. */
  readonly exclusive: boolean;
}

/** What the verbs ask a broker, by `ask`. */
export type BrokerQuestion =
  | { readonly ask: 'declare'; readonly what: readonly Declarable[] }
  | { readonly ask: 'bind' | 'unbind'; readonly queue: string; readonly what: Binding }
  | { readonly ask: 'bind' | 'unbind'; readonly exchange: string; readonly what: Binding }
  | { readonly ask: 'delete_queue'; readonly queue: string; readonly force: boolean }
  | { readonly ask: 'delete_exchange'; readonly exchange: string }
  | { readonly ask: 'purge' | 'inspect'; readonly queue: string }
  | { readonly ask: 'redeliver'; readonly queue: string; readonly limit: number }
  | { readonly ask: 'consume'; readonly queue: string; readonly plan: ConsumePlan }
  /** A queue without a name of its own, which goes with its consumer. */
  | { readonly ask: 'subscribe'; readonly what: Binding; readonly plan: ConsumePlan }
  | { readonly ask: 'cancel'; readonly queue: string; readonly consumption: Ref }
  | { readonly ask: 'watch' }
  /** Nobody had the exchange's name: if it is declared all the same, its actor is being restarted and gets this. */
  | { readonly ask: 'publish'; readonly exchange: string; readonly publish: Publish };

/** `by` is who asks: the owner, the consumer or the watcher, as the case may be. */
export type BrokerRequest = Broker &
  BrokerQuestion & { readonly by: Pid; readonly replyTo: ReplyTo<BrokerReply | PublishReply> };

/** `value` is what the verb returns; see each. */
export type BrokerReply =
  | { readonly tag: '$done'; readonly value: unknown }
  | { readonly tag: '$refused'; readonly reason: Refusal; readonly text: string };
