/**
 * The consumptions of this program: what RabbitMQ delivers goes into mailboxes, settlements go back. A
 * delivery has a number that is never used again: the tags of RabbitMQ begin anew on each channel, so an
 * old one would settle something else, and one that is unknown closes the channel.
 */

import type { Cancelled, Death, Delivery, Settlement } from '@beamish/exchange';
import {
  type ConsumePlan,
  decodeBy,
  quarantinedQueue,
  quarantineName,
  type Refusal,
  type Settle,
  validate,
} from '@beamish/exchange/engine';
import type { Channel, ConsumeMessage } from 'amqplib';
import { type Address, type Context, isOrderly, type Message, type Pid } from 'beamish';
import { close } from './connection.ts';
import { Consumption, type Held } from './consumption.ts';
import { assertQueue } from './declared.ts';
import type { Link } from './link.ts';
import { isLoss, refusalOf } from './refusal.ts';
import { Suspects } from './suspects.ts';
import {
  deliveredPropertiesOf,
  headersOf,
  historyOf,
  historyWith,
  messageIdOf,
  moved,
  originOf,
} from './wire-message.ts';

const DEFAULT_MAX_CRASHES = 3;

export class Consumptions {
  readonly #self: Context;
  readonly #link: Link;
  readonly #wall: () => number;
  readonly #all = new Set<Consumption>();
  readonly #held = new Map<number, Held>();
  readonly #suspects = new Suspects();
  #deliveries = 0;
  /** When what is invalid has been set aside. */
  #aside: Promise<void> = Promise.resolve();

  constructor(self: Context, link: Link, wall: () => number) {
    this.#self = self;
    this.#link = link;
    this.#wall = wall;
  }

  /** @throws what RabbitMQ refuses */
  async open(
    pid: Pid,
    queue: string,
    plan: ConsumePlan,
    remake?: () => Promise<string>,
  ): Promise<Consumption> {
    const consumption = new Consumption(this.#self.monitor(pid), pid, queue, plan, remake);
    try {
      await this.#consume(consumption);
    } catch (error) {
      this.#self.demonitor(consumption.ref, { flush: true });
      throw error;
    }
    this.#all.add(consumption);
    return consumption;
  }

  /** What came before is as much its actor's as ever. */
  async cancel(ref: unknown): Promise<Consumption | undefined> {
    const consumption = this.#find(ref);
    if (consumption === undefined || consumption.isCancelled) return consumption;
    consumption.isCancelled = true;
    const { channel, consumerTag, waiting } = consumption;
    if (channel === undefined) return consumption;
    await channel.cancel(consumerTag);
    for (const message of waiting.splice(0)) channel.nack(message, false, true);
    if (consumption.held.size === 0) await this.#leave(consumption);
    return consumption;
  }

  settle({ number, queue, how }: Settle): void {
    const held = this.#held.get(number);
    if (held === undefined) return this.#link.tell({ kind: 'stale_settlement', queue, number });
    const { message, consumption } = held;
    this.#forget(held);
    try {
      if (how === 'ack') consumption.channel?.ack(message);
      else consumption.channel?.nack(message, false, how === 'requeue');
    } catch (error) {
      if (!isLoss(error)) throw error;
      // Its channel has just been lost, and the message has gone back.
      return this.#link.tell({ kind: 'stale_settlement', queue, number });
    }
    if (how !== 'requeue') this.#suspects.clear(consumption.queue, message);
    if (how === 'reject' && this.#optionsOf(consumption.queue)?.deadLetter === undefined) {
      const messageId = messageIdOf(message);
      this.#link.tell({ kind: 'dropped', queue: consumption.queue, reason: 'rejected', messageId });
    }
    if (consumption.isCancelled && consumption.held.size === 0) {
      this.#leave(consumption).catch(() => undefined);
    } else this.#giveWaiting(consumption);
  }

  /** Its actor has ended: what it held goes back to its place, and what it may have died of is counted first. */
  async ended(ref: unknown, reason: unknown): Promise<void> {
    const consumption = this.#find(ref);
    if (consumption === undefined) return;
    consumption.isCancelled = true;
    this.#all.delete(consumption);
    const held = [...consumption.held.values()];
    for (const each of held) this.#forget(each);
    const poison = isOrderly(reason) ? [] : held.filter((each) => this.#isPoison(each, held));
    const { channel } = consumption;
    if (channel === undefined) return;
    // Nothing more may come here while the poison is on its way.
    if (poison.length > 0) await channel.cancel(consumption.consumerTag);
    for (const { message } of poison)
      await this.#setAside(consumption, message, 'delivery_limit', undefined);
    consumption.channel = undefined;
    // With its channel, all that is not settled goes back, in order.
    await close(channel);
  }

  /** The connection is lost, and with it all that was held: it comes again. */
  lost(): void {
    this.#held.clear();
    for (const consumption of [...this.#all]) {
      consumption.held.clear();
      consumption.waiting.length = 0;
      consumption.isWithSuspect = false;
      consumption.channel = undefined;
      if (consumption.isCancelled) this.#all.delete(consumption);
    }
  }

  /** All consume again, on new channels. */
  async again(): Promise<void> {
    for (const consumption of this.#all) await this.#renew(consumption, 'the connection was lost');
  }

  /** The server has ended, and its monitors with it: everybody is told, and what is held goes back. */
  end(): void {
    for (const { pid, queue, ref, channel, isCancelled } of this.#all) {
      if (!isCancelled) this.#tell(pid, { queue, consumption: ref, reason: 'broker_down' });
      // If it cannot be closed, its connection is lost, which does the same.
      if (channel !== undefined) close(channel).catch(() => undefined);
    }
    this.#all.clear();
    this.#held.clear();
  }

  // ── deliveries ────────────────────────────────────────────────────────────────────────────

  async #consume(consumption: Consumption): Promise<void> {
    const { queue, plan } = consumption;
    const channel = await this.#link.channel((error) => this.#closed(consumption, channel, error));
    if (!consumption.isAuto) await channel.prefetch(plan.prefetch);
    consumption.channel = channel;
    const { consumerTag } = await channel.consume(
      queue,
      (message) => this.#delivered(consumption, channel, message),
      { noAck: consumption.isAuto, exclusive: plan.exclusive, priority: plan.priority },
    );
    consumption.consumerTag = consumerTag;
  }

  #delivered(consumption: Consumption, channel: Channel, message: ConsumeMessage | null): void {
    if (channel !== consumption.channel) return;
    if (message === null) {
      this.#renew(consumption, 'its queue was deleted').catch(() => undefined);
      return;
    }
    consumption.waiting.push(message);
    if (!consumption.isCancelled) this.#giveWaiting(consumption);
  }

  /** In order; a suspect is given to nobody who has something else in hand, and nothing beside it. */
  #giveWaiting(consumption: Consumption): void {
    const { waiting, held, queue } = consumption;
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      const isSuspect = !consumption.isAuto && this.#suspects.has(queue, first);
      if (held.size > 0 && (isSuspect || consumption.isWithSuspect)) return;
      waiting.shift();
      this.#give(consumption, first, isSuspect);
    }
  }

