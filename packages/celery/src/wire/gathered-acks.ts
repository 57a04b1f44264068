/**
 * Acknowledgements of what is only to be taken once more after a lost connection: many go as one, a moment later,
 * so that none is in the way of what was taken.
 */

import { isLoss } from '@beamish/amqp/connections';
import type { Channel, Message } from 'amqplib';

const MOST = 100;
const LATEST_MS = 20;

export class GatheredAcks {
  readonly #channel: Channel;
  #last: Message | undefined;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
    channel.once('close', () => clearTimeout(this.#timer));
  }

  /** In the order in which they came. */
  add(message: Message): void {
    this.#last = message;
    this.#count++;
    if (this.#count >= MOST) return this.#flush();
    this.#timer ??= setTimeout(() => this.#flush(), LATEST_MS).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#count = 0;
    try {
      this.#channel.ack(this.#last as Message, true);
    } catch (error) {
      // The channel is gone, and they come again on the next one.
      if (!isLoss(error)) throw error;
    }
  }
}
