/** A message on its way: what was published, shared by all queues that take it, and never changed. */

import type { ReplyTo } from 'beamish';
import type { Codec } from '../terms/codec.ts';
import { type HeaderTable, NO_HEADERS } from '../terms/header-table.ts';
import type { Death, DeliveredProperties } from '../terms/messages.ts';
import type { PublishOptions } from '../terms/publish-options.ts';

const NO_HISTORY: readonly Death[] = Object.freeze([]);

export class Publication {
  /** As it was given. */
  readonly message: unknown;
  /** As on a wire or on disk; undefined as long as nobody has asked. */
  #bytes: Uint8Array | undefined;
  readonly codec: Codec<unknown>;
  /** The exchange that it was published to, and its key there. */
  readonly exchange: string;
  readonly key: string;
  readonly options: PublishOptions | undefined;
  readonly history: readonly Death[];
  /** Who waits for an answer. */
  readonly replyTo: ReplyTo<never> | undefined;
  /** The number of its message id; undefined once there are properties. */
  readonly #serial: number;
  #properties: DeliveredProperties | undefined;

  constructor(
    { message, codec, bytes }: Content,
    exchange: string,
    key: string,
    options: PublishOptions | undefined,
    identity: number | DeliveredProperties,
    replyTo: ReplyTo<never> | undefined,
    history: readonly Death[] = NO_HISTORY,
  ) {
    this.message = message;
    this.codec = codec;
    this.#bytes = bytes;
    this.exchange = exchange;
    this.key = key;
    this.options = options;
    this.history = history;
    this.replyTo = replyTo;
    this.#serial = typeof identity === 'number' ? identity : 0;
    this.#properties = typeof identity === 'number' ? undefined : identity;
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
    this.#bytes ??= this.codec.encode(this.message);
    return this.#bytes;
  }

  /** With its message id: `prefix` is of the broker, and makes the number unique in the world. Made once, when somebody looks. */
  properties(prefix: string): DeliveredProperties {
    if (this.#properties === undefined) {
      const messageId = prefix + this.#serial.toString(36);
      const given = this.options?.properties;
      const priority = this.options?.priority;
      if (given === undefined && priority === undefined) this.#properties = { messageId };
      else {
        this.#properties = {
          messageId,
          ...given,
          ...(priority === undefined ? {} : { priority }),
          ...(given?.timestamp === undefined ? {} : { timestamp: toSecond(given.timestamp) }),
        };
      }
    }
    return this.#properties;
  }

  /** The same message, published elsewhere: where it dies, or is set aside. It does not expire there. */
  moved(exchange: string, key: string, history: readonly Death[], prefix: string): Publication {
    const { expirationMs: _, ...others } = this.options ?? {};
    const options = this.options === undefined ? undefined : others;
    const content = { message: this.message, codec: this.codec, bytes: this.#bytes };
    const properties = this.properties(prefix);
    return new Publication(content, exchange, key, options, properties, this.replyTo, history);
  }
}

export interface Content {
  readonly message: unknown;
  readonly codec: Codec<unknown>;
  readonly bytes: Uint8Array | undefined;
}

/** AMQP's times are whole seconds. */
export function toSecond(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}
