/** Publishing: confirmed, several at a time, or without waiting. */

import {
  type Actor,
  type Call,
  type Caller,
  CallFailed,
  type Context,
  type Deadline,
  type Operation,
  type Outcome,
  type Pending,
  type Ref,
  type Target,
} from 'beamish';
import { BROKER } from '../terms/address.ts';
import { PublishFailed } from '../terms/errors.ts';
import { DEFAULT_EXCHANGE, type Exchange } from '../terms/exchange.ts';
import type { Answered, Publish, PublishReply } from '../terms/protocol.ts';
import {
  checkBody,
  checkPublishOptions,
  type Destination,
  type PublishArgs,
  type PublishBase,
  type PublishOptions,
} from '../terms/publish-options.ts';
import type { Queue } from '../terms/queue.ts';
import type { Keyed } from '../terms/routes.ts';
import { asking, outside, pidOf, ReadCall, type Reading, request } from './asking.ts';

/** As of every call. */
const DEADLINE_MS = 5000;

/** What became of what was published. */
export interface Published {
  /** How many queues took it; on RabbitMQ, which does not say, 1 stands for some. */
  readonly queues: number;
}

/**
 * Publishes and waits until every queue that it was routed to has it (on disk, if durable and persistent).
 * Through a reconnect it is sent again, so it may arrive twice, with one `messageId`. What one actor
 * publishes to one exchange reaches each queue in that order.
 *
 * ```ts
 * yield* publish(self, jobs, { path: 'a.txt' });
 * const { queues } = await publish(system, orders, { total: 5 }, { key: 'order.paid' });
 * ```
 *
 * @throws PublishFailed; TypeError or RangeError for what its codec, AMQP or the disk (255 MiB) cannot carry;
 * CallFailed when its deadline passes first (5,000 ms unless `within` says otherwise), and then its fate is
 * unknown.
 */
export function publish<X extends Destination, const K extends string = string>(
  by: Caller,
  to: X,
  ...args: PublishArgs<X, K>
): Call<Published> {
  const sent = publishOf(to, args, false);
  return asking(by, to.address as Target, sent, new PublishReading(by, to, sent));
}

/**
 * The same, to be awaited later: several can be under way. Order is that of the calls.
 *
 * ```ts
 * const both = [publishing(self, jobs, a), publishing(self, jobs, b)];
 * for (const each of both) yield* each.reply();
 * ```
 */
export function publishing<X extends Destination, const K extends string = string>(
  self: Context,
  to: X,
  ...args: PublishArgs<X, K>
): Pending<Published> {
  const sent = publishOf(to, args, false);
  const pending = (self.request as unknown as (to: Target, what: Publish) => Pending<unknown>)(
    to.address as Target,
    sent,
  );
  return new Publishing(self, pending, new PublishReading(self, to, sent));
}

/**
 * Publishes all, at most `limit` (default 1,000) at a time under way, and waits for all. It stops at the
 * first that fails; how many others have arrived by then is not known. `within` is for each of them, from
 * when nothing but its answer is waited for: 5,000 ms unless it says otherwise.
 *
 * ```ts
 * const { published } = yield* publishAll(self, jobs, works, { limit: 100, within: 30_000 });
 * ```
 *
 * @throws as `publish` does.
 */
export function publishAll<M>(
  by: Caller,
  // biome-ignore lint/suspicious/noExplicitAny: whatever its consumers answer
  to: Exchange<'fanout', Keyed<M>> | Queue<M, any>,
  messages: Iterable<NoInfer<M>>,
  options: PublishBase & Deadline & { readonly limit?: number } = {},
): Operation<{ readonly published: number }> {
  const { limit = 1000, within = DEADLINE_MS, ...others } = options;
  if (!Number.isInteger(limit) || limit < 1)
    throw new RangeError(
      `Cannot publish ${String(limit)} at a time: limit is a whole number above 0`,
    );
  const how = { options: others, limit, within };
  if ('root' in by) return outside(publishingAllOutside(by, to, messages, how));
  return by.perform(publishingAll(by, to, messages, how));
}

/** Publishes and does not wait. What goes wrong is an event of the broker, not an error here; with no such exchange, a dead letter. */
export function emit<X extends Destination, const K extends string = string>(
  by: Caller,
  to: X,
  ...args: PublishArgs<X, K>
): void {
  by.send(to.address, publishOf(to, args, false));
}

/** Checks at the edge. */
export function publishOf(to: Destination, args: readonly unknown[], asks: boolean): Publish {
  const message = args[0];
  const options = args[1] as PublishOptions | undefined;
  const key = 'queue' in to ? to.queue : (options?.key ?? '');
  if (options !== undefined) checkPublishOptions(options, `publish to ${nameOf(to)}`);
  if (to.options.durable === true) checkSize(message, to);
  return { tag: '$publish', key, message, options, asks };
}

/** Of what has a size without being encoded; the broker sees to the others. */
function checkSize(message: unknown, to: Destination): void {
  if (message instanceof Uint8Array || typeof message === 'string')
    checkBody(message.length, `publish to ${nameOf(to)}`);
}

