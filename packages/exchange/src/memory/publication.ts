/** A message on its way: what was published, shared by all queues that take it, and never changed. */

import type { ReplyTo } from 'beamish';
import type { Codec } from '../terms/codec.ts';
import { type HeaderTable, NO_HEADERS } from '../terms/header-table.ts';
import type { Death, DeliveredProperties } from '../terms/messages.ts';
import type { PublishOptions } from '../terms/publish-options.ts';

const NO_HISTORY: readonly Death[] = Object.freeze([]);

/** Stands for a message that has not been decoded since it was read. */
export const RAW: unique symbol = Symbol('raw');

export class Publication {
  /** As it was given. */
  readonly message: unknown;
  readonly codec: Codec<unknown>;
  /** The exchange that it was published to, and its key there. */
  readonly exchange: string;
  readonly key: string;
  readonly options: PublishOptions | undefined;
  readonly history: readonly Death[];
  /** Who waits for an answer. */
  readonly replyTo: ReplyTo<never> | undefined;
  /** The number of its message id, or what that and others have come to. */
  private identity: number | DeliveredProperties;
  /** As on a wire or on disk; undefined as long as nobody has asked. */
  private encoded: Uint8Array | undefined;

  // Its fields are `private` and not `#private`, as one is made for each message.
  constructor(
    message: unknown,
    codec: Codec<unknown>,
    exchange: string,
    key: string,
    options: PublishOptions | undefined,
    identity: number | DeliveredProperties,
    replyTo: ReplyTo<never> | undefined,
    history: readonly Death[] = NO_HISTORY,
  ) {
    this.message = message;
    this.codec = codec;
    this.exchange = exchange;
    this.key = key;
    this.options = options;
    this.history = history;
    this.replyTo = replyTo;
    this.identity = identity;
    this.encoded = undefined;
  }

  get headers(): HeaderTable {
    return this.options?.headers ?? NO_HEADERS;
  }

  get priority(): number {
    return this.options?.priority ?? 0;
  }

  get expirationMs(): number | undefined {
    return this.options?.expirationMs;
  }

  get isPersistent(): boolean {
    return this.options?.properties?.persistent !== false;
  }

  /** Encoded once, whoever asks. @throws what the codec throws */
  get bytes(): Uint8Array {
    this.encoded ??= this.codec.encode(this.message);
    return this.encoded;
  }

  /** With its message id: `prefix` is of the broker, and makes the number unique in the world. Made once, when somebody looks. */
  properties(prefix: string): DeliveredProperties {
    const { identity, options } = this;
    if (typeof identity !== 'number') return identity;
    const messageId = prefix + identity;
    const made = options === undefined ? { messageId } : withOptions(messageId, options);
    this.identity = made;
    return made;
  }

  /** The same message, published elsewhere: where it dies, or is set aside. It does not expire there. */
  moved(exchange: string, key: string, history: readonly Death[], prefix: string): Publication {
    const { expirationMs: _, ...others } = this.options ?? {};
    const options = this.options === undefined ? undefined : others;
    const { message, codec, replyTo } = this;
    const identity = this.properties(prefix);
    const made = new Publication(
      message,
      codec,
      exchange,
      key,
      options,
      identity,
      replyTo,
      history,
    );
    made.encoded = this.encoded;
    return made;
  }
}

function withOptions(
  messageId: string,
  { properties, priority }: PublishOptions,
): DeliveredProperties {
  if (properties === undefined)
    return priority === undefined ? { messageId } : { messageId, priority };
  const { timestamp } = properties;
  return {
    messageId,
    ...properties,
    ...(priority === undefined ? {} : { priority }),
    ...(timestamp === undefined ? {} : { timestamp: toSecond(timestamp) }),
  };
}

/** AMQP's times are whole seconds. */
function toSecond(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}
