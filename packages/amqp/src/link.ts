/**
 * The link to RabbitMQ: a connection to publish on and one to consume on, what is declared, and the outbox,
 * which outlives both. Its server owns it; the two connections have an actor each.
 */

import { setTimeout } from 'node:timers/promises';
import type { BrokerEvent } from '@beamish/exchange';
import { decodeBy, type PublishReply, reportEvent } from '@beamish/exchange/engine';
import type { ConsumeMessage } from 'amqplib';
import type { Address, Context, Pid, ReplyTo } from 'beamish';
import { ownerOfReplyTo } from 'beamish/observation';
import type { Consumption } from './consumption.ts';
import { Declared, type Refusals } from './declared.ts';
import { Line } from './line.ts';
import { type Letter, Outbox, type Outcome } from './outbox.ts';
import type { Place } from './place.ts';
import { codeOf, refusalOf } from './refusal.ts';
import { REPLIES, Requests } from './requests.ts';

/** What a link is to. */
export interface LinkOptions {
  /** Where, and who we are there. */
  readonly place: Place;
  /** What RabbitMQ's tools call the connections. */
  readonly connectionName: string;
  /** How many unconfirmed messages are kept. */
  readonly pendingLimit: number;
}

/** What an event says besides whose it is. */
export type EventKind = BrokerEvent extends infer E
  ? E extends BrokerEvent
    ? Omit<E, 'tag'>
    : never
  : never;

/** What the other parts do when a connection is lost; set by each. */
interface Losses {
  publisher(reason: string): void;
  consumers(reason: string): void;
  /** What was held is gone: told before anybody can settle it. */
  deliveries(): void;
}

/** RabbitMQ lets go of what a silent connection has after two heartbeats, and a bit. */
export const LOCKED_HEARTBEATS = 4;
export const LOCKED_RETRY_MS = 250;
const MISSING = /no exchange '(.*)' in vhost/s;

/** The link: what survives each of its two connections. */
export class Link {
  /** The name of the broker. */
  readonly broker: string;
  /** What is declared again on each new connection. */
  readonly declared = new Declared();
  /** Who is told of events. */
  readonly watchers = new Set<Pid<BrokerEvent>>();
  /** What the broker's server consumes for others; the next one takes it over. */
  readonly consumptions = new Set<Consumption>();
  /** What is not confirmed. */
  readonly outbox: Outbox;
  /** What was asked and not answered. */
  readonly requests: Requests;
  /** To publish on. */
  readonly publisher: Line;
  /** To consume and declare on. */
  readonly consumers: Line;
  /** Where it leads to. */
  readonly place: Place;
  /** What is done when a connection is lost. */
  readonly losses: Losses = { publisher() {}, consumers() {}, deliveries() {} };
  readonly #self: Context;
  readonly #prefix: string;
  #messages = 0;
  /** Exchanges that were declared again for a message that did not find one; forgotten when one is confirmed. */
  readonly #mended = new Set<string>();

