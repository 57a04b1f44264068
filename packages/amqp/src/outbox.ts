/**
 * What has been published and is not confirmed. It outlives channels and connections: what was under way
 * when one was lost may or may not have arrived, so it is sent again, in order, with the same message id.
 * It is asked by numbers of its own, never by its place, since confirms come in any order.
 */

import type { PublishFailure, PublishReply } from '@beamish/exchange/engine';
import type { ConfirmChannel, Message, Options } from 'amqplib';
import type { ReplyTo } from 'beamish';
import { messageIdOf } from './wire-message.ts';

export interface Letter {
  readonly exchange: string;
  readonly key: string;
  readonly content: Buffer;
  readonly properties: Options.Publish;
  readonly messageId: string;
  readonly isMandatory: boolean;
  /** It is a request: its answer goes to `replyTo`. */
  readonly asks: boolean;
  /** Somebody waits for its outcome. */
  readonly waits: boolean;
  readonly replyTo: ReplyTo<PublishReply> | undefined;
}

/** How many queues took it, where 1 stands for some; or why none did. */
export type Outcome = { readonly queues: number } | { readonly failed: PublishFailure };

export type Report = (letter: Letter, outcome: Outcome) => void;

interface Pending {
  readonly letter: Letter;
  /** Set by the return, which comes before the confirm. */
  isReturned: boolean;
}

/** What the client says of a message that the broker refused; all else it says means that the channel is gone. */
const NACKED = 'message nacked';
const MISSING = /no exchange '(.*)' in vhost/s;

export class Outbox {
  readonly #limit: number;
  readonly #report: Report;
  readonly #pending = new Map<number, Pending>();
  readonly #byMessageId = new Map<string, number[]>();
  /** What came when the outbox was full; somebody waits for each. */
  readonly #waiting: Letter[] = [];
  #last = 0;
  /** Undefined while there is none, or the broker takes nothing. */
  #channel: ConfirmChannel | undefined;

  constructor(limit: number, report: Report) {
    this.#limit = limit;
    this.#report = report;
  }

  /** How many are not confirmed. */
  get size(): number {
    return this.#pending.size + this.#waiting.length;
  }

  publish(letter: Letter): void {
    if (this.#pending.size < this.#limit) this.#send(this.#add(letter));
    else if (!letter.waits) this.#report(letter, { failed: 'not_connected' });
    else this.#waiting.push(letter);
  }

  /** Everything that is not confirmed goes to the new channel. */
  open(channel: ConfirmChannel): void {
    this.#channel = channel;
    channel.on('return', (message: Message) => this.#returned(message));
    for (const [number, pending] of this.#pending) {
      pending.isReturned = false;
      this.#send(number);
    }
  }

  close(): void {
    this.#channel = undefined;
  }

  /** The channel was closed for this error: what it names is not there, and is sent no more. */
  refused(error: unknown): void {
    const missing = MISSING.exec((error as Error).message)?.[1];
    if (missing === undefined) return;
    for (const [number, { letter }] of this.#pending)
      if (letter.exchange === missing) this.#settle(number, { failed: 'no_exchange' });
  }

  #add(letter: Letter): number {
    const number = ++this.#last;
    this.#pending.set(number, { letter, isReturned: false });
    const same = this.#byMessageId.get(letter.messageId);
    if (same === undefined) this.#byMessageId.set(letter.messageId, [number]);
    else same.push(number);
    return number;
  }

  #send(number: number): void {
    const channel = this.#channel;
    const pending = this.#pending.get(number);
    if (channel === undefined || pending === undefined) return;
    const { exchange, key, content, properties } = pending.letter;
    try {
      channel.publish(exchange, key, content, properties, (error: unknown) =>
        this.#confirmed(number, channel, error),
      );
    } catch (error) {
      // The channel has closed and its event comes next: what is pending is sent on the next one.
      if ((error as Error).name !== 'IllegalOperationError') throw error;
    }
  }

  #confirmed(number: number, channel: ConfirmChannel, error: unknown): void {
    const pending = this.#pending.get(number);
    if (pending === undefined || channel !== this.#channel) return;
    const { letter, isReturned } = pending;
    const isRefused = error instanceof Error && error.message === NACKED;
    // Its fate is unknown: it stays until there is a channel again.
    if (error instanceof Error && !isRefused) return;
    if (isRefused) this.#settle(number, { failed: 'rejected' });
    else if (!isReturned) this.#settle(number, { queues: 1 });
    else this.#settle(number, letter.isMandatory ? { failed: 'unroutable' } : { queues: 0 });
  }

  /** Of several with one message id, they come back in the order in which they were sent. */
  #returned(message: Message): void {
    // What has no message id of its own goes by its correlation id.
    const id = messageIdOf(message) || String(message.properties.correlationId ?? '');
    const numbers = this.#byMessageId.get(id) ?? [];
    for (const number of numbers) {
      const pending = this.#pending.get(number);
      if (pending === undefined || pending.isReturned) continue;
      pending.isReturned = true;
      return;
    }
  }

  #settle(number: number, outcome: Outcome): void {
    const { letter } = this.#pending.get(number) as Pending;
    this.#pending.delete(number);
    const same = this.#byMessageId.get(letter.messageId) ?? [];
    if (same.length <= 1) this.#byMessageId.delete(letter.messageId);
    else same.splice(same.indexOf(number), 1);
    this.#report(letter, outcome);
    const next = this.#waiting.shift();
    if (next !== undefined) this.#send(this.#add(next));
  }
}
