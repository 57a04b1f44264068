/**
 * Task queues on RabbitMQ: one channel for all of them, so that what may be with us is counted over all. A queue
 * that does not take part in such a count (a quorum queue) has a channel of its own.
 */

import { close, codeOf, isLoss, type Link } from '@beamish/amqp/connections';
import type { Channel } from 'amqplib';
import type { Delivery } from '../messages/wire-message.ts';
import { type AmqpTag, deliveryOf } from './amqp-delivery.ts';

interface Consumption {
  readonly queue: string;
  readonly channel: Channel;
  readonly consumerTag: string;
}

/** The most that the protocol can say. */
const MOST = 65_535;
const AGAIN_MS = 1000;
const NOT_GLOBAL = /queue '(.+)' in vhost .* does not support global qos/;

export class AmqpConsumer {
  readonly #link: Link;
  readonly #delivered: (delivery: Delivery) => void;
  readonly #wanted = new Set<string>();
  readonly #consumptions = new Map<string, Consumption>();
  /** Queues that are counted each on its own. */
  readonly #alone = new Set<string>();
  #room = 1;
  #shared: Promise<Channel> | undefined;
  readonly #live = new Set<Channel>();

  constructor(link: Link, delivered: (delivery: Delivery) => void) {
    this.#link = link;
    this.#delivered = delivered;
  }

  get queues(): readonly string[] {
    return [...this.#wanted];
  }

  /** Whether each queue that is wanted is taken from. */
  get isWhole(): boolean {
    return [...this.#wanted].every((queue) => this.#consumptions.has(queue));
  }

  async consume(queue: string): Promise<void> {
    if (this.#wanted.has(queue)) return;
    this.#wanted.add(queue);
    await this.#begin(queue);
  }

  async cancel(queue: string): Promise<void> {
    this.#wanted.delete(queue);
    const its = this.#consumptions.get(queue);
    if (its === undefined) return;
    this.#consumptions.delete(queue);
    try {
      await its.channel.cancel(its.consumerTag);
    } catch (error) {
      // With its channel it is gone, too.
      if (!isLoss(error)) throw error;
    }
  }

  setRoom(count: number): void {
    this.#room = Math.min(MOST, Math.max(1, count));
    for (const channel of this.#live) {
      const isShared = channel === this.#sharedNow;
      channel.prefetch(this.#room, isShared).catch(() => undefined); // its end is told otherwise
    }
  }

  holds({ channel }: AmqpTag): boolean {
    return this.#live.has(channel);
  }

  /** There is a connection again. */
  async up(): Promise<void> {
    await Promise.all([...this.#wanted].map((queue) => this.#begin(queue)));
  }

  /** Why a connection was lost may be that a queue cannot be counted with others. */
  heard(reason: string): void {
    const queue = NOT_GLOBAL.exec(reason)?.[1];
    if (queue !== undefined) this.#alone.add(queue);
  }

  down(): void {
    this.#shared = undefined;
    this.#sharedNow = undefined;
    this.#live.clear();
    this.#consumptions.clear();
  }

  /** Of the shared one, once it is there. */
  #sharedNow: Channel | undefined;

  async #begin(queue: string): Promise<void> {
    const { generation } = this.#link.consumers;
    try {
      await declare(this.#link, queue);
      const channel = this.#alone.has(queue)
        ? await this.#open(false)
        : await this.#sharedChannel();
      const { consumerTag } = await channel.consume(queue, (message) => {
        if (message !== null) this.#delivered(deliveryOf(channel, message, queue));
        else this.#lost(queue);
      });
      this.#consumptions.set(queue, { queue, channel, consumerTag });
    } catch (error) {
      // A connection that is lost begins all anew; whatever else was refused may be granted later.
      if (generation === this.#link.consumers.generation) this.#later(queue);
      if (!isLoss(error) && codeOf(error) === undefined) throw error;
    }
  }

  #lost(queue: string): void {
    if (this.#consumptions.delete(queue)) this.#later(queue);
  }

  #later(queue: string): void {
    const { generation } = this.#link.consumers;
    setTimeout(() => {
      const isStill = this.#wanted.has(queue) && !this.#consumptions.has(queue);
      if (isStill && generation === this.#link.consumers.generation) void this.#begin(queue);
    }, AGAIN_MS).unref();
  }

  #sharedChannel(): Promise<Channel> {
    this.#shared ??= this.#open(true);
    return this.#shared;
  }

  async #open(isShared: boolean): Promise<Channel> {
    const channel = await this.#link.consumers.channel(() => {
      // Of one that the link has left already, there is nothing to begin again.
      if (!this.#live.delete(channel)) return;
      if (isShared) this.#shared = undefined;
      for (const its of [...this.#consumptions.values()])
        if (its.channel === channel) this.#lost(its.queue);
    });
    this.#live.add(channel);
    if (isShared) this.#sharedNow = channel;
    await channel.prefetch(this.#room, isShared);
    return channel;
  }
}

/** As it is, if it is there; else as Celery declares it. */
export async function declare(link: Link, queue: string): Promise<void> {
  if (await isThere(link, queue)) return;
  await link.consumers.onChannel(async (channel) => {
    await channel.assertQueue(queue, { durable: true });
    await channel.assertExchange(queue, 'direct', { durable: true });
    await channel.bindQueue(queue, queue, queue);
  });
}

async function isThere(link: Link, queue: string): Promise<boolean> {
  const channel = await link.consumers.channel();
  try {
    await channel.checkQueue(queue);
    await close(channel);
    return true;
  } catch (error) {
    if (codeOf(error) !== 404) throw error;
    return false;
  }
}
