/** What a publisher says of a message besides the message, and the types that follow from where it publishes. */

import { checkShort } from './address.ts';
import type { Exchange } from './exchange.ts';
import { checkHeaders, type HeaderTable } from './header-table.ts';
import type { Properties } from './messages.ts';
import type { Queue } from './queue.ts';
import type { ExchangeType, KeyOf, MessageFor } from './routes.ts';

/** What a publisher says of a message besides the message; all may be left out. */
export interface PublishBase {
  /** 0 to 9. Default 0. @throws RangeError for others. */
  readonly priority?: number;
  /** It dies where it has waited for longer. @throws RangeError for what is no whole number of ms from 0 to 2³² − 1. */
  readonly expirationMs?: number;
  /** Default true: that no queue wants it is a failure. False: it is an answer, `queues: 0`. */
  readonly mandatory?: boolean;
  /** Whatever the publisher likes; a headers exchange routes by them. */
  readonly headers?: HeaderTable;
  /** What is known of the message besides. */
  readonly properties?: Properties;
}

/** The options as all verbs hand them on. */
export interface PublishOptions extends PublishBase {
  /** The routing key. */
  readonly key?: string;
}

export type RequiredKey<K extends string> = PublishBase & { readonly key: K };

/** Where one can publish to: an exchange by its type's rules, or a queue, through the default exchange. */
// biome-ignore lint/suspicious/noExplicitAny: for messages of whatever kind
export type Destination = Exchange<ExchangeType, any> | Queue<any, any>;

/** The arguments of a publish to `X`: a message, and options, which some exchanges need. */
export type PublishArgs<X, K extends string> =
  X extends Exchange<infer T, infer R>
    ? T extends 'fanout'
      ? [message: R[KeyOf<R>], options?: PublishBase]
      : T extends 'headers'
        ? [message: R[KeyOf<R>], options: PublishBase & { readonly headers: HeaderTable }]
        : [message: NoInfer<MessageFor<R, K>>, options: RequiredKey<K & KeyOf<R>>]
    : // biome-ignore lint/suspicious/noExplicitAny: whatever its consumers answer
      X extends Queue<infer M, any>
      ? [message: M, options?: PublishBase]
      : never;

const MIB = 1024 * 1024;
/** What is durable is an entry of a journal, which has at most 256 MiB, with its head. */
const LARGEST_BODY = 255 * MIB;
const HIGHEST_PRIORITY = 9;
const LONGEST_MS = 2 ** 32 - 1;
const PROPERTIES = ['messageId', 'correlationId', 'type', 'appId'] as const;

/** @throws TypeError or RangeError for what no message can have. */
export function checkPublishOptions(options: PublishOptions, what: string): void {
  const { priority, expirationMs, headers, properties, key } = options;
  if (key !== undefined) checkShort(key, 'a routing key');
  if (priority !== undefined && !isWhole(priority, HIGHEST_PRIORITY)) {
    throw new RangeError(
      `Cannot ${what} with priority ${String(priority)}: it is a whole number from 0 to ${HIGHEST_PRIORITY}`,
    );
  }
  if (expirationMs !== undefined && !isWhole(expirationMs, LONGEST_MS)) {
    throw new RangeError(
      `Cannot ${what} with expirationMs ${String(expirationMs)}: it is a whole number of milliseconds from 0 to 2³² − 1`,
    );
  }
  if (headers !== undefined) checkHeaders(headers, what);
  if (properties !== undefined) checkProperties(properties, what);
}

/** So many bytes, or at least so many. @throws RangeError for more than 255 MiB, which no disk is given. */
export function checkBody(length: number, what: string): void {
  if (length <= LARGEST_BODY) return;
  const size = Math.ceil(length / MIB);
  throw new RangeError(
    `Cannot ${what} a message of ${size} MiB: what is durable has at most ${LARGEST_BODY / MIB}`,
  );
}

function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

function checkProperties(properties: Properties, what: string): void {
  for (const name of PROPERTIES) {
    const value = properties[name];
    if (value !== undefined) checkShort(value, `the ${name} of a message`);
  }
  const { timestamp, persistent } = properties;
  if (timestamp !== undefined && Number.isNaN(new Date(timestamp).getTime()))
    throw new TypeError(`Cannot ${what} with timestamp ${String(timestamp)}: it is a Date`);
  if (persistent !== undefined && typeof persistent !== 'boolean')
    throw new TypeError(`Cannot ${what}: persistent is true or false, not ${String(persistent)}`);
}
