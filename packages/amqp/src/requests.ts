/**
 * Requests whose answer has not come. Its address is the channel that it was asked on, so on a new one it
 * is asked again, with the same message id, for as long as who asked lives.
 */

import type { PublishReply } from '@beamish/exchange/engine';
import type { ReplyTo } from 'beamish';
import type { Letter } from './outbox.ts';

/** RabbitMQ's name for the consumer of this channel's own answers. */
export const REPLIES = 'amq.rabbitmq.reply-to';
/** Of requests that nobody waits for any more, the oldest go. */
const MOST = 100_000;
/** The newest ones are asked again on a new channel. */
const MOST_AGAIN = 10_000;

interface Request {
  readonly replyTo: ReplyTo<PublishReply>;
  /** Kept once it is confirmed, when the outbox does not any more. */
  letter: Letter | undefined;
}

export class Requests {
  readonly #all = new Map<string, Request>();
  readonly #prefix: string;
  #last = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Remembers who asked, and says how the answer is to be told. */
  add(replyTo: ReplyTo<PublishReply>): Letter['properties'] {
    const id = `${this.#prefix}${++this.#last}`;
    if (this.#all.size >= MOST) {
      const [oldest] = this.#all.keys();
      this.#all.delete(oldest as string);
    }
    this.#all.set(id, { replyTo, letter: undefined });
    return { replyTo: REPLIES, correlationId: id };
  }

  /** A queue has it. */
  confirmed(letter: Letter): void {
    const request = this.#all.get(idOf(letter));
    if (request !== undefined) request.letter = letter;
  }

  /** Nobody will answer it. */
  failed(letter: Letter): void {
    this.#all.delete(idOf(letter));
  }

  /** Who asked, once. */
  answered(id: string): ReplyTo<PublishReply> | undefined {
    const request = this.#all.get(id);
    this.#all.delete(id);
    return request?.replyTo;
  }

  /** Those that are confirmed and have no answer, whose asker may still wait. */
  takeUnanswered(mayWait: (replyTo: ReplyTo<PublishReply>) => boolean): readonly Letter[] {
    const letters: Letter[] = [];
    for (const [id, request] of this.#all) {
      const { letter, replyTo } = request;
      if (letter === undefined) continue;
      request.letter = undefined;
      if (mayWait(replyTo)) letters.push(letter);
      else this.#all.delete(id);
    }
    return letters.slice(-MOST_AGAIN);
  }
}

function idOf({ properties }: Letter): string {
  return String(properties.correlationId);
}
