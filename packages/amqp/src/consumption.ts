/** One actor's consumption of a queue, on a channel of its own: an error there is nobody else's trouble. */

import type { ConsumePlan } from '@beamish/exchange/engine';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Pid, Ref } from 'beamish';

/** A delivery that is not settled. */
export interface Held {
  readonly number: number;
  readonly message: ConsumeMessage;
  readonly consumption: Consumption;
}

export class Consumption {
  /** Of its monitor, too. */
  readonly ref: Ref;
  readonly pid: Pid;
  /** Of a subscription another one on each connection. */
  queue: string;
  readonly plan: ConsumePlan;
  /** What its actor has in hand. */
  readonly held = new Map<number, Held>();
  /** What has come, and waits behind a suspect, or for one to have nothing beside it. */
  readonly waiting: ConsumeMessage[] = [];
  /** Of the present connection; undefined while there is none. */
  channel: Channel | undefined = undefined;
  consumerTag = '';
  /** No more comes; what is held can be settled. */
  isCancelled = false;
  /** Something that it holds travels alone. */
  isWithSuspect = false;

  /** Makes the queue of a subscription, which ends with its connection, anew. */
  readonly remake: (() => Promise<string>) | undefined;

  constructor(
    ref: Ref,
    pid: Pid,
    queue: string,
    plan: ConsumePlan,
    remake?: () => Promise<string>,
  ) {
    this.ref = ref;
    this.pid = pid;
    this.queue = queue;
    this.plan = plan;
    this.remake = remake;
  }

  get isAuto(): boolean {
    return this.plan.ack === 'auto';
  }
}