  #give(consumption: Consumption, message: ConsumeMessage, isSuspect: boolean): void {
    const { queue, plan, pid, ref } = consumption;
    const read = this.#read(queue, message);
    if (!read.ok) {
      if (consumption.isAuto) return this.#dropInvalid(queue, message, read.why);
      // One after the other, since their order stays; what fails with its connection comes again.
      this.#aside = this.#aside
        .then(() => this.#setAside(consumption, message, 'invalid', read.why))
        .catch(() => undefined);
      return;
    }
    const number = ++this.#deliveries;
    if (!consumption.isAuto) {
      const held = { number, message, consumption };
      this.#held.set(number, held);
      consumption.held.set(number, held);
      consumption.isWithSuspect = isSuspect;
    }
    const { replyTo, correlationId } = message.properties;
    const asked = replyTo === undefined ? undefined : { replyTo, correlationId };
    const delivery: Delivery<unknown, string> = {
      tag: plan.tag,
      queue,
      message: read.value,
      ...originOf(message),
      headers: headersOf(message),
      properties: deliveredPropertiesOf(message),
      redelivered: message.fields.redelivered,
      crashes: this.#suspects.crashesOf(queue, message),
      history: historyOf(message),
      settlement: {
        with: this.#self.pid,
        number,
        slot: 0,
        consumption: ref,
        replyTo: asked,
        wantsReply: asked !== undefined,
      } as unknown as Settlement,
    };
    this.#self.send(pid as Address<Message>, delivery);
  }

