/**
 * The link to RabbitMQ: two connections, since one that RabbitMQ blocks for what is published on it is not
 * read at all, settlements included; what is declared; and the outbox, which outlives both. Whatever it
 * hears of a connection that is not the present one, it ignores.
 */

import type { BrokerEvent } from '@beamish/exchange';
import type { PublishReply } from '@beamish/exchange/engine';
import { decodeBy } from '@beamish/exchange/engine';
import type { Channel, ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { Address, Context, Message, Pid, ReplyTo } from 'beamish';
import { close, openConnection } from './connection.ts';
import { Declared } from './declared.ts';
import { type Letter, Outbox, type Outcome } from './outbox.ts';
import type { Place } from './place.ts';
import { codeOf } from './refusal.ts';

export interface LinkOptions {
  readonly place: Place;
  readonly tls: object;
  readonly connectionName: string;
  readonly pendingLimit: number;
}

/** To its actor: a connection is lost. */
export interface Lost extends Message {
  readonly tag: '$lost';
  readonly generation: number;
  readonly reason: string;
}

/** What an event says besides whose it is. */
export type EventKind = BrokerEvent extends infer E
  ? E extends BrokerEvent
    ? Omit<E, 'tag'>
    : never
  : never;

const REPLIES = 'amq.rabbitmq.reply-to';
/** Requests whose answer has not come; of those that nobody waits for any more, the oldest go. */
const MOST_REQUESTS = 100_000;

export class Link {
  readonly declared = new Declared();
  readonly watchers = new Set<Pid<BrokerEvent>>();
  readonly outbox: Outbox;
  /** Of the present connections. Whatever has another one is over. */
  generation = 0;
  readonly #self: Context;
  readonly #options: LinkOptions;
  readonly #prefix: string;
  readonly #requests = new Map<string, ReplyTo<PublishReply>>();
  #messages = 0;
  #publisher: ChannelModel | undefined;
  #consumers: ChannelModel | undefined;
  /** Told by `begin` and by the loss of a connection. */
  #isUp = false;
  #awaiting: (() => void)[] = [];

  constructor(self: Context, options: LinkOptions, prefix: string) {
    this.#self = self;
    this.#options = options;
    this.#prefix = prefix;
    this.outbox = new Outbox(options.pendingLimit, (letter, outcome) =>
      this.#report(letter, outcome),
    );
  }

  get shown(): string {
    return this.#options.place.shown;
  }

  nextMessageId(): string {
    return `${this.#prefix}${++this.#messages}`;
  }

  /** Connects, declares what is declared, and sends what is not confirmed. */
  async connect(): Promise<void> {
    const generation = ++this.generation;
    const { place, connectionName, tls } = this.#options;
    const events = {
      lost: (reason: string) => this.#lost(generation, reason),
      blocked: (reason: string) => this.tell({ kind: 'blocked', reason }),
      unblocked: () => this.tell({ kind: 'unblocked' }),
    };
    this.#publisher = await openConnection(place, `${connectionName} publisher`, tls, events);
    this.#consumers = await openConnection(place, `${connectionName} consumers`, tls, events);
    await this.onChannel((channel) => this.declared.again(channel));
    await this.#openPublisher(generation);
    this.#isUp = true;
    for (const go of this.#awaiting.splice(0)) go();
  }

  /** As soon as there is a connection. */
  async up(): Promise<void> {
    if (!this.#isUp) await new Promise<void>((go) => this.#awaiting.push(go));
  }

  async close(): Promise<void> {
    const open = [this.#publisher, this.#consumers];
    this.generation++;
    this.#isUp = false;
    this.outbox.close();
    this.#publisher = undefined;
    this.#consumers = undefined;
    await Promise.all(open.flatMap((each) => (each === undefined ? [] : [close(each)])));
  }

  /** One of the consumers' connection, with a listener for its end. */
  async channel(ended: (error: Error | undefined) => void = () => {}): Promise<Channel> {
    if (this.#consumers === undefined) throw new Error('There is no connection');
    const channel = await this.#consumers.createChannel();
    let error: Error | undefined;
    channel.on('error', (its: Error) => {
      error = its;
    });
    channel.on('close', () => ended(error));
    return channel;
  }

  /** A short-lived channel for one thing, since what is refused closes its channel. */
  async onChannel<T>(use: (channel: Channel) => Promise<T>): Promise<T> {
    let isClosed = false;
    const channel = await this.channel(() => {
      isClosed = true;
    });
    try {
      return await use(channel);
    } finally {
      if (!isClosed) await close(channel);
    }
  }

  /** Sends a copy of what a queue is done with, and waits until it has arrived. */
  async transfer(
    queue: string,
    content: Buffer,
    properties: Letter['properties'],
  ): Promise<boolean> {
    const messageId = String(properties.messageId ?? '');
    const letter = { exchange: '', key: queue, content, properties, messageId, isMandatory: true };
    return 'queues' in (await this.send(letter));
  }

  /** Sends it, again on each new connection, and waits until the broker has it or has refused it. */
  send(letter: OwnLetter): Promise<Outcome> {
    return new Promise((done) => {
      const its: Transfer = { ...letter, ...OWN, done };
      this.outbox.publish(its);
    });
  }

  tell(event: EventKind): void {
    const message = { tag: 'broker', ...event } as BrokerEvent;
    for (const watcher of this.watchers) this.#self.send(watcher, message);
  }

  async #openPublisher(generation: number): Promise<void> {
    const channel = await (this.#publisher as ChannelModel).createConfirmChannel();
    channel.on('error', (error: Error) => {
      if (generation === this.generation && codeOf(error) === 404) this.outbox.refused(error);
    });
    channel.on('close', () => {
      if (generation !== this.generation || !this.#isUp) return;
      this.outbox.close();
      // If that fails, the connection is lost, too, and says so.
      this.#openPublisher(generation).catch(() => undefined);
    });
    await channel.consume(REPLIES, (message) => this.#answered(message), { noAck: true });
    this.outbox.open(channel as ConfirmChannel);
  }

  #lost(generation: number, reason: string): void {
    if (generation !== this.generation) return;
    this.#isUp = false;
    this.outbox.close();
    const lost: Lost = { tag: '$lost', generation, reason };
    this.#self.send(this.#self.pid as Address<Message>, lost);
  }

  /** Remembers who asked, and says how the answer is to be told. */
  request(replyTo: ReplyTo<PublishReply>, messageId: string): Letter['properties'] {
    const id = `${this.#prefix}${++this.#messages}:${messageId}`;
    if (this.#requests.size >= MOST_REQUESTS) {
      const [oldest] = this.#requests.keys();
      this.#requests.delete(oldest as string);
    }
    this.#requests.set(id, replyTo);
    return { replyTo: REPLIES, correlationId: id };
  }

  #answered(message: ConsumeMessage | null): void {
    if (message === null) return;
    const { correlationId, contentType } = message.properties;
    const replyTo = this.#requests.get(String(correlationId));
    if (replyTo === undefined) return;
    this.#requests.delete(String(correlationId));
    const answer = decodeBy(contentType, message.content, undefined);
    this.#self.send(replyTo as Address<PublishReply>, { tag: '$answered', answer });
  }

  #report(letter: Letter, outcome: Outcome): void {
    const { exchange, key, messageId, replyTo, asks } = letter;
    if ('done' in letter) return (letter as Transfer).done(outcome);
    if ('failed' in outcome) {
      const reason = outcome.failed;
      if (replyTo !== undefined)
        this.#answer(replyTo, { tag: '$not_published', reason, messageId });
      else if (reason === 'no_exchange')
        this.tell({ kind: 'unroutable', exchange, key, messageId });
      else this.tell({ kind: reason, exchange, key, messageId });
    } else if (replyTo !== undefined && !(asks && outcome.queues > 0)) {
      this.#answer(replyTo, { tag: '$published', queues: outcome.queues });
    }
  }

  #answer(replyTo: ReplyTo<PublishReply>, reply: PublishReply): void {
    this.#self.send(replyTo as Address<PublishReply>, reply);
  }
}

/** A letter that no actor has asked for. */
export type OwnLetter = Omit<Letter, 'asks' | 'waits' | 'replyTo'>;

interface Transfer extends Letter {
  readonly done: (outcome: Outcome) => void;
}

const OWN = { asks: false, waits: true, replyTo: undefined } as const;
