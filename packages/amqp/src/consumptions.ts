/** The consumptions of this program: how they come, are lost and renewed, and leave. */

import { setTimeout } from 'node:timers/promises';
import type { Cancelled } from '@beamish/exchange';
import type { ConsumePlan, Refusal } from '@beamish/exchange/engine';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Address, Context, Message, Pid } from 'beamish';
import { Background } from './background.ts';
import { close, leave } from './connection.ts';
import { Consumption } from './consumption.ts';
import type { Deliveries } from './deliveries.ts';
import { HandingOut } from './handing-out.ts';
import { type Link, LOCKED_HEARTBEATS, LOCKED_RETRY_MS } from './link.ts';
import { isLoss, refusalOf } from './refusal.ts';

/** The loss of a connection is heard of a moment after what failed by it. */
const RETRY_MS = 10;
/** What is under way at the end is waited for, but not for a broker that does not answer. */
const LONGEST_END_MS = 1000;

export class Consumptions {
  readonly handing: HandingOut;
  readonly #self: Context;
  readonly #link: Link;
  readonly #background: Background;
  readonly #all: Set<Consumption>;
  /** Its server has ended, or crashed: nothing is consumed for it any more. */
  isOver = false;

  /** `failed`: hears of what nobody else can. */
  constructor(self: Context, link: Link, deliveries: Deliveries, failed: (error: unknown) => void) {
    this.#self = self;
    this.#link = link;
    this.#all = link.consumptions;
    this.#background = new Background(link, failed);
    const done = (consumption: Consumption): void => this.#leave(consumption);
    this.handing = new HandingOut(self, link, deliveries, this.#background, done);
    link.losses.deliveries = () => this.#lost();
  }

  /** What another server has left, which did not end in order: its actors do not notice but that what they held comes again. */
  adopt(): void {
    for (const consumption of this.#all) {
      consumption.monitor = this.#self.monitor(consumption.pid);
      consumption.isOpening = false;
      this.#renew(consumption, 'the server of the broker was started again');
    }
  }

  /** @throws what RabbitMQ refuses */
  async open(
    pid: Pid,
    queue: string,
    plan: ConsumePlan,
    remake?: () => Promise<string>,
  ): Promise<Consumption> {
    const ref = this.#self.monitor(pid);
    const consumption = new Consumption(ref, pid, queue, plan, remake);
    this.#all.add(consumption);
    consumption.isOpening = consumption.isNew = true;
    try {
      await this.#consume(consumption);
    } catch (error) {
      this.#all.delete(consumption);
      this.#self.demonitor(ref, { flush: true });
      throw error;
    } finally {
      consumption.isOpening = consumption.isNew = false;
    }
    return consumption;
  }

  /** What came before is as much its actor's as ever. */
  async cancel(ref: unknown): Promise<Consumption | undefined> {
    const consumption = this.#find((each) => each.ref === ref);
    if (consumption === undefined || consumption.isCancelled) return consumption;
    consumption.isCancelled = true;
    const { channel, consumerTag } = consumption;
    if (channel === undefined) {
      this.#leave(consumption);
      return consumption;
    }
    await channel.cancel(consumerTag);
    if (channel !== consumption.channel) return consumption;
    this.handing.giveBackWaiting(consumption);
    if (consumption.held.size === 0) this.#leave(consumption);
    return consumption;
  }

  /** Its actor has ended: what it held goes back to its place, and what it may have died of is counted first. */
  ended(ref: unknown, reason: unknown): void {
    const consumption = this.#find((each) => each.monitor === ref);
    if (consumption === undefined) return;
    consumption.isOver = true;
    consumption.isCancelled = true;
    this.#all.delete(consumption);
    this.handing.ended(consumption, reason);
  }

  /** Those that have no channel consume again. */
  again(): void {
    for (const consumption of this.#all)
      if (consumption.channel === undefined && !consumption.isOpening)
        this.#renew(consumption, 'the connection was lost');
  }

  /**
   * What RabbitMQ counts less consumers of than there are here has lost one in silence: seen twice in a row,
   * they consume again. Looked at where nothing has come since the last time.
   */
  async probe(): Promise<void> {
    const queues = new Map<string, Consumption[]>();
    for (const each of this.#all) queues.set(each.queue, [...(queues.get(each.queue) ?? []), each]);
    for (const [queue, its] of queues) {
      const idle = its.filter((each) => each.channel !== undefined && !each.isOpening);
      const wasBusy = idle.some(({ isBusy }) => isBusy);
      for (const each of its) each.isBusy = false;
      if (wasBusy || idle.length === 0) continue;
      const count = await this.#countOf(queue);
      if (count === undefined || count >= idle.length) for (const each of idle) each.missed = 0;
      else
        for (const each of idle)
          if (++each.missed >= 2) this.#renew(each, 'RabbitMQ did not know of it any more');
    }
  }

  /** The server ends in order, and its monitors with it: everybody is told, and what is held goes back. */
  async end(): Promise<void> {
    this.handing.flush();
    await soon(this.#background.over());
    for (const { pid, queue, ref, isCancelled, isNew } of this.#all)
      if (!isCancelled && !isNew)
        this.#tell(pid, { queue, consumption: ref, reason: 'broker_down' });
    this.abandon();
    // Who consumes with the next server gets nothing before it is back in its place.
    await soon(Promise.all([...this.#all].map(({ closing }) => closing)));
    this.#all.clear();
  }

  /** The server has crashed, and can tell nobody: the next one takes over. */
  abandon(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#link.losses.deliveries = () => {};
    for (const consumption of this.#all) {
      const { channel, consumerTag } = consumption;
      consumption.held.clear();
      consumption.detach();
      // If it cannot be closed, its connection is lost, which does the same.
      if (channel !== undefined)
        consumption.closing = leave(channel, consumerTag).catch(() => undefined);
      // Who has not been answered is told of the crash, and asks again.
      if (consumption.isCancelled || consumption.isNew) this.#all.delete(consumption);
    }
  }

  async #consume(consumption: Consumption): Promise<void> {
    const { queue, plan } = consumption;
    const channel = await this.#link.consumers.channel((error) =>
      this.#closed(consumption, channel, error),
    );
    try {
      if (!consumption.isAuto) await channel.prefetch(plan.prefetch);
      // The next server may have taken it over meanwhile: what came here would be nobody's.
      if (consumption.isCancelled || this.isOver) return await close(channel);
      consumption.begin(channel);
      const { consumerTag } = await channel.consume(
        queue,
        (message) => this.#delivered(consumption, channel, message),
        { noAck: consumption.isAuto, exclusive: plan.exclusive, priority: plan.priority },
      );
      consumption.consumerTag = consumerTag;
    } catch (error) {
      if (consumption.channel === channel) consumption.detach();
      throw error;
    }
    // Its actor has ended or cancelled meanwhile.
    if (consumption.isCancelled || this.isOver) await close(channel);
  }

  #delivered(consumption: Consumption, channel: Channel, message: ConsumeMessage | null): void {
    if (channel !== consumption.channel || consumption.isOver) return;
    if (message === null) this.#renew(consumption, 'its queue was deleted');
    else this.handing.delivered(consumption, message);
  }

  // ── ends ──────────────────────────────────────────────────────────────────────────────────

  /** The connection is lost, and with it all that was held: it comes again, and nobody has died of it. */
  #lost(): void {
    for (const consumption of [...this.#all]) {
      this.handing.drop(consumption);
      if (consumption.isCancelled) this.#leave(consumption);
    }
  }

  /** RabbitMQ has closed its channel, such as for a settlement that took too long. */
  #closed(consumption: Consumption, channel: Channel, error: Error | undefined): void {
    if (channel !== consumption.channel || error === undefined || !this.#all.has(consumption))
      return;
    this.handing.drop(consumption);
    if (consumption.isCancelled) this.#leave(consumption);
    else if (!consumption.isOpening) this.#renew(consumption, error.message);
  }

  /** Consumes again, as soon as there is a connection; where that is refused, the actor is told. */
  #renew(consumption: Consumption, reason: string): void {
    if (consumption.isOpening || consumption.isCancelled) return;
    consumption.isOpening = true;
    const { channel } = consumption;
    this.handing.drop(consumption);
    this.#background.run(CONSUME, async () => {
      // What it held goes back before anything comes on the new one.
      await (channel === undefined ? consumption.closing : close(channel));
      const refused = await this.#opened(consumption);
      consumption.isOpening = false;
      if (refused !== undefined) this.#cancelled(consumption, WHY_CANCELLED[refused]);
      else if (!consumption.isCancelled)
        this.#link.tell({ kind: 'consumption_renewed', queue: consumption.queue, reason });
    });
  }

  /** Undefined, or why not. */
  async #opened(consumption: Consumption): Promise<Refusal | undefined> {
    const { consumers, declared, place } = this.#link;
    const until = performance.now() + LOCKED_HEARTBEATS * place.heartbeatMs;
    while (!consumption.isCancelled && !this.isOver) {
      await consumers.up();
      try {
        if (consumption.remake !== undefined) consumption.queue = await consumption.remake();
        else await declared.againQueue(consumers, consumption.queue);
        await this.#consume(consumption);
        return undefined;
      } catch (error) {
        const refused = refusalOf(error, '')?.reason;
        if (refused === undefined && !isLoss(error)) throw error;
        // It is another connection's that is lost, and RabbitMQ has not noticed.
        const isLocked = refused === 'resource_locked' && performance.now() < until;
        if (refused !== undefined && !isLocked) return refused;
        await setTimeout(isLocked ? LOCKED_RETRY_MS : RETRY_MS);
      }
    }
    return undefined;
  }

  #cancelled(consumption: Consumption, reason: Cancelled['reason']): void {
    const { pid, queue, ref, isCancelled } = consumption;
    this.#leave(consumption);
    if (!isCancelled) this.#tell(pid, { queue, consumption: ref, reason });
  }

