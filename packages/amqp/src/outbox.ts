/**
 * What has been published and is not confirmed. It outlives channels and connections: what was under way
 * when one was lost may or may not have arrived, so it is sent again, in order, with the same message id.
 *
 * Confirms are by the number of a message on its channel, so what is under way stands in a list by that
 * number, and one confirm may settle many. A message that closes its channel takes those behind it along
 * with it; if RabbitMQ does not say which one it was, they are sent one at a time until it shows.
 */

import type { PublishFailure, PublishReply } from '@beamish/exchange/engine';
import type { ConfirmChannel, Message, Options } from 'amqplib';
import type { ReplyTo } from 'beamish';
import { Fifo } from './fifo.ts';
import { isLoss } from './refusal.ts';
import { AGAIN, messageIdOf } from './wire-message.ts';

/** A message as it is published. */
export interface Letter {
  /** Where to; `''` is the default exchange. */
  readonly exchange: string;
  /** For the default exchange, the queue's name. */
  readonly key: string;
  /** The body. */
  readonly content: Buffer;
  /** All else that the client is given. */
  readonly properties: Options.Publish;
  /** By which a return is told apart. */
  readonly messageId: string;
  /** That no queue wants it is a failure. */
  readonly isMandatory: boolean;
  /** It is a request: its answer goes to `replyTo`. */
  readonly asks: boolean;
  /** Somebody waits for its outcome. */
  readonly waits: boolean;
  /** Who waits. */
  readonly replyTo: ReplyTo<PublishReply> | undefined;
}

/** How many queues took it, where 1 stands for some; or why none did; or why it cannot be sent at all. */
export type Outcome =
  | { readonly queues: number }
  | { readonly failed: PublishFailure }
  | { readonly error: Error };

export type Report = (letter: Letter, outcome: Outcome) => void;

interface Confirm {
  readonly deliveryTag: number;
  readonly multiple: boolean;
}

const TAKEN: Outcome = Object.freeze({ queues: 1 });
const UNWANTED: Outcome = Object.freeze({ queues: 0 });
const UNROUTABLE: Outcome = Object.freeze({ failed: 'unroutable' });
const REJECTED: Outcome = Object.freeze({ failed: 'rejected' });
const NO_EXCHANGE: Outcome = Object.freeze({ failed: 'no_exchange' });
const NOT_CONNECTED: Outcome = Object.freeze({ failed: 'not_connected' });

export class Outbox {
  readonly #limit: number;
  readonly #report: Report;
  /** By their number on the channel, from `#first` on; settled ones are gaps. */
  readonly #underWay = new Fifo<Letter>();
  #first = 1;
  /** Of those under way, how many are no gaps. */
  #open = 0;
  /** Of those under way, what came back: the return is before the confirm. */
  readonly #returned = new Set<Letter>();
  #unsent = new Fifo<Letter>();
  /** What came when the outbox was full; somebody waits for each. */
  readonly #waiting = new Fifo<Letter>();
  /** Undefined while there is none. */
  #channel: ConfirmChannel | undefined;
  #isBlocked = false;
  /** How many are to be sent one at a time. Set by `suspect`. */
  #alone = 0;
  /** Told when nothing is left. */
  #idle: (() => void)[] = [];

  constructor(limit: number, report: Report) {
    this.#limit = limit;
    this.#report = report;
  }

  /** How many are not confirmed. */
  get size(): number {
    return this.#open + this.#unsent.length + this.#waiting.length;
  }

  publish(letter: Letter): void {
    if (this.#open + this.#unsent.length < this.#limit) {
      this.#unsent.push(letter);
      this.#pump();
    } else if (letter.waits) this.#waiting.push(letter);
    else this.#report(letter, NOT_CONNECTED);
  }

