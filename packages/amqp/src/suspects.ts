/**
 * Messages that consumers have died of, or with. RabbitMQ's classic queues count nothing, so they are
 * counted here, in this process, by queue and message id: what kills the whole process is not counted.
 */

import type { ConsumeMessage } from 'amqplib';
import { messageIdOf } from './wire-message.ts';

export class Suspects {
  /** How many have died with it alone in hand. */
  readonly #crashes = new Map<string, number>();

  has(queue: string, message: ConsumeMessage): boolean {
    return this.#crashes.size > 0 && this.#crashes.has(identityOf(queue, message));
  }

  crashesOf(queue: string, message: ConsumeMessage): number {
    return this.#crashes.get(identityOf(queue, message)) ?? 0;
  }

  /** It was in the hands of one that died; how often that was certain. */
  suspect(queue: string, message: ConsumeMessage, isAlone: boolean): number {
    const crashes = this.crashesOf(queue, message) + (isAlone ? 1 : 0);
    // Without an id it cannot be recognised.
    if (messageIdOf(message) !== '') this.#crashes.set(identityOf(queue, message), crashes);
    return crashes;
  }

  clear(queue: string, message: ConsumeMessage): void {
    if (this.#crashes.size > 0) this.#crashes.delete(identityOf(queue, message));
  }
}

function identityOf(queue: string, message: ConsumeMessage): string {
  return `${queue}\n${messageIdOf(message)}`;
}
