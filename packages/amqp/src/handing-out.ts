/**
 * How deliveries are handed out, and what becomes of them. A delivery has a number that is never used again:
 * the tags of RabbitMQ begin anew on each channel, so an old one would settle something else, and one that is
 * unknown closes the channel.
 *
 * What takes a round trip is done in the background, and looks at its channel again when it goes on, since by
 * then the connection may have been lost or the actor have ended.
 */

import type { Settle } from '@beamish/exchange/engine';
import type { Channel, ConsumeMessage } from 'amqplib';
import { type Address, type Context, isOrderly, type Message } from 'beamish';
import type { Background } from './background.ts';
import { leave } from './connection.ts';
import type { Consumption, Held } from './consumption.ts';
import type { Deliveries } from './deliveries.ts';
import type { Link } from './link.ts';
import { isLoss } from './refusal.ts';
import { Suspects } from './suspects.ts';
import { messageIdOf } from './wire-message.ts';

export class HandingOut {
  readonly #self: Context;
  readonly #link: Link;
  readonly #deliveries: Deliveries;
  readonly #background: Background;
  readonly #suspects: Suspects;
  readonly #held = new Map<number, Held>();
  /** Those that have acknowledged in this turn. */
  readonly #acking = new Set<Consumption>();
  #last = 0;
  /** When what is invalid has been set aside. */
  #aside: Promise<void> = Promise.resolve();
  /** A cancelled consumption has nothing left to settle. */
  readonly #done: (consumption: Consumption) => void;

  constructor(
    self: Context,
    link: Link,
    deliveries: Deliveries,
    background: Background,
    done: (consumption: Consumption) => void,
  ) {
    this.#self = self;
    this.#link = link;
    this.#deliveries = deliveries;
    this.#background = background;
    this.#suspects = new Suspects(link);
    this.#done = done;
  }

  /** Something has come on the present channel. */
  delivered(consumption: Consumption, message: ConsumeMessage): void {
    consumption.took(message);
    const counts =
      !consumption.isAuto && this.#deliveries.maxCrashesOf(consumption.queue) !== undefined;
    const isSuspect = counts && this.#suspects.isSuspect(consumption.queue, message);
    const { waiting, isAlone, isCancelled } = consumption;
    if (!isSuspect && !isAlone && !isCancelled && waiting.length === 0)
      return this.#give(consumption, message, 0, false);
    waiting.push({ message, isSuspect });
    if (!isCancelled) this.#giveWaiting(consumption);
  }

