/** Consumptions: what is in a queue comes into the mailbox of an actor, until it cancels or ends. */

import type { Actor, Call, Context, Message, Operation } from 'beamish';
import { BROKER, type BrokerAddress } from '../terms/address.ts';
import { binding } from '../terms/binding.ts';
import type { Exchange } from '../terms/exchange.ts';
import type { Consumption, Deliveries, Delivery } from '../terms/messages.ts';
import type { ConsumePlan } from '../terms/protocol.ts';
import type { Queue } from '../terms/queue.ts';
import type { Binding, KeyOf } from '../terms/routes.ts';
import { askBroker } from './asking.ts';

/** How an actor consumes; all may be left out. */
export interface ConsumeOptions<Tag extends string> {
  /** How many unsettled deliveries it may hold, 1 to 65,535. Default 1: the next one goes to whoever is free. */
  readonly prefetch?: number;
  /** `'auto'`: settled by being sent (AMQP's no-ack): at most once, no prefetch, nothing comes back if the actor dies. Default `'manual'`. */
  readonly ack?: 'manual' | 'auto';
  /** The higher one is served first while it has room. Default 0. */
  readonly priority?: number;
  /** No other consumer beside this one. */
  readonly exclusive?: boolean;
  /** The tag of the deliveries, for selective receive. Default `'delivery'`. */
  readonly tag?: Tag;
}

const MOST_PREFETCH = 65_535;

/**
 * From now on what is in the queue comes into this actor's mailbox. When the actor ends, what it has not
 * settled goes back to its place, for others, marked `redelivered`.
 *
 * ```ts
 * function* worker(self: Self<Deliveries<Job>>): Actor {
 *   yield* consume(self, jobs, { prefetch: 10 });
 *   for (;;) {
 *     const delivery = yield* self.receive('delivery');
 *     work(delivery.message);
 *     ack(self, delivery);
 *   }
 * }
 * ```
 *
 * @throws BrokerRefused: there is no such queue, it is another actor's, or it has an exclusive consumer;
 * RangeError for a prefetch that there is not.
 */
export function consume<M, A, const Tag extends string = 'delivery'>(
  self: Context<Deliveries<NoInfer<M>, NoInfer<Tag>, NoInfer<A>>>,
  queue: Queue<M, A>,
  options: ConsumeOptions<Tag> = {},
): Call<Consumption> {
  const plan = planOf(options, queue.queue);
  return askBroker(self as unknown as Context, queue.options.broker ?? BROKER, {
    ask: 'consume',
    queue: queue.queue,
    plan,
  });
}

/** @throws TypeError or RangeError */
export function planOf(options: ConsumeOptions<string>, queue: string): ConsumePlan {
  const {
    prefetch = 1,
    ack = 'manual',
    priority = 0,
    exclusive = false,
    tag = 'delivery',
  } = options;
  const action = `Cannot consume "${queue}"`;
  if (!Number.isInteger(prefetch) || prefetch < 1 || prefetch > MOST_PREFETCH) {
    throw new RangeError(
      `${action} with prefetch ${String(prefetch)}: it is a whole number from 1 to ${MOST_PREFETCH}`,
    );
  }
  if (!Number.isInteger(priority) || Math.abs(priority) >= 2 ** 31)
    throw new RangeError(
      `${action} with priority ${String(priority)}: it is a whole number of 32 bits`,
    );
  if (ack !== 'manual' && ack !== 'auto')
    throw new TypeError(`${action} with ack ${String(ack)}: it is 'manual' or 'auto'`);
  if (typeof tag !== 'string' || tag === '' || tag.startsWith('$'))
    throw new TypeError(`${action} with tag ${String(tag)}: it is a string that begins with no $`);
  if (typeof exclusive !== 'boolean')
    throw new TypeError(`${action}: exclusive is true or false, not ${String(exclusive)}`);
  return { prefetch, ack, priority, exclusive, tag };
}

interface SubscribeOptions<Tag extends string> {
  readonly tag?: Tag;
  /** Whose exchange it is; default that of the token, or `BROKER`. */
  readonly broker?: BrokerAddress;
}

/**
 * A queue of its own, bound and consumed with automatic acknowledgement: it, and its binding, end with the
 * actor, before anyone hears of its end.
 *
 * ```ts
 * function* listener(self: Self<Deliveries<Tick>>): Actor {
 *   yield* subscribe(self, ticks);
 *   for (;;) console.log((yield* self.receive('delivery')).message.n);
 * }
 * ```
 *
 * @throws BrokerRefused if there is no such exchange.
 */
export function subscribe<R extends object, const Tag extends string = 'delivery'>(
  self: Context<Deliveries<R[KeyOf<R>], NoInfer<Tag>>>,
  exchange: Exchange<'fanout', R>,
  options?: SubscribeOptions<Tag>,
): Call<Consumption>;
export function subscribe<M, const Tag extends string = 'delivery'>(
  self: Context<Deliveries<NoInfer<M>, NoInfer<Tag>>>,
  what: Binding<M>,
  options?: SubscribeOptions<Tag>,
): Call<Consumption>;
export function subscribe(
  self: unknown,
  what: Exchange<'fanout'> | Binding,
  options: SubscribeOptions<string> = {},
): Call<Consumption> {
  const { tag } = options;
  const isExchange = 'exchange' in what;
  const broker = options.broker ?? (isExchange ? what.options.broker : undefined) ?? BROKER;
  const bound = isExchange ? binding(what) : what;
  const plan = planOf({ ack: 'auto', ...(tag === undefined ? {} : { tag }) }, bound.from);
  return askBroker(self as Context, broker, { ask: 'subscribe', what: bound, plan });
}

/**
 * No more comes; what came can still be settled. After it, nothing of this consumption is left in the
 * mailbox but what has to be settled: what was acknowledged by being sent is taken out and forgotten.
 */
export function cancel(self: Context, consumption: Consumption): Operation<void> {
  return self.perform(cancelling(self as unknown as Context<Message>, consumption));
}

interface Cancelling {
  /** The tag of the deliveries that may still be in the mailbox, if they need no settlement. */
  readonly forget: string | undefined;
}

function* cancelling(self: Context<Message>, { broker, queue, ref }: Consumption): Actor {
  const by = self as unknown as Context;
  const { forget } = yield* askBroker<Cancelling>(by, broker, {
    ask: 'cancel',
    queue,
    consumption: ref,
  });
  if (forget === undefined) return;
  const isOfIt = (message: Message): boolean =>
    (message as Delivery).settlement?.consumption === ref;
  while (
    (yield* self
      .receive(forget as never)
      .where(isOfIt)
      .after(0)) !== undefined
  );
}