  #tell(pid: Pid, its: Pick<Cancelled, 'queue' | 'consumption' | 'reason'>): void {
    const message = { ...its, tag: 'cancelled' } as Cancelled;
    this.#self.send(pid as Address<Message>, message);
  }

  #leave(consumption: Consumption): void {
    const { channel } = consumption;
    consumption.isCancelled = true;
    this.#self.demonitor(consumption.monitor, { flush: true });
    this.#all.delete(consumption);
    this.handing.stale(consumption.flush());
    if (channel === undefined) return;
    consumption.detach();
    this.#background.run(CONSUME, () => close(channel));
  }

  /** Undefined if the connection has just been lost; 0 of what is not there. */
  async #countOf(queue: string): Promise<number | undefined> {
    try {
      const { consumers } = this.#link;
      return (await consumers.onChannel((channel) => channel.checkQueue(queue))).consumerCount;
    } catch (error) {
      if (refusalOf(error, '')?.reason === 'not_found') return 0;
      if (isLoss(error) || refusalOf(error, '') !== undefined) return undefined;
      throw error;
    }
  }

  #find(isIt: (consumption: Consumption) => boolean): Consumption | undefined {
    for (const consumption of this.#all) if (isIt(consumption)) return consumption;
    return undefined;
  }
}

/** What is done in the background, for when it is refused. */
const CONSUME = 'Cannot consume again';
const UNREF = { ref: false } as const;

async function soon(what: Promise<unknown>): Promise<void> {
  await Promise.race([what, setTimeout(LONGEST_END_MS, undefined, UNREF)]);
}

const WHY_CANCELLED: Readonly<Record<Refusal, Cancelled['reason']>> = {
  not_found: 'queue_deleted',
  access_refused: 'refused',
  resource_locked: 'refused',
  precondition_failed: 'refused',
};
