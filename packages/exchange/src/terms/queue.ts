/** Queues, as tokens: inert data that says what there is to be, and what comes out of it. */

import type { Name } from 'beamish';
import {
  BROKER,
  type BrokerAddress,
  checkBroker,
  checkShort,
  exchangeAddress,
  type Publishing,
} from './address.ts';
import type { Codec } from './codec.ts';
import { checkCodec, DEFAULT_EXCHANGE, type Exchange } from './exchange.ts';
import type { Binding } from './routes.ts';
import type { StandardSchema } from './schema.ts';

declare const MESSAGE: unique symbol;
declare const REPLY: unique symbol;

/** A queue, as a token. `M`: what comes out of it; `A`: what its consumer answers to `ask`. */
export interface Queue<out M = unknown, out A = never> {
  /** Its name. */
  readonly queue: string;
  /** As they were given. */
  // biome-ignore lint/suspicious/noExplicitAny: options do not say what the token's own type does
  readonly options: QueueOptions<any, any>;
  /** Who takes what is published to it: its broker's default exchange. */
  readonly address: Name<Publishing>;
  readonly [MESSAGE]: () => M;
  readonly [REPLY]: () => A;
}

/** What a queue is declared with; all may be left out. */
export interface QueueOptions<M, A = never> {
  /** It and its messages survive the broker: on disk with `file:`, on RabbitMQ always. With `memory:` refused at the start, since it would be a lie. Default false. */
  readonly durable?: boolean;
  /** `'exclusive'`: of the actor that declared it, and gone with it. `'auto_delete'`: gone with its last consumer. Default: until `deleteQueue`. */
  readonly lifetime?: 'exclusive' | 'auto_delete';
  /** What it gets of which exchanges, besides what is published to it by its name. */
  readonly bindings?: readonly Binding<M>[];
  /** What does not pass never reaches a consumer: it is quarantined as `'invalid'`. Must answer at once. */
  readonly schema?: StandardSchema<M>;
  /** What its consumers answer to `ask`; another answer fails the call. */
  readonly answers?: StandardSchema<A>;
  /** What is published to it without an exchange is encoded with, and what comes out decoded with, besides `json`, `bytes` and `text`, by content type; what none of them can read is `'invalid'`. */
  // biome-ignore lint/suspicious/noExplicitAny: a codec for messages of whatever kind
  readonly codec?: Codec<any>;
  /** How many levels, 1 to 10: priority 0 to `priorities - 1`, higher first, what is above as the highest. Default 1: none. */
  readonly priorities?: number;
  /** A message that waits longer than `messageMs` dies (`'expired'`); a queue that nobody uses for `queueMs` is deleted. */
  readonly ttl?: { readonly messageMs?: number; readonly queueMs?: number };
  /**
   * How much may wait, what consumers hold not counted. `'reject_publish'` (the default) tells the
   * publisher; `'drop_head'` drops the oldest (`'maxlen'`), and is refused together with priorities,
   * where RabbitMQ would drop the most urgent one.
   */
  readonly limit?: {
    readonly messages?: number;
    readonly bytes?: number;
    readonly overflow?: 'reject_publish' | 'drop_head';
  };
  /** Where dead messages go. Without, what is rejected or expires is dropped, and told of as an event. */
  readonly deadLetter?: { readonly exchange: Exchange; readonly key?: string };
  /** After how many crashes of its consumer a message is set aside in `<name>.quarantine`. Default 3, at least 1; `'infinity'`, for those who know, counts nothing and makes no suspects. */
  readonly maxCrashes?: number | 'infinity';
  /** One consumer gets all; the next one only when that one is gone and has nothing unsettled. Default false. */
  readonly singleActiveConsumer?: boolean;
  /** Whose queue it is. Default `BROKER`. For threads: `name('broker', 'main')`. */
  readonly broker?: BrokerAddress;
}

type BoundBy<B> = B extends Binding<infer M> ? M : never;

/**
 * A queue whose messages are of the type that its bindings or its schema say; without either, of the type
 * that is given.
 *
 * ```ts
 * const jobs = queue<Job>('jobs', { durable: true });
 * const sums = queue<Sum, number>('sums'); // its consumers answer numbers
 * ```
 *
 * @throws TypeError or RangeError for options that make no sense, alone or together.
 */
