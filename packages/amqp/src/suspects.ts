/**
 * Messages that a consumer may have died of. RabbitMQ's classic queues count nothing and say one bit,
 * `redelivered`, so whatever comes again and was not given back by this program is suspected. A suspect is
 * counted before it is handed out, on the broker: it has a small queue of its own, in which there is a message
 * for each attempt. So the count survives the end of the process, other processes know it, and the suspect
 * itself keeps its place. (A count in the message's own headers, with a copy for each attempt, was the
 * alternative: the copy goes to the end of its queue, and a crash between the two doubles it.)
 */

import { createHash } from 'node:crypto';
import type { Channel, ConsumeMessage } from 'amqplib';
import { ensureQueue } from './declared.ts';
import type { Link } from './link.ts';
import { refusalOf } from './refusal.ts';
import { messageIdOf } from './wire-message.ts';

/** Of those that have been given back, the last ones are remembered; one that is forgotten is suspected, and counted. */
const MOST_INNOCENTS = 65_536;
/** A count that nobody has asked for in a day is forgotten. */
const EXPIRES_MS = 86_400_000;
const PROPERTIES = { persistent: true, mandatory: true };

export class Suspects {
  readonly #link: Link;
  readonly #innocents = new Set<string>();
  /** Attempts of this program that are counted and have not ended. */
  readonly #attempts = new Set<string>();
  /** Where we may not declare the queues that count. */
  readonly #countedHere = new Map<string, number>();

  constructor(link: Link) {
    this.#link = link;
  }

  /** It was given back, and nobody died of it. */
  givenBack(queue: string, message: ConsumeMessage): void {
    if (this.#innocents.size >= MOST_INNOCENTS) {
      const [oldest] = this.#innocents;
      this.#innocents.delete(oldest as string);
    }
    this.#innocents.add(identityOf(queue, message));
  }

  /** To be asked once for each delivery. */
  isSuspect(queue: string, message: ConsumeMessage): boolean {
    if (!message.fields.redelivered) return false;
    return !this.#innocents.delete(identityOf(queue, message));
  }

  /** How many have died with it alone in hand, without the attempt that may be under way. */
  async crashes(queue: string, message: ConsumeMessage, isDurable: boolean): Promise<number> {
    const identity = identityOf(queue, message);
    const count = await this.#ask(identity, isDurable);
    return this.#attempts.has(identity) ? Math.max(0, count - 1) : count;
  }

  /** Another attempt begins: told before it does. */
  async attempt(queue: string, message: ConsumeMessage): Promise<void> {
    const identity = identityOf(queue, message);
    if (this.#attempts.has(identity)) return;
    await this.#raise(identity);
    this.#attempts.add(identity);
  }

  /** An attempt that was counted has ended, by the end of its consumer. */
  died(queue: string, message: ConsumeMessage): void {
    this.#attempts.delete(identityOf(queue, message));
  }

  /** One has died with it that was not suspected, and so not counted before. */
  async count(queue: string, message: ConsumeMessage, isDurable: boolean): Promise<void> {
    const identity = identityOf(queue, message);
    await this.#ask(identity, isDurable);
    await this.#raise(identity);
  }

  /** An attempt has ended, and nobody died of it. */
  async takeBack(queue: string, message: ConsumeMessage): Promise<void> {
    const identity = identityOf(queue, message);
    if (!this.#attempts.delete(identity)) return;
    const here = this.#countedHere.get(identity);
    if (here !== undefined) this.#countedHere.set(identity, here - 1);
    else await this.#on((channel) => channel.get(identity, { noAck: true }));
  }

  /** It is settled, or elsewhere. */
  async forget(queue: string, message: ConsumeMessage): Promise<void> {
    const identity = identityOf(queue, message);
    this.#attempts.delete(identity);
    if (!this.#countedHere.delete(identity)) await this.#on((ch) => ch.deleteQueue(identity));
  }

  async #ask(identity: string, durable: boolean): Promise<number> {
    const here = this.#countedHere.get(identity);
    if (here !== undefined) return here;
    const options = { durable, expires: EXPIRES_MS };
    const counted = await this.#unlessRefused(() =>
      ensureQueue(this.#link.consumers, identity, options),
    );
    if (counted !== undefined) return counted;
    this.#countedHere.set(identity, 0);
    return 0;
  }

  async #raise(identity: string): Promise<void> {
    const here = this.#countedHere.get(identity);
    if (here !== undefined) this.#countedHere.set(identity, here + 1);
    else await this.#link.transfer(identity, Buffer.alloc(0), PROPERTIES);
  }

  async #on(use: (channel: Channel) => Promise<unknown>): Promise<void> {
    await this.#unlessRefused(() => this.#link.consumers.onChannel(use));
  }

  /** Undefined if it is refused. @throws if the connection is lost */
  async #unlessRefused<T>(does: () => Promise<T>): Promise<T | undefined> {
    try {
      return await does();
    } catch (error) {
      if (refusalOf(error, '') === undefined) throw error;
      return undefined;
    }
  }
}

/** The queue that counts it: by its message id, or, without one, by what is in it. */
function identityOf(queue: string, message: ConsumeMessage): string {
  const id = messageIdOf(message);
  const hash = createHash('sha256').update(queue).update('\n');
  hash.update(id === '' ? message.content : id);
  return `${queue.slice(0, 60)}.crashes.${hash.digest('base64url').slice(0, 24)}`;
}