  /** In order; a suspect is given to nobody who has something else in hand, and nothing beside it. */
  #giveWaiting(consumption: Consumption): void {
    const { waiting, held } = consumption;
    while (!consumption.isAlone && waiting[0] !== undefined) {
      if (waiting[0].isSuspect && held.size > 0) return;
      const { message, isSuspect } = waiting.shift() as (typeof waiting)[0];
      if (!isSuspect) {
        this.#give(consumption, message, 0, false);
        continue;
      }
      consumption.isAlone = true;
      this.#background.run(COUNT, () => this.#giveSuspect(consumption, message));
    }
  }

  #give(
    consumption: Consumption,
    message: ConsumeMessage,
    crashes: number,
    isSuspect: boolean,
  ): void {
    const { queue, pid } = consumption;
    const read = this.#deliveries.read(queue, message);
    if (!read.ok) return this.#invalid(consumption, message, read.why);
    const number = ++this.#last;
    if (!consumption.isAuto) {
      const held = { number, message, consumption, isSuspect };
      this.#held.set(number, held);
      consumption.held.set(number, held);
    }
    const delivery = this.#deliveries.delivery(consumption, message, read.value, number, crashes);
    this.#self.send(pid as Address<Message>, delivery);
  }

  /** It is counted, and then handed out, or set aside if it has been too often. */
  async #giveSuspect(consumption: Consumption, message: ConsumeMessage): Promise<void> {
    const { queue, channel } = consumption;
    const isGone = () => channel !== consumption.channel || consumption.isCancelled;
    const crashes = await this.#suspects.crashes(queue, message, this.#deliveries.isDurable(queue));
    if (isGone()) return;
    if (crashes >= (this.#deliveries.maxCrashesOf(queue) ?? Number.POSITIVE_INFINITY)) {
      await this.#setAside(consumption, channel, message);
    } else {
      await this.#suspects.attempt(queue, message);
      if (isGone()) {
        await this.#suspects.takeBack(queue, message);
        if (channel === consumption.channel) consumption.settle(message, 'requeue');
        return;
      }
      this.#give(consumption, message, crashes, true);
      if (consumption.held.size > 0) return;
      // It was invalid, and is set aside for that.
      await this.#suspects.forget(queue, message);
    }
    consumption.isAlone = false;
    this.#giveWaiting(consumption);
  }

  /** One after the other, since their order stays. */
  #invalid(consumption: Consumption, message: ConsumeMessage, why: string): void {
    const { queue, channel, isAuto } = consumption;
    if (isAuto) {
      const messageId = messageIdOf(message);
      // What was acknowledged by being sent has no place to go back to.
      return this.#link.tell({ kind: 'dropped', queue, reason: 'invalid', messageId, why });
    }
    const aside = this.#aside.then(async () => {
      if (channel !== consumption.channel) return;
      if (!(await this.#deliveries.setAside(queue, message, 'invalid', why))) return;
      if (channel === consumption.channel) consumption.settle(message, 'ack');
    });
    this.#aside = aside.catch(() => undefined);
    this.#background.run(ASIDE, () => aside);
  }

  /** What has come and is not in hand goes to others. */
  giveBackWaiting(consumption: Consumption): void {
    for (const { message, isSuspect } of consumption.waiting.splice(0)) {
      if (!isSuspect) this.#suspects.givenBack(consumption.queue, message);
      consumption.settle(message, 'requeue');
    }
  }

  // ── settlements ───────────────────────────────────────────────────────────────────────────

  settle({ number, queue, how }: Settle): void {
    const held = this.#held.get(number);
    if (held === undefined) return this.#link.tell({ kind: 'stale_settlement', queue, number });
    const { consumption, isSuspect } = held;
    this.#forget(held);
    if (isSuspect) this.#background.run(COUNT, () => this.#settleSuspect(held, how));
    else if (how === 'ack') this.#ack(held);
    else this.#settleAtOnce(held, how);
    if (consumption.isCancelled && consumption.held.size === 0) this.#done(consumption);
    else if (consumption.waiting.length > 0) this.#giveWaiting(consumption);
  }

  #ack(held: Held): void {
    const { consumption } = held;
    if (!consumption.ack(held)) return;
    if (this.#acking.size === 0) queueMicrotask(() => this.flush());
    this.#acking.add(consumption);
  }

  /** At the end of the turn. */
  flush(): void {
    for (const consumption of this.#acking) this.stale(consumption.flush());
    this.#acking.clear();
  }

  /** What was settled when its channel was lost already. */
  stale(all: readonly Held[]): void {
    for (const { number, consumption } of all)
      this.#link.tell({ kind: 'stale_settlement', queue: consumption.queue, number });
  }

  #settleAtOnce(held: Held, how: 'reject' | 'requeue'): void {
    const { message, consumption } = held;
    const { queue } = consumption;
    if (how === 'requeue') this.#suspects.givenBack(queue, message);
    try {
      consumption.settle(message, how);
    } catch (error) {
      if (!isLoss(error)) throw error;
      // Its channel has just been lost, and the message has gone back.
      return this.stale([held]);
    }
    if (how === 'reject') this.#rejected(queue, message);
  }

  #rejected(queue: string, message: ConsumeMessage): void {
    if (this.#deliveries.optionsOf(queue)?.deadLetter !== undefined) return;
    const messageId = messageIdOf(message);
    this.#link.tell({ kind: 'dropped', queue, reason: 'rejected', messageId });
  }

  /** What has been counted is forgotten with it, or was no crash. */
  async #settleSuspect(held: Held, how: Settle['how']): Promise<void> {
    const { message, consumption } = held;
    const { queue, channel } = consumption;
    if (how === 'requeue') await this.#suspects.takeBack(queue, message);
    if (channel !== consumption.channel) return this.stale([held]);
    consumption.settle(message, how);
    if (how === 'reject') this.#rejected(queue, message);
    if (how !== 'requeue') await this.#suspects.forget(queue, message);
  }

  /** Its actor has ended: what it held goes back to its place, and what it may have died of is counted first. */
  ended(consumption: Consumption, reason: unknown): void {
    const held = [...consumption.held.values()];
    for (const each of held) this.#forget(each);
    const { channel } = consumption;
    if (channel !== undefined)
      this.#background.run(COUNT, () => this.#giveBack(consumption, channel, held, reason));
  }

  async #giveBack(
    consumption: Consumption,
    channel: Channel,
    held: readonly Held[],
    reason: unknown,
  ): Promise<void> {
    const { queue, waiting } = consumption;
    this.stale(consumption.flush());
    for (const { message, isSuspect } of waiting.splice(0))
      if (!isSuspect) this.#suspects.givenBack(queue, message);
    const isCrash = !isOrderly(reason);
    const maxCrashes = this.#deliveries.maxCrashesOf(queue);
    for (const each of held) {
      const { message, isSuspect } = each;
      if (maxCrashes === undefined) continue;
      if (isCrash && held.length === 1) await this.#crashed(consumption, channel, each, maxCrashes);
      else if (isSuspect) await this.#suspects.takeBack(queue, message);
      else if (!isCrash) this.#suspects.givenBack(queue, message);
    }
    if (channel === consumption.channel) consumption.detach();
    await leave(channel, consumption.consumerTag);
  }

  /** It was alone in the hands of one that died. */
  async #crashed(
    consumption: Consumption,
    channel: Channel,
    { message, isSuspect }: Held,
    maxCrashes: number,
  ): Promise<void> {
    const { queue } = consumption;
    const isDurable = this.#deliveries.isDurable(queue);
    this.#suspects.died(queue, message);
    if (!isSuspect && maxCrashes > 1) return await this.#suspects.count(queue, message, isDurable);
    if (isSuspect && (await this.#suspects.crashes(queue, message, isDurable)) < maxCrashes) return;
    // Nothing more may come here while it is on its way.
    await channel.cancel(consumption.consumerTag);
    await this.#setAside(consumption, channel, message);
  }

  async #setAside(
    consumption: Consumption,
    channel: Channel | undefined,
    message: ConsumeMessage,
  ): Promise<void> {
    const { queue } = consumption;
    const isThere = await this.#deliveries.setAside(queue, message, 'delivery_limit', undefined);
    if (!isThere || channel !== consumption.channel) return;
    consumption.settle(message, 'ack');
    await this.#suspects.forget(queue, message);
  }

  /** What its channel delivered is gone from here. */
  drop(consumption: Consumption): void {
    const { queue } = consumption;
    for (const held of [...consumption.held.values()]) {
      this.#forget(held);
      if (!held.isSuspect) this.#suspects.givenBack(queue, held.message);
    }
    for (const { message, isSuspect } of consumption.waiting)
      if (!isSuspect) this.#suspects.givenBack(queue, message);
    const unsent = consumption.detach();
    for (const { message } of unsent) this.#suspects.givenBack(queue, message);
    this.stale(unsent);
  }

  #forget({ number, consumption }: Held): void {
    this.#held.delete(number);
    consumption.held.delete(number);
    if (consumption.held.size === 0) consumption.isAlone = false;
  }
}

/** What is done in the background, for when it is refused. */
const COUNT = 'Cannot count crashes';
const ASIDE = 'Cannot set a message aside';