// biome-ignore lint/suspicious/noExplicitAny: bindings for messages of whatever kind
export function queue<const B extends readonly [Binding<any>, ...Binding<any>[]], A = never>(
  name: string,
  options: Omit<QueueOptions<BoundBy<B[number]>, A>, 'bindings'> & { readonly bindings: B },
): Queue<BoundBy<B[number]>, A>;
export function queue<M, A = never>(name: string, options?: QueueOptions<M, A>): Queue<M, A>;
// biome-ignore lint/suspicious/noExplicitAny: the signatures above say what it is of
export function queue(name: string, options: QueueOptions<any, any> = {}): Queue<any, any> {
  checkShort(name, 'the name of a queue');
  if (name === '') {
    throw new TypeError(
      'Cannot make a queue without a name: an actor that wants one of its own subscribes',
    );
  }
  const broker = checkBroker(options.broker ?? BROKER, `the queue "${name}"`);
  const address = exchangeAddress(broker, DEFAULT_EXCHANGE);
  return checkQueue({ queue: name, options, address } as unknown as Queue);
}

const QUARANTINE = '.quarantine';

/** Messages that are set aside, with the reason in their history: a queue like any other. */
export function quarantineOf<M>(queue: Queue<M, unknown>): Queue<M> {
  const { durable, codec, broker } = queue.options;
  const options: QueueOptions<M> = {
    ...(durable === undefined ? {} : { durable }),
    ...(codec === undefined ? {} : { codec }),
    ...(broker === undefined ? {} : { broker }),
    // Who looks at what is set aside may fail as often as it likes.
    maxCrashes: 'infinity',
  };
  const name = quarantineName(queue.queue);
  return { queue: name, options, address: queue.address } as unknown as Queue<M>;
}

/** The name of the queue in which this one sets messages aside. */
export function quarantineName(queue: string): string {
  return queue + QUARANTINE;
}

/** Whose quarantine has this name, if it is one's. */
export function quarantinedQueue(name: string): string | undefined {
  return name.endsWith(QUARANTINE) ? name.slice(0, -QUARANTINE.length) : undefined;
}

/** @throws TypeError or RangeError */
// biome-ignore lint/suspicious/noExplicitAny: whatever comes out of it
export function checkQueue<Q extends Queue<any, any>>(token: Q): Q {
  const { queue: name, options } = token;
  const action = `Cannot make the queue "${String(name)}"`;
  checkFlags(options, action);
  checkNumbers(options, action);
  checkTogether(options, action);
  if (options.codec !== undefined) checkCodec(options.codec, action);
  return token;
}

/** 2³² − 1 ms, as RabbitMQ has it. */
const LONGEST_MS = 2 ** 32 - 1;
const MOST_PRIORITIES = 10;

function checkFlags(options: QueueOptions<unknown, unknown>, action: string): void {
  for (const flag of ['durable', 'singleActiveConsumer'] as const) {
    const value = options[flag];
    if (value !== undefined && typeof value !== 'boolean')
      throw new TypeError(`${action}: ${flag} is true or false, not ${String(value)}`);
  }
  const { lifetime, limit } = options;
  if (lifetime !== undefined && lifetime !== 'exclusive' && lifetime !== 'auto_delete') {
    throw new TypeError(
      `${action}: lifetime is 'exclusive' or 'auto_delete', not ${String(lifetime)}`,
    );
  }
  const overflow = limit?.overflow;
  if (overflow !== undefined && overflow !== 'reject_publish' && overflow !== 'drop_head') {
    throw new TypeError(
      `${action}: overflow is 'reject_publish' or 'drop_head', not ${String(overflow)}`,
    );
  }
}

function checkNumbers(options: QueueOptions<unknown, unknown>, action: string): void {
  const { priorities, ttl, limit, maxCrashes } = options;
  const whole = (what: string, value: number | undefined, least: number, most: number): void => {
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
    throw new RangeError(
      `${action}: ${what} is a whole number from ${least} to ${most}, not ${String(value)}`,
    );
  };
  whole('priorities', priorities, 1, MOST_PRIORITIES);
  whole('ttl.messageMs', ttl?.messageMs, 0, LONGEST_MS);
  whole('ttl.queueMs', ttl?.queueMs, 1, LONGEST_MS);
  whole('limit.messages', limit?.messages, 0, Number.MAX_SAFE_INTEGER);
  whole('limit.bytes', limit?.bytes, 0, Number.MAX_SAFE_INTEGER);
  if (maxCrashes !== 'infinity') whole('maxCrashes', maxCrashes, 1, Number.MAX_SAFE_INTEGER);
}

function checkTogether(options: QueueOptions<unknown, unknown>, action: string): void {
  const { priorities = 1, limit, deadLetter } = options;
  if (limit?.overflow === 'drop_head' && priorities > 1) {
    throw new TypeError(
      `${action}: with priorities, overflow 'drop_head' would drop the most urgent message; use 'reject_publish'`,
    );
  }
  if (deadLetter === undefined) return;
  if (typeof deadLetter.exchange?.exchange !== 'string')
    throw new TypeError(`${action}: deadLetter has an exchange`);
  if (deadLetter.key !== undefined) checkShort(deadLetter.key, 'the key of dead letters');
}
