/** A deployment on Redis, as kombu speaks to it. */

import type { Redis } from 'ioredis';
import type { Route } from '../messages/canvas.ts';
import { bindingOf, bindingsKey, listOf, pack, readBinding, unpack } from '../messages/envelope.ts';
import type { Delivery, WireMessage } from '../messages/wire-message.ts';
import { NotJson } from '../terms/json.ts';
import { RedisConsumer, type RedisTag } from './redis-consumer.ts';
import { clientOf, type RedisPlace } from './redis-place.ts';
import { Pulse, within } from './redis-pulse.ts';
import { type Scripts, withScripts } from './redis-scripts.ts';
import {
  type AnswerQueue,
  type Connection,
  EVENTS,
  type Heard,
  NotPublished,
  PIDBOX,
  type Wire,
} from './wire.ts';

const PROBE_MS = 5000;
/** Waiting for answers is begun again so often. */
const ANSWER_WAIT_S = 5;
const SECOND = 1000;
/** An answer that nobody has fetched is gone then. */
const ANSWER_S = 86_400;

export class RedisWire implements Wire {
  readonly transport = 'redis';
  readonly shown: string;
  readonly #place: RedisPlace;
  readonly #name: string;
  readonly #client: Redis & Scripts;
  readonly #consumer: RedisConsumer;
  readonly #others: Redis[] = [];
  readonly #connection: Connection;
  #heard: Heard | undefined;
  #pending = 0;
  #pulse: Pulse | undefined;
  #isClosed = false;

  constructor(
    place: RedisPlace,
    name: string,
    connection: Connection,
    garbage: (queue: string, why: string) => void,
  ) {
    this.#place = place;
    this.#name = name;
    this.shown = place.shown;
    this.#connection = connection;
    this.#client = withScripts(clientOf(place, name));
    this.#consumer = new RedisConsumer(this.#client, place, name, {
      delivered: (delivery) => this.#heard?.delivered(delivery),
      garbage,
      lost: () => connection.down('what was held here was given to others'),
    });
  }

  get pending(): number {
    return this.#pending;
  }

  get consumed(): readonly string[] {
    return this.#consumer.queues;
  }

  async begin(): Promise<void> {
    await connected(this.#client);
    this.#client.on('close', () => {
      if (!this.#isClosed) this.#connection.down('the connection was closed');
    });
    this.#client.on('ready', () => {
      void this.#consumer.refresh();
      this.#connection.up();
    });
    this.#consumer.begin();
    this.#pulse = new Pulse(this.#client, () => this.#renew());
  }

  close(): void {
    this.#isClosed = true;
    this.#pulse?.end();
    this.#consumer.close();
    for (const client of [this.#client, ...this.#others]) client.disconnect();
  }

  async publish(to: Route, message: WireMessage): Promise<void> {
    this.#pending++;
    try {
      await this.#send(to, message);
    } finally {
      this.#pending--;
    }
  }

  emit(to: Route, message: WireMessage): void {
    this.publish(to, message).catch(() => undefined); // it may be lost
  }

  async #send(to: Route, message: WireMessage): Promise<void> {
    const { exchange, key } = to;
    if (exchange === PIDBOX) {
      await this.#client.publish(this.#channel(PIDBOX), pack(message, to));
    } else if (exchange === EVENTS) {
      await this.#client.publish(this.#channel(`${EVENTS}/${key}`), pack(message, to));
    } else {
      const queues = exchange === '' ? [key] : await this.#boundTo(exchange, key);
      if (queues.length === 0) throw new NotPublished(to, 'no queue is bound to it');
      for (const queue of queues) await this.#push(queue, message, pack(message, to));
    }
  }

  async #push(queue: string, { properties }: WireMessage, text: string): Promise<void> {
    const list = listOf(queue, properties.priority ?? 0);
    await this.#client.lpush(list, text);
    // Answers are not kept for ever.
    if (properties.delivery_mode === 1) await this.#client.expire(list, ANSWER_S);
  }

  async #boundTo(exchange: string, key: string): Promise<string[]> {
    const members = await this.#client.smembers(bindingsKey(exchange));
    return members
      .map(readBinding)
      .filter(({ routingKey }) => routingKey === key)
      .map(({ queue }) => queue);
  }

  async declare(queue: string): Promise<void> {
    await this.#client.sadd(bindingsKey(queue), bindingOf(queue, queue));
  }

  async consume(queue: string): Promise<void> {
    await this.declare(queue);
    this.#consumer.consume(queue);
  }

  async cancel(queue: string): Promise<void> {
    this.#consumer.cancel(queue);
  }

  setRoom(count: number): void {
    this.#consumer.setRoom(count);
  }

  holds({ tag }: Delivery): boolean {
    return this.#consumer.holds(tag as RedisTag);
  }

  ack({ tag }: Delivery): void {
    this.#consumer.ack(tag as RedisTag);
  }

  /** There are no dead letters in Redis. */
  reject(delivery: Delivery): void {
    this.ack(delivery);
  }

  giveBack({ tag }: Delivery): void {
    this.#consumer.giveBack(tag as RedisTag).catch(() => undefined); // it is restored when its time is over
  }

  async listen(_node: string, heard: Heard): Promise<void> {
    this.#heard = heard;
    const client = this.#another('remote control');
    client.on('message', (_channel: string, text: string) => {
      const message = messageIn(text);
      if (message !== undefined) heard.broadcast(message);
    });
    await client.subscribe(this.#channel(PIDBOX));
  }

  async answers(
    { name, boundTo }: AnswerQueue,
    take: (message: WireMessage) => void,
  ): Promise<void> {
    if (boundTo !== undefined)
      await this.#client.sadd(bindingsKey(boundTo.exchange), bindingOf(boundTo.key, name));
    void this.#takeAnswers(this.#another('answers'), name, take);
  }

  async #takeAnswers(
    client: Redis,
    list: string,
    take: (message: WireMessage) => void,
  ): Promise<void> {
    while (!this.#isClosed) {
      try {
        const popping = client.brpop(list, ANSWER_WAIT_S);
        const popped = await within(ANSWER_WAIT_S * SECOND + PROBE_MS, popping, this.shown);
        const message = popped === null ? undefined : messageIn(popped[1]);
        if (message !== undefined) take(message);
      } catch {
        // Closed for good, or for a moment; or silent.
        if (client.status === 'end') return;
        if (client.status === 'ready') client.disconnect(true);
        await new Promise((resolve) => setTimeout(resolve, SECOND).unref());
      }
    }
  }

  async probe(): Promise<void> {
    await within(PROBE_MS, this.#client.ping(), this.shown);
  }

  /** It was silent, and the others may be. */
  #renew(): void {
    this.#consumer.renew();
    for (const client of [this.#client, ...this.#others]) client.disconnect(true);
  }

  #another(what: string): Redis {
    const client = clientOf(this.#place, `${this.#name} ${what}`);
    this.#others.push(client);
    return client;
  }

  /** As kombu names those of fanout exchanges. */
  #channel(name: string): string {
    return `/${this.#place.database}.${name}`;
  }
}

function messageIn(text: string): WireMessage | undefined {
  try {
    return unpack(text);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    return undefined;
  }
}

/** Tries for ever. */
export async function connected(client: Redis): Promise<void> {
  if (client.status === 'ready') return;
  await new Promise<void>((resolve) => {
    client.once('ready', resolve);
    client.connect().catch(() => undefined); // it tries again by itself
  });
}