  /** `prefix`: of the ids of messages that have none. */
  constructor(self: Context, options: LinkOptions, broker: string, prefix: string) {
    const { place, connectionName, pendingLimit } = options;
    this.#self = self;
    this.#prefix = prefix;
    this.broker = broker;
    this.place = place;
    this.requests = new Requests(`${prefix}r`);
    this.outbox = new Outbox(pendingLimit, (letter, outcome) => this.#report(letter, outcome));
    this.publisher = new Line(place, `${connectionName} publisher`, {
      opening: () => this.#openPublisher(),
      over: () => {
        this.outbox.close();
        this.outbox.block(false);
      },
      lost: (reason) => this.losses.publisher(reason),
      blocked: (reason) => {
        this.outbox.block(true);
        this.tell({ kind: 'blocked', reason });
      },
      unblocked: () => {
        this.tell({ kind: 'unblocked' });
        this.outbox.block(false);
      },
    });
    this.consumers = new Line(place, `${connectionName} consumers`, {
      opening: async (line) => {
        const refusals = await this.declared.again(line, true);
        this.#refused(refusals.filter(({ isLocked }) => !isLocked));
        for (const { what, isLocked } of refusals) if (isLocked) void this.#unlocked(what);
      },
      over: () => this.losses.deliveries(),
      lost: (reason) => this.losses.consumers(reason),
      blocked: (reason) => this.tell({ kind: 'blocked', reason }),
      unblocked: () => this.tell({ kind: 'unblocked' }),
    });
  }

  /** For a message that has none of its own. */
  nextMessageId(): string {
    return `${this.#prefix}${++this.#messages}`;
  }

  /** Sends a copy of what a queue is done with, and waits until it has arrived. */
  async transfer(
    queue: string,
    content: Buffer,
    properties: Letter['properties'],
  ): Promise<boolean> {
    const messageId = String(properties.messageId ?? '');
    const letter = { exchange: '', key: queue, content, properties, messageId, isMandatory: true };
    return isTaken(await this.send(letter));
  }

  /** Sends it, again on each new connection, and waits until the broker has it or has refused it. */
  send(letter: OwnLetter): Promise<Outcome> {
    return new Promise((done) => {
      const its: Transfer = { ...letter, ...OWN, done };
      this.outbox.publish(its);
    });
  }

  /** Tells the log and who watches. */
  tell(event: EventKind): void {
    const message = { tag: 'broker', ...event } as BrokerEvent;
    reportEvent(this.#self, this.broker, message);
    for (const watcher of this.watchers) this.#self.send(watcher, message);
  }

  /** What stands on the other connection stands here, too, since a message may not find its queue otherwise. */
  async #openPublisher(): Promise<void> {
    await this.consumers.up();
    await this.declared.again(this.publisher, false);
    await this.#openOutbox(this.publisher.generation);
  }

  async #openOutbox(generation: number): Promise<void> {
    const line = this.publisher;
    const channel = await line.confirmChannel((error) => {
      // Without an error the connection is lost, and tells of that next. With one, it is of something published.
      if (generation !== line.generation || error === undefined) return;
      this.#closed(generation, error).catch(() => undefined);
    });
    await channel.consume(REPLIES, (message) => this.#answered(message), { noAck: true });
    if (generation !== line.generation) return;
    for (const letter of this.requests.takeUnanswered((to) => this.#mayWait(to)))
      this.outbox.publish(letter);
    this.outbox.open(channel);
  }

  /** If that fails, the connection is lost, too, and says so. */
  async #closed(generation: number, error: Error): Promise<void> {
    const missing = codeOf(error) === 404 ? MISSING.exec(error.message)?.[1] : undefined;
    if (missing === undefined) this.outbox.suspect();
    this.outbox.close();
    if (missing !== undefined && !(await this.#mends(missing))) this.outbox.noExchange(missing);
    await this.#openOutbox(generation);
  }

  /** Somebody has deleted it who is not us: then it is declared again, once. */
  async #mends(exchange: string): Promise<boolean> {
    const token = this.declared.exchanges.get(exchange);
    // One that goes with its last binding has gone as it should.
    if (token === undefined || token.options.autoDelete === true) return false;
    if (this.#mended.has(exchange)) return false;
    this.#mended.add(exchange);
    const refusals = await this.declared.againExchange(this.publisher, exchange);
    this.#refused(refusals);
    return refusals.length === 0;
  }

  #refused(refusals: Refusals): void {
    for (const { what, reason } of refusals) this.tell({ kind: 'topology_refused', what, reason });
  }

  /** Tried until RabbitMQ has noticed that the connection which had it is lost. */
  async #unlocked(queue: string): Promise<void> {
    const until = performance.now() + LOCKED_HEARTBEATS * this.place.heartbeatMs;
    while (this.declared.queues.has(queue)) {
      await setTimeout(LOCKED_RETRY_MS);
      try {
        return await this.declared.againQueue(this.consumers, queue);
      } catch (error) {
        const refused = refusalOf(error, `Cannot declare "${queue}" again`);
        // The connection is lost: with the next one it is tried anew.
        if (refused === undefined) return;
        if (refused.reason === 'resource_locked' && performance.now() < until) continue;
        this.tell({ kind: 'topology_refused', what: queue, reason: refused.text });
        return;
      }
    }
  }

  #mayWait(replyTo: ReplyTo<PublishReply>): boolean {
    const owner = ownerOfReplyTo(replyTo);
    if (owner === undefined || owner.system !== this.#self.pid.system) return true;
    return this.#self.info(owner) !== undefined;
  }

  #answered(message: ConsumeMessage | null): void {
    if (message === null) return;
    const { correlationId, contentType } = message.properties;
    const replyTo = this.requests.answered(String(correlationId));
    if (replyTo === undefined) return;
    const answer = decodeBy(contentType, message.content, undefined);
    this.#self.send(replyTo as Address<PublishReply>, { tag: '$answered', answer });
  }

  #report(letter: Letter, outcome: Outcome): void {
    const { exchange, key, messageId, replyTo, asks } = letter;
    if ('done' in letter) return (letter as Transfer).done(outcome);
    const isThere = isTaken(outcome);
    if (isThere && this.#mended.size > 0) this.#mended.delete(exchange);
    if (asks) this.requests[isThere ? 'confirmed' : 'failed'](letter);
    if (asks && isThere) return;
    if (replyTo !== undefined) this.#answer(replyTo, replyOf(messageId, outcome));
    else if ('error' in outcome)
      this.tell({ kind: 'invalid', exchange, key, messageId, why: outcome.error.message });
    else if ('failed' in outcome) {
      const kind = outcome.failed === 'no_exchange' ? 'unroutable' : outcome.failed;
      this.tell({ kind, exchange, key, messageId });
    }
  }

  #answer(replyTo: ReplyTo<PublishReply>, reply: PublishReply): void {
    this.#self.send(replyTo as Address<PublishReply>, reply);
  }
}

function replyOf(messageId: string, outcome: Outcome): PublishReply {
  if ('error' in outcome) return { tag: '$not_encoded', error: outcome.error };
  if ('failed' in outcome) return { tag: '$not_published', reason: outcome.failed, messageId };
  return outcome.queues === 1 ? PUBLISHED : { tag: '$published', queues: outcome.queues };
}

/** What nearly every publisher is answered. */
const PUBLISHED: PublishReply = Object.freeze({ tag: '$published', queues: 1 });

function isTaken(outcome: Outcome): boolean {
  return 'queues' in outcome && outcome.queues > 0;
}

/** A letter that no actor has asked for. */
export type OwnLetter = Omit<Letter, 'asks' | 'waits' | 'replyTo'>;

interface Transfer extends Letter {
  readonly done: (outcome: Outcome) => void;
}

const OWN = { asks: false, waits: true, replyTo: undefined } as const;
