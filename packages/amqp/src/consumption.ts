/**
 * One actor's consumption of a queue, on a channel of its own: an error there is nobody else's trouble. What
 * is acknowledged in one turn goes to RabbitMQ together, as one frame where all before it is settled, too.
 */

import type { ConsumePlan } from '@beamish/exchange/engine';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Pid, Ref } from 'beamish';
import { isLoss } from './refusal.ts';

/** A delivery that is not settled. */
export interface Held {
  readonly number: number;
  readonly message: ConsumeMessage;
  readonly consumption: Consumption;
  /** It was counted before it was handed out. */
  readonly isSuspect: boolean;
}

/** What has come, and is not handed out yet. */
export interface Waiting {
  readonly message: ConsumeMessage;
  readonly isSuspect: boolean;
}

export class Consumption {
  /** Its name, for who has it. */
  readonly ref: Ref;
  /** How the end of its actor is heard of: another one after the broker's server was started again. */
  monitor: Ref;
  readonly pid: Pid;
  /** Of a subscription another one on each connection. */
  queue: string;
  readonly plan: ConsumePlan;
  readonly isAuto: boolean;
  /** What its actor has in hand. */
  readonly held = new Map<number, Held>();
  /** What has come, and waits behind a suspect, or for one to have nothing beside it. */
  readonly waiting: Waiting[] = [];
  /** Of the present connection; undefined while there is none. Set and unset by `begin` and `detach`. */
  channel: Channel | undefined = undefined;
  consumerTag = '';
  /** No more comes; what is held can be settled. */
  isCancelled = false;
  /** Its actor has ended. */
  isOver = false;
  /** Something that it holds, or is about to, travels alone. */
  isAlone = false;
  /** It is being opened, or opened again. */
  isOpening = false;
  /** Its actor has not been answered yet. Set and unset by who opens it. */
  isNew = false;
  /** Something has come since the last look at it. */
  isBusy = false;
  /** How often in a row RabbitMQ did not count it. */
  missed = 0;
  /** When the channel of a server that has crashed is closed. */
  closing: Promise<void> = Promise.resolve();
  /** Makes the queue of a subscription, which ends with its connection, anew. */
  readonly remake: (() => Promise<string>) | undefined;
  /** By RabbitMQ's number, in order: what it waits for a settlement of. */
  readonly #open = new Set<number>();
  #acks: Held[] = [];

  constructor(
    ref: Ref,
    pid: Pid,
    queue: string,
    plan: ConsumePlan,
    remake?: () => Promise<string>,
  ) {
    this.ref = ref;
    this.monitor = ref;
    this.pid = pid;
    this.queue = queue;
    this.plan = plan;
    this.isAuto = plan.ack === 'auto';
    this.remake = remake;
  }

  begin(channel: Channel): void {
    this.channel = channel;
    this.#open.clear();
    this.#acks = [];
    this.waiting.length = 0;
    this.isAlone = false;
    this.missed = 0;
  }

  /** The channel is another's affair from now on. Returns what was acknowledged and has not been sent. */
  detach(): readonly Held[] {
    this.channel = undefined;
    this.#open.clear();
    this.waiting.length = 0;
    this.isAlone = false;
    return this.#acks.splice(0);
  }

  /** A delivery has come. */
  took(message: ConsumeMessage): void {
    this.isBusy = true;
    if (!this.isAuto) this.#open.add(message.fields.deliveryTag);
  }

  /** With the next `flush`. Returns whether that has to be asked for. */
  ack(held: Held): boolean {
    this.#open.delete(held.message.fields.deliveryTag);
    return this.#acks.push(held) === 1;
  }

  /** At once. @throws if the channel is lost */
  settle(message: ConsumeMessage, how: 'ack' | 'reject' | 'requeue'): void {
    const { channel } = this;
    if (channel === undefined) return;
    this.#open.delete(message.fields.deliveryTag);
    if (how === 'ack') channel.ack(message);
    else channel.nack(message, false, how === 'requeue');
  }

  /** Returns what could not be acknowledged any more: its channel has just been lost, and it comes again. */
  flush(): readonly Held[] {
    const acks = this.#acks.splice(0);
    const { channel } = this;
    if (channel === undefined || acks.length === 0) return acks;
    const [lowest = Number.POSITIVE_INFINITY] = this.#open;
    let upTo: Held | undefined;
    const above: Held[] = [];
    for (const held of acks) {
      if (tagOf(held) > lowest) above.push(held);
      else if (upTo === undefined || tagOf(held) > tagOf(upTo)) upTo = held;
    }
    try {
      if (upTo !== undefined) channel.ack(upTo.message, true);
      for (const held of above) channel.ack(held.message);
    } catch (error) {
      if (!isLoss(error)) throw error;
      return acks;
    }
    return NOTHING;
  }
}

const NOTHING: readonly Held[] = [];

function tagOf({ message }: Held): number {
  return message.fields.deliveryTag;
}