  #read(
    queue: string,
    { content, properties }: ConsumeMessage,
  ): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string } {
    const options = this.#optionsOf(queue);
    const bytes = new Uint8Array(content);
    try {
      const value = decodeBy(properties.contentType, bytes, options?.codec);
      return options?.schema === undefined ? { ok: true, value } : validate(options.schema, value);
    } catch (thrown) {
      // Codecs are user code: that one cannot read is its answer. In quarantine, that is no news.
      if (quarantinedQueue(queue) !== undefined) return { ok: true, value: bytes };
      return { ok: false, why: `It cannot be decoded in "${queue}": ${String(thrown)}` };
    }
  }

  // ── what is set aside ─────────────────────────────────────────────────────────────────────

  #isPoison({ message, consumption }: Held, held: readonly Held[]): boolean {
    const { queue } = consumption;
    const maxCrashes = this.#maxCrashesOf(queue);
    if (maxCrashes === 'infinity') return false;
    return this.#suspects.suspect(queue, message, held.length === 1) >= maxCrashes;
  }

  /** A copy of it goes to the quarantine, and when it has arrived, it is acknowledged: killed between the two, it is in both. */
  async #setAside(
    { queue, channel }: Consumption,
    message: ConsumeMessage,
    reason: Death['reason'],
    why: string | undefined,
  ): Promise<void> {
    const quarantine = await this.quarantine(queue);
    const history = historyWith(message, queue, reason, this.#wall());
    if (!(await this.#link.transfer(quarantine, message.content, moved(message, history)))) return;
    this.#suspects.clear(queue, message);
    channel?.ack(message);
    const messageId = messageIdOf(message);
    const told = { kind: 'quarantined', queue, reason, messageId } as const;
    this.#link.tell(why === undefined ? told : { ...told, why });
  }

  /** It is there as soon as somebody needs it. */
  async quarantine(queue: string): Promise<string> {
    const name = quarantineName(queue);
    const { durable = false } = this.#optionsOf(queue) ?? {};
    const token = { queue: name, options: { durable } } as Parameters<typeof assertQueue>[1];
    await this.#link.onChannel((channel) => assertQueue(channel, token));
    return name;
  }

  /** What was acknowledged by being sent has no place to go back to. */
  #dropInvalid(queue: string, message: ConsumeMessage, why: string): void {
    const messageId = messageIdOf(message);
    this.#link.tell({ kind: 'dropped', queue, reason: 'invalid', messageId, why });
  }

  // ── ends ──────────────────────────────────────────────────────────────────────────────────

  /** RabbitMQ has closed its channel, such as for a settlement that took too long. */
  #closed(consumption: Consumption, channel: Channel, error: Error | undefined): void {
    if (channel !== consumption.channel || error === undefined) return;
    for (const held of [...consumption.held.values()]) this.#forget(held);
    consumption.waiting.length = 0;
    if (!this.#all.has(consumption)) return;
    this.#renew(consumption, error.message).catch(() => undefined);
  }

  /** Consumes again; where that is refused, the actor is told. */
  async #renew(consumption: Consumption, reason: string): Promise<void> {
    const old = consumption.channel;
    consumption.channel = undefined;
    for (const held of [...consumption.held.values()]) this.#forget(held);
    try {
      if (old !== undefined) await close(old);
      if (consumption.remake !== undefined) consumption.queue = await consumption.remake();
      await this.#consume(consumption);
      this.#link.tell({ kind: 'consumption_renewed', queue: consumption.queue, reason });
    } catch (error) {
      const refused = refusalOf(error, '');
      // The connection is lost, and with the next one it is tried again.
      if (refused === undefined) return;
      this.#cancelled(consumption, WHY_CANCELLED[refused.reason]);
    }
  }

  #cancelled(consumption: Consumption, reason: Cancelled['reason']): void {
    const { pid, queue, ref } = consumption;
    const wasTold = consumption.isCancelled;
    consumption.isCancelled = true;
    this.#all.delete(consumption);
    this.#self.demonitor(ref, { flush: true });
    if (!wasTold) this.#tell(pid, { queue, consumption: ref, reason });
  }

  #tell(pid: Pid, its: Pick<Cancelled, 'queue' | 'consumption' | 'reason'>): void {
    const message = { ...its, tag: 'cancelled' } as Cancelled;
    this.#self.send(pid as Address<Message>, message);
  }

  async #leave(consumption: Consumption): Promise<void> {
    const { channel } = consumption;
    this.#self.demonitor(consumption.ref, { flush: true });
    this.#all.delete(consumption);
    consumption.channel = undefined;
    if (channel !== undefined) await close(channel);
  }

  #forget({ number, consumption }: Held): void {
    this.#held.delete(number);
    consumption.held.delete(number);
    if (consumption.held.size === 0) consumption.isWithSuspect = false;
  }

  #find(ref: unknown): Consumption | undefined {
    for (const consumption of this.#all) if (consumption.ref === ref) return consumption;
    return undefined;
  }

  #optionsOf(queue: string) {
    const base = this.#link.declared.baseOf(queue)?.token.options;
    if (base !== undefined) return base.codec === undefined ? {} : { codec: base.codec };
    return this.#link.declared.queues.get(queue)?.token.options;
  }

  #maxCrashesOf(queue: string): number | 'infinity' {
    if (this.#link.declared.baseOf(queue) !== undefined) return 'infinity';
    return this.#optionsOf(queue)?.maxCrashes ?? DEFAULT_MAX_CRASHES;
  }
}

const WHY_CANCELLED: Readonly<Record<Refusal, Cancelled['reason']>> = {
  not_found: 'queue_deleted',
  access_refused: 'refused',
  resource_locked: 'refused',
  precondition_failed: 'refused',
};
