/** Exchanges, as tokens: inert data that says what there is to be, and what may be published to it. */

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
import type { Binding, ExchangeType, Keyed, KeyOf } from './routes.ts';

declare const ROUTES: unique symbol;

/** An exchange, as a token: whoever has it can publish and bind. Two tokens of one name are the same exchange. `R`: its routes. */
// biome-ignore lint/suspicious/noExplicitAny: whatever its routes are
export interface Exchange<T extends ExchangeType = ExchangeType, out R extends object = any> {
  /** Its name. */
  readonly exchange: string;
  /** How it routes. */
  readonly type: T;
  /** As they were given. */
  readonly options: ExchangeOptions;
  /** Who takes what is published to it. */
  readonly address: Name<Publishing>;
  readonly [ROUTES]: () => R;
}

/** What an exchange is declared with; all may be left out. `M`: what may be published to it. */
// biome-ignore lint/suspicious/noExplicitAny: whatever it is
export interface ExchangeOptions<M = any> {
  /** Survives the broker. Default false. */
  readonly durable?: boolean;
  /** Goes with its last binding. Default false. */
  readonly autoDelete?: boolean;
  /** What it gets of other exchanges, which must be declared too, and gives on by the key and the headers that it was published with. Default nothing. */
  readonly bindings?: readonly Binding<M>[];
  /** Where a message goes that no binding of this exchange wants. It must be declared too; a missing one is refused here (RabbitMQ would drop in silence). */
  readonly alternate?: Exchange;
  /** How messages become bytes. Default `json`. The engine in this process encodes only for disk and with `wire: 'encode'`. */
  // biome-ignore lint/suspicious/noExplicitAny: a codec for messages of whatever kind
  readonly codec?: Codec<any>;
  /** Whose exchange it is. Default `BROKER`. For threads: `name('broker', 'main')`. */
  readonly broker?: BrokerAddress;
}

/**
 * Every queue that is bound gets a copy; the key is ignored.
 *
 * ```ts
 * const ticks = fanout<Tick>('ticks');
 * ```
 *
 * @throws TypeError for what is no name of an exchange: empty, longer than 255 bytes, or with `amq.` in front of it unless RabbitMQ has it.
 */
export function fanout<M>(
  name: string,
  options?: ExchangeOptions<M>,
): Exchange<'fanout', Keyed<M>> {
  return exchange('fanout', name, options);
}

/** The queues that are bound with exactly this key. @throws as `fanout` does */
export function direct<R extends object = Keyed<unknown>>(
  name: string,
  options?: ExchangeOptions<R[KeyOf<R>]>,
): Exchange<'direct', R> {
  return exchange('direct', name, options);
}

/** Keys are words with dots between; in a pattern `*` is one word, `#` any number of them, none too. @throws as `fanout` does */
export function topic<R extends object = Keyed<unknown>>(
  name: string,
  options?: ExchangeOptions<R[KeyOf<R>]>,
): Exchange<'topic', R> {
  return exchange('topic', name, options);
}

/** The queues whose binding's arguments are among the message's headers. @throws as `fanout` does */
export function headers<M>(
  name: string,
  options?: ExchangeOptions<M>,
): Exchange<'headers', Keyed<M>> {
  return exchange('headers', name, options);
}

/** The default exchange of a broker: it has no name, and every queue is bound to it with its own name. */
export const DEFAULT_EXCHANGE = '';

const TYPES: readonly ExchangeType[] = ['fanout', 'direct', 'topic', 'headers'];
const FLAGS = ['durable', 'autoDelete'] as const;

function exchange<T extends ExchangeType, R extends object>(
  type: T,
  name: string,
  options: ExchangeOptions = {},
): Exchange<T, R> {
  checkShort(name, 'the name of an exchange');
  if (name === DEFAULT_EXCHANGE) {
    throw new TypeError(
      'Cannot make an exchange without a name: to publish to a queue, give publish the queue itself',
    );
  }
  const broker = checkBroker(options.broker ?? BROKER, `the exchange "${name}"`);
  const token = { exchange: name, type, options, address: exchangeAddress(broker, name) };
  return checkExchange(token as unknown as Exchange<T, R>);
}

/** @throws TypeError for what these functions have not made: a token may come from plain JavaScript, or another thread. */
export function checkExchange<X extends Exchange>(token: X): X {
  const { exchange: name, type, options } = (token ?? {}) as Partial<Exchange>;
  const action = `Cannot make the exchange "${String(name)}"`;
  if (!TYPES.includes(type as ExchangeType)) {
    throw new TypeError(
      `${action}: its type is 'fanout', 'direct', 'topic' or 'headers', not ${String(type)}`,
    );
  }
  for (const flag of FLAGS) {
    const value = options?.[flag];
    if (value !== undefined && typeof value !== 'boolean')
      throw new TypeError(`${action}: ${flag} is true or false, not ${String(value)}`);
  }
  const { alternate, codec } = options ?? {};
  if (alternate !== undefined && typeof alternate.exchange !== 'string')
    throw new TypeError(`${action}: alternate is an exchange, not ${String(alternate)}`);
  if (codec !== undefined) checkCodec(codec, action);
  return token;
}

/** @throws TypeError */
export function checkCodec(codec: Partial<Codec<unknown>>, action: string): void {
  const { contentType, encode, decode } = codec;
  if (
    typeof contentType !== 'string' ||
    typeof encode !== 'function' ||
    typeof decode !== 'function'
  )
    throw new TypeError(`${action}: a codec has a contentType, encode and decode`);
}