  /** Everything that is not confirmed goes to the new channel. */
  open(channel: ConfirmChannel): void {
    this.#channel = channel;
    channel.on('return', (message: Message) => {
      if (channel === this.#channel) this.#cameBack(message);
    });
    channel.on('ack', (confirm: Confirm) => {
      if (channel === this.#channel) this.#confirmed(confirm, TAKEN);
    });
    channel.on('nack', (confirm: Confirm) => {
      if (channel === this.#channel) this.#confirmed(confirm, REJECTED);
    });
    this.#pump();
  }

  /** The channel is gone, and what was under way is sent first on the next one. */
  close(): void {
    this.#channel = undefined;
    const again = this.#underWay.takeAll();
    this.#first = 1;
    this.#open = 0;
    this.#returned.clear();
    if (again.length === 0) return;
    const behind = this.#unsent;
    this.#unsent = new Fifo();
    for (const letter of again) this.#unsent.push(sentAgain(letter));
    for (const letter of behind.takeAll()) this.#unsent.push(letter);
  }

  /** RabbitMQ takes nothing for now: what is published waits here, where it can be counted. */
  block(isBlocked: boolean): void {
    this.#isBlocked = isBlocked;
    if (!isBlocked) this.#pump();
  }

  /** The channel was closed because there is no such exchange. */
  noExchange(exchange: string): void {
    this.#failAll((letter) => letter.exchange === exchange, NO_EXCHANGE);
  }

  /** The channel was closed because of a message that was under way. To be told before `close`. */
  suspect(): void {
    const { length } = this.#underWay;
    if (this.#alone > 0 && this.#open === 1) {
      for (let i = 0; i < length; i++) if (this.#underWay.at(i)) this.#settle(i, REJECTED);
    } else this.#alone = this.#open;
  }

  /** When nothing is left that is not confirmed. */
  idle(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((done) => this.#idle.push(done));
  }

  /** Nobody will send it any more: who waits hears of it. */
  giveUp(): void {
    this.close();
    const all = [...this.#unsent.takeAll(), ...this.#waiting.takeAll()];
    for (const letter of all) this.#report(letter, NOT_CONNECTED);
    this.#refill();
  }

  #failAll(isOne: (letter: Letter) => boolean, outcome: Outcome): void {
    for (const letter of this.#unsent.takeAll()) {
      if (isOne(letter)) this.#report(letter, outcome);
      else this.#unsent.push(letter);
    }
    this.#refill();
  }

  #pump(): void {
    while (this.#unsent.length > 0) {
      const channel = this.#channel;
      if (channel === undefined || this.#isBlocked) return;
      if (this.#alone > 0 && this.#open > 0) return;
      this.#send(channel, this.#unsent.shift() as Letter);
    }
  }

  #send(channel: ConfirmChannel, letter: Letter): void {
    const { exchange, key, content, properties } = letter;
    this.#underWay.push(letter);
    this.#open++;
    try {
      channel.publish(exchange, key, content, properties);
    } catch (error) {
      // The channel has closed and its event comes next: what is under way is sent on the next one.
      if (isLoss(error)) return;
      this.#underWay.pop();
      this.#open--;
      this.#report(letter, { error: error as Error });
      this.#refill();
    }
  }

  #confirmed({ deliveryTag, multiple }: Confirm, outcome: Outcome): void {
    const i = deliveryTag - this.#first;
    if (multiple) for (let before = 0; before < i; before++) this.#settle(before, outcome);
    this.#settle(i, outcome);
    while (this.#underWay.length > 0 && this.#underWay.at(0) === undefined) {
      this.#underWay.shift();
      this.#first++;
    }
    this.#refill();
  }

  #settle(i: number, outcome: Outcome): void {
    const letter = this.#underWay.at(i);
    if (letter === undefined) return;
    this.#underWay.clear(i);
    this.#open--;
    if (this.#alone > 0) this.#alone--;
    const cameBack = this.#returned.size > 0 && this.#returned.delete(letter);
    const isUnwanted = cameBack && outcome === TAKEN;
    this.#report(letter, isUnwanted ? (letter.isMandatory ? UNROUTABLE : UNWANTED) : outcome);
  }

  /** Of several with one message id, they come back in the order in which they were sent. */
  #cameBack(message: Message): void {
    // What has no message id of its own goes by its correlation id.
    const messageId = messageIdOf(message) || String(message.properties.correlationId ?? '');
    for (let i = 0; i < this.#underWay.length; i++) {
      const letter = this.#underWay.at(i);
      if (letter?.messageId !== messageId || this.#returned.has(letter)) continue;
      this.#returned.add(letter);
      return;
    }
  }

  #refill(): void {
    while (this.#waiting.length > 0 && this.#open + this.#unsent.length < this.#limit)
      this.#unsent.push(this.#waiting.shift() as Letter);
    this.#pump();
    if (this.size === 0) for (const done of this.#idle.splice(0)) done();
  }
}

/** The broker may have it: whoever gets the second copy is told that it may have been handled. */
function sentAgain(letter: Letter): Letter {
  const { properties } = letter;
  return { ...letter, properties: { ...properties, headers: { ...properties.headers, ...AGAIN } } };
}
