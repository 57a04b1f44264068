/** Exchanges, queues and bindings at run time. */

import type { Call, Caller } from 'beamish';
import { BROKER, type BrokerAddress } from '../terms/address.ts';
import { checkExchange, type Exchange } from '../terms/exchange.ts';
import type { Declarable } from '../terms/protocol.ts';
import { checkQueue, type Queue } from '../terms/queue.ts';
import type { Binding, ExchangeType, KeyOf } from '../terms/routes.ts';
import { askBroker } from './asking.ts';

// biome-ignore lint/suspicious/noExplicitAny: whatever its consumers answer
type AnyQueue<M = any> = Queue<M, any>;

/**
 * Makes sure that it is there, as it says: exchanges, queues, and their bindings, which are added to those
 * that there are. The same again is nothing.
 *
 * @throws BrokerRefused 406 for other options than it has, 404 for an exchange that is named in the options
 * and is not there, 405 for somebody else's exclusive queue, 403 for a name that begins with `amq.`.
 */
export function declare(by: Caller, ...what: readonly [Declarable, ...Declarable[]]): Call<void> {
  for (const each of what) check(each);
  return askBroker(by, brokerOf(what[0]), { ask: 'declare', what });
}

/** @throws TypeError for what is no token */
function check(what: Declarable): void {
  if ('queue' in what) checkQueue(what);
  else checkExchange(what);
}

/** From now on the queue gets this too. Again does nothing. @throws BrokerRefused 404 */
export function bind<M>(by: Caller, queue: AnyQueue<M>, what: Binding<NoInfer<M>>): Call<void>;
/**
 * From now on the exchange gets this too, and gives it on to who is bound to it by the key and the headers
 * that it was published with. Each queue gets one copy, by however many ways, and circles end.
 *
 * @throws BrokerRefused 404
 */
export function bind<R extends object>(
  by: Caller,
  exchange: Exchange<ExchangeType, R>,
  what: Binding<NoInfer<R[KeyOf<R>]>>,
): Call<void>;
export function bind(by: Caller, to: Declarable, what: Binding): Call<void> {
  return askBroker(by, brokerOf(to), { ask: 'bind', ...placeOf(to), what });
}

/** From now on it does not; what it has stays. What is not bound is none the worse for it. */
export function unbind<M>(by: Caller, queue: AnyQueue<M>, what: Binding<NoInfer<M>>): Call<void>;
/** The same of an exchange. */
export function unbind<R extends object>(
  by: Caller,
  exchange: Exchange<ExchangeType, R>,
  what: Binding<NoInfer<R[KeyOf<R>]>>,
): Call<void>;
export function unbind(by: Caller, to: Declarable, what: Binding): Call<void> {
  return askBroker(by, brokerOf(to), { ask: 'unbind', ...placeOf(to), what });
}

function placeOf(to: Declarable): { readonly queue: string } | { readonly exchange: string } {
  return 'queue' in to ? { queue: to.queue } : { exchange: to.exchange };
}

/**
 * How many messages were ready and went with it; 0 of one that is not there. Nothing is dead-lettered.
 *
 * @throws BrokerRefused 406 while it has messages or consumers, unless `force`; 405.
 */
export function deleteQueue(
  by: Caller,
  queue: AnyQueue,
  options: { readonly force?: boolean } = {},
): Call<{ readonly messages: number }> {
  const { force = false } = options;
  return askBroker(by, brokerOf(queue), { ask: 'delete_queue', queue: queue.queue, force });
}

/** It goes, and its bindings; queues and their messages stay. */
export function deleteExchange(by: Caller, exchange: Exchange): Call<void> {
  return askBroker(by, brokerOf(exchange), {
    ask: 'delete_exchange',
    exchange: exchange.exchange,
  });
}

/** Drops what is ready; what consumers hold stays theirs. @throws BrokerRefused 404, 405 */
export function purge(by: Caller, queue: AnyQueue): Call<{ readonly messages: number }> {
  return askBroker(by, brokerOf(queue), { ask: 'purge', queue: queue.queue });
}

/**
 * Puts what is in its quarantine back to its end, the oldest first, with crashes counted anew. What was
 * `'invalid'` is looked at again. Its history stays.
 *
 * @throws BrokerRefused 404, 405
 */
export function redeliver(
  by: Caller,
  queue: AnyQueue,
  options: {
    /** Default all. */
    readonly limit?: number;
  } = {},
): Call<{ readonly messages: number }> {
  const { limit = Number.MAX_SAFE_INTEGER } = options;
  if (!Number.isInteger(limit) || limit < 1)
    throw new RangeError(
      `Cannot redeliver ${String(limit)} messages: limit is a whole number above 0`,
    );
  return askBroker(by, brokerOf(queue), { ask: 'redeliver', queue: queue.queue, limit });
}

/** What there is of a queue, at a moment. */
export interface QueueInfo {
  /** How many messages wait. */
  readonly ready: number;
  /** How many consume it. */
  readonly consumers: number;
  /** These two are undefined on RabbitMQ, which does not tell over AMQP. `oldestMs`: how long the head has waited; of an empty queue undefined. */
  readonly unsettled: number | undefined;
  /** How long the head has waited; undefined if nothing waits, and on RabbitMQ, which does not tell. */
  readonly oldestMs: number | undefined;
}

/** @throws BrokerRefused 404, 405 */
export function inspect(by: Caller, queue: AnyQueue): Call<QueueInfo> {
  return askBroker(by, brokerOf(queue), { ask: 'inspect', queue: queue.queue });
}

export function brokerOf(what: Declarable): BrokerAddress {
  return what.options.broker ?? BROKER;
}
