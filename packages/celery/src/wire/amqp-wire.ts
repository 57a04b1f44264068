/** A deployment on RabbitMQ, over the link of @beamish/amqp. */

import { isLoss, type Link, type Outcome } from '@beamish/amqp/connections';
import type { Channel } from 'amqplib';
import type { Route } from '../messages/canvas.ts';
import type { Delivery, WireMessage } from '../messages/wire-message.ts';
import { AmqpConsumer, declare } from './amqp-consumer.ts';
import { type AmqpTag, messageOf, publishOptions } from './amqp-delivery.ts';
import { GatheredAcks } from './gathered-acks.ts';
import {
  type AnswerQueue,
  EVENTS,
  type Heard,
  NotPublished,
  PIDBOX,
  PIDBOX_REPLIES,
  type Wire,
} from './wire.ts';

const PROBE_MS = 5000;
/** What of remote control nobody has taken is of no use. */
const PIDBOX_ARGUMENTS = { 'x-expires': 10_000, 'x-message-ttl': 300_000 };

const WHY: Readonly<Record<string, string>> = {
  unroutable: 'nothing takes it there; declare the queue, or start a worker for it',
  no_exchange: 'there is no such exchange',
  rejected: 'the broker refused it',
};

export class AmqpWire implements Wire {
  readonly transport = 'amqp';
  readonly #link: Link;
  readonly #consumer: AmqpConsumer;
  /** What is to be begun on each connection. */
  readonly #always: (() => Promise<void>)[] = [];
  #heard: Heard | undefined;

  constructor(link: Link) {
    this.#link = link;
    this.#consumer = new AmqpConsumer(link, (delivery) => this.#heard?.delivered(delivery));
  }

  get shown(): string {
    return this.#link.place.shown;
  }

  get pending(): number {
    return this.#link.outbox.size;
  }

  get consumed(): readonly string[] {
    return this.#consumer.queues;
  }

  /** Exchanges that messages go to; then all that was begun before. */
  async up(): Promise<void> {
    await this.#link.consumers.onChannel(async (channel) => {
      await channel.assertExchange(PIDBOX, 'fanout', { durable: false });
      await channel.assertExchange(PIDBOX_REPLIES, 'direct', { durable: false });
      await channel.assertExchange(EVENTS, 'topic', { durable: true });
    });
    for (const begin of this.#always) await begin();
    await this.#consumer.up();
  }

  /** What was held is not held any more. */
  down(): void {
    this.#consumer.down();
  }

  /** Why a connection was lost. */
  heard(reason: string): void {
    this.#consumer.heard(reason);
  }

  async publish(
    to: Route,
    message: WireMessage,
    { mustArrive = true }: { readonly mustArrive?: boolean } = {},
  ): Promise<void> {
    const outcome = await this.#send(to, message, mustArrive);
    if ('queues' in outcome) return;
    const why =
      'error' in outcome ? outcome.error.message : (WHY[outcome.failed] ?? outcome.failed);
    throw new NotPublished(to, why);
  }

  emit({ exchange, key }: Route, message: WireMessage): void {
    this.#link.outbox.publish({
      ...letterOf(exchange, key, message),
      isMandatory: false,
      asks: false,
      waits: false,
      replyTo: undefined,
    });
  }

  async #send(
    { exchange, key }: Route,
    message: WireMessage,
    isMandatory: boolean,
  ): Promise<Outcome> {
    const letter = letterOf(exchange, key, message);
    const properties = { ...letter.properties, mandatory: isMandatory };
    return await this.#link.send({ ...letter, properties, isMandatory });
  }

  declare(queue: string): Promise<void> {
    return declare(this.#link, queue);
  }

  consume(queue: string): Promise<void> {
    return this.#consumer.consume(queue);
  }

  cancel(queue: string): Promise<void> {
    return this.#consumer.cancel(queue);
  }

  setRoom(count: number): void {
    this.#consumer.setRoom(count);
  }

  holds({ tag }: Delivery): boolean {
    return this.#consumer.holds(tag as AmqpTag);
  }

  ack(delivery: Delivery): void {
    this.#settle(delivery, ({ channel, message }) => channel.ack(message));
  }

  reject(delivery: Delivery): void {
    this.#settle(delivery, ({ channel, message }) => channel.reject(message, false));
  }

  /** As a copy, for what comes back is taken for what has ended somebody. */
  giveBack(delivery: Delivery): void {
    const { queue, properties, headers, body } = delivery;
    this.publish({ exchange: '', key: queue }, { properties, headers, body }).then(
      () => this.ack(delivery),
      () => this.#settle(delivery, ({ channel, message }) => channel.reject(message, true)),
    );
  }

  #settle(delivery: Delivery, settle: (tag: AmqpTag) => void): void {
    if (!this.holds(delivery)) return;
    try {
      settle(delivery.tag as AmqpTag);
    } catch (error) {
      // The channel is gone, and the broker gives it to somebody again.
      if (!isLoss(error)) throw error;
    }
  }

  async listen(node: string, heard: Heard): Promise<void> {
    this.#heard = heard;
    const name = `${node}.${PIDBOX}`;
    await this.#begin(async (channel) => {
      await channel.assertQueue(name, {
        durable: false,
        autoDelete: true,
        arguments: PIDBOX_ARGUMENTS,
      });
      await channel.bindQueue(name, PIDBOX, '');
      await channel.consume(name, (message) => message && heard.broadcast(messageOf(message)), {
        noAck: true,
      });
    });
  }

  async answers(
    { name, boundTo, expiresMs, isDurable }: AnswerQueue,
    take: (message: WireMessage) => void,
  ): Promise<void> {
    await this.#begin(async (channel) => {
      // It outlives a connection, so what is answered while there is none waits.
      const its = { durable: isDurable, arguments: { 'x-expires': expiresMs } };
      await channel.assertQueue(name, its);
      if (boundTo !== undefined) await channel.bindQueue(name, boundTo.exchange, boundTo.key);
      const acks = new GatheredAcks(channel);
      await channel.consume(name, (message) => {
        if (message === null) return;
        take(messageOf(message));
        acks.add(message);
      });
    });
  }

  async probe(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, fail) => {
      const why = `${this.shown} has not answered within ${PROBE_MS} ms`;
      timer = setTimeout(() => fail(new Error(why)), PROBE_MS);
    });
    try {
      await Promise.race([this.#link.consumers.onChannel(async () => undefined), late]);
    } finally {
      clearTimeout(timer);
    }
    if (!this.#consumer.isWhole) throw new Error('Not every queue is taken from');
  }

  /** Now, and on each connection that follows. */
  async #begin(use: (channel: Channel) => Promise<unknown>): Promise<void> {
    const begin = async (): Promise<void> => {
      await use(await this.#link.consumers.channel());
    };
    this.#always.push(begin);
    await begin();
  }
}

function letterOf(exchange: string, key: string, message: WireMessage) {
  const { correlation_id: messageId = '' } = message.properties;
  const content = Buffer.from(message.body, 'utf8');
  return { exchange, key, content, properties: publishOptions(message), messageId };
}