/** What comes back of a publish that asks for nothing. */
class PublishReading implements Reading<Published> {
  readonly #by: Caller;
  readonly #to: Destination;
  readonly #sent: Publish;

  constructor(by: Caller, to: Destination, sent: Publish) {
    this.#by = by;
    this.#to = to;
    this.#sent = sent;
  }

  answered(answer: unknown): Published {
    return { queues: queuesOf(answer, this.#to, this.#sent) };
  }

  failed(error: unknown): Call<unknown> {
    return publishAgain(this.#by, this.#to, this.#sent, error);
  }

  again(): Call<unknown> {
    return byBroker(this.#by, this.#to, this.#sent);
  }
}

/** One that is under way: as there may be thousands, without a function for each. */
class Publishing implements Pending<Published> {
  readonly #self: Context;
  readonly #pending: Pending<unknown>;
  readonly #reading: PublishReading;

  constructor(self: Context, pending: Pending<unknown>, reading: PublishReading) {
    this.#self = self;
    this.#pending = pending;
    this.#reading = reading;
  }

  get ref(): Ref {
    return this.#pending.ref;
  }

  reply(): Call<Published> {
    return new ReadCall(this.#pending.reply(), this.#reading);
  }

  wait(ms: number | 'infinity'): Operation<Outcome<Published> | undefined> {
    return this.#self.perform(waiting(this.#pending, ms, this.#reading));
  }
}

/** A name that nobody has may be that of an exchange whose actor is being restarted: the broker knows. */
export function publishAgain(
  by: Caller,
  to: Destination,
  sent: Publish,
  error: unknown,
): Call<unknown> {
  if (!(error instanceof CallFailed) || error.reason !== 'noproc') throw error;
  return byBroker(by, to, sent);
}

function byBroker(by: Caller, to: Destination, sent: Publish): Call<unknown> {
  const exchange = 'exchange' in to ? to.exchange : DEFAULT_EXCHANGE;
  const again = { tag: '$broker', ask: 'publish', by: pidOf(by), exchange, publish: sent };
  return request(by, (to.options.broker ?? BROKER) as Target, again);
}

/** @throws what the reply says. */
export function queuesOf(answer: unknown, to: Destination, { key }: Publish): number {
  const reply = answer as Exclude<PublishReply, Answered>;
  switch (reply.tag) {
    case '$published':
      return reply.queues;
    case '$not_encoded':
      throw reply.error;
    case '$not_published': {
      const exchange = 'exchange' in to ? to.exchange : DEFAULT_EXCHANGE;
      throw new PublishFailed(reply.reason, exchange, key, reply.messageId);
    }
  }
}

function nameOf(to: Destination): string {
  return 'queue' in to ? `the queue "${to.queue}"` : `the exchange "${to.exchange}"`;
}

function* waiting(
  pending: Pending<unknown>,
  ms: number | 'infinity',
  reading: PublishReading,
): Actor<Outcome<Published> | undefined> {
  const outcome = yield* pending.wait(ms);
  if (outcome === undefined || !(outcome.ok || outcome.reason === 'noproc')) return outcome;
  try {
    const answer = outcome.ok ? outcome.value : yield* reading.again().within(ms);
    return { ok: true, value: reading.answered(answer) };
  } catch (reason) {
    // The reading throws what the broker answered: here that is the outcome.
    return { ok: false, reason };
  }
}

/** How many are published. */
interface Many extends Required<Deadline> {
  readonly options: PublishBase;
  readonly limit: number;
}

function* publishingAll(
  self: Context,
  to: Destination,
  messages: Iterable<unknown>,
  { options, limit, within }: Many,
): Actor<{ readonly published: number }> {
  const underWay: Pending<Published>[] = [];
  let first = 0;
  let count = 0;
  for (const message of messages) {
    if (underWay.length - first >= limit)
      yield* (underWay[first++] as Pending<Published>).reply().within(within);
    if (first > limit) first -= underWay.splice(0, first).length;
    underWay.push(publishing<Destination>(self, to, message as never, options as never));
    count++;
  }
  while (first < underWay.length)
    yield* (underWay[first++] as Pending<Published>).reply().within(within);
  return { published: count };
}

async function publishingAllOutside(
  system: Caller,
  to: Destination,
  messages: Iterable<unknown>,
  { options, limit, within }: Many,
): Promise<{ readonly published: number }> {
  const underWay = new Set<PromiseLike<unknown>>();
  const over = (sent: PromiseLike<void>): void => {
    underWay.delete(sent);
  };
  let failure: { readonly error: unknown } | undefined;
  let count = 0;
  for (const message of messages) {
    if (underWay.size >= limit) await Promise.race(underWay);
    if (failure !== undefined) break;
    const call = publish<Destination>(system, to, message as never, options as never);
    const sent: PromiseLike<void> = call.within(within).then(
      () => over(sent),
      (error) => {
        failure ??= { error };
        over(sent);
      },
    );
    underWay.add(sent);
    count++;
  }
  await Promise.all(underWay);
  if (failure !== undefined) throw failure.error;
  return { published: count };
}
