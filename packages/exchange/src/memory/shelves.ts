/**
 * Everything that a broker in this process knows: its exchanges with their bindings, its queues with their
 * shelves. One actor owns it, and with that actor it is gone; the others, which can crash, share it and
 * change it one after the other, each change complete before the next turn.
 */

import type { Context, Message, Name, Pid } from 'beamish';
import type { BrokerAddress } from '../terms/address.ts';
import { type Codec, json } from '../terms/codec.ts';
import type { BrokerEvent } from '../terms/events.ts';
import { DEFAULT_EXCHANGE, type Exchange } from '../terms/exchange.ts';
import { type QueueOptions, quarantineName } from '../terms/queue.ts';
import type { Binding } from '../terms/routes.ts';
import { type Bindable, ExchangeRecord } from './exchange-record.ts';
import type { Ledger } from './ledger.ts';
import { Shelf, type ShelfOptions } from './shelf.ts';
import type { Time } from './time.ts';

export interface ShelvesOptions {
  readonly broker: BrokerAddress;
  /** Every message goes through its codec. */
  readonly isEncoding: boolean;
  readonly time: Time;
  /** Tells this life of the broker from all others; message ids begin with it. */
  readonly life: string;
  /** Keeps what is durable. Absent: nothing is. */
  readonly ledger: Ledger | undefined;
}

/** An event on its way to the broker's server, which tells everybody. */
export interface Happened extends Message {
  readonly tag: '$happened';
  readonly event: BrokerEvent;
}

/** To the broker's server, whose affair the actors are: this one's is over. */
export interface Gone extends Message {
  readonly tag: '$gone';
  readonly queue?: string;
  readonly exchange?: string;
}

/** To the same: a queue was made that has no actor yet. */
export interface Made extends Message {
  readonly tag: '$made';
  readonly queue: string;
}

export type EventKind = BrokerEvent extends infer E
  ? E extends { readonly kind: unknown }
    ? Omit<E, 'tag'>
    : never
  : never;

export class Shelves {
  readonly exchanges = new Map<string, ExchangeRecord>();
  readonly queues = new Map<string, Shelf>();
  /** Who is told what happens. */
  readonly watchers = new Set<Pid<BrokerEvent>>();
  readonly broker: BrokerAddress;
  readonly isEncoding: boolean;
  readonly time: Time;
  readonly life: string;
  readonly ledger: Ledger | undefined;
  /** What message ids of this life begin with. */
  readonly idPrefix: string;
  readonly #owned = new Map<Pid, Set<Shelf>>();
  #deliveries = 0;
  #messages = 0;
  #unnamed = 0;
  #routings = 0;

  constructor({ broker, isEncoding, time, life, ledger }: ShelvesOptions) {
    this.broker = broker;
    this.isEncoding = isEncoding;
    this.time = time;
    this.idPrefix = `${life}.`;
    this.life = life;
    this.ledger = ledger;
  }

  nextDelivery(): number {
    return ++this.#deliveries;
  }

  nextMessage(): number {
    return this.#messages++;
  }

  nextRouting(): number {
    return ++this.#routings;
  }

  /** A name that nobody has had. */
  nextQueueName(): string {
    return `amq.gen-${this.idPrefix}${(this.#unnamed++).toString(36)}`;
  }

  declareExchange(self: Context, exchange: Exchange): void {
    const record = new ExchangeRecord(exchange, this.broker);
    this.exchanges.set(exchange.exchange, record);
    if (record.isDurable) this.ledger?.declared(self, record);
  }

  declareQueue(self: Context, options: ShelfOptions): Shelf {
    const shelf = this.addQueue(options);
    if (shelf.isDurable) this.ledger?.declared(self, shelf);
    return shelf;
  }

  /** One that nobody has declared now. */
  addQueue(options: ShelfOptions): Shelf {
    const shelf = new Shelf(options);
    this.queues.set(shelf.queue, shelf);
    if (shelf.owner !== undefined) {
      const owned = this.#owned.get(shelf.owner);
      if (owned === undefined) this.#owned.set(shelf.owner, new Set([shelf]));
      else owned.add(shelf);
    }
    return shelf;
  }

  /** The exclusive queues of an actor. */
  ownedBy(owner: Pid): readonly Shelf[] {
    return [...(this.#owned.get(owner) ?? [])];
  }

  owners(): Iterable<Pid> {
    return this.#owned.keys();
  }

  /** It is no queue any more: nothing is routed to it. Exchanges go that go with their last binding. Again does nothing. */
  removeQueue(self: Context, shelf: Shelf): void {
    if (shelf.isDeleted) return;
    shelf.isDeleted = true;
    this.queues.delete(shelf.queue);
    if (shelf.isDurable) this.ledger?.removed(self, shelf);
    if (shelf.owner !== undefined) this.#disown(shelf, shelf.owner);
    this.#say(self, { tag: '$gone', queue: shelf.queue });
    this.#unbindAll(self, shelf);
  }

  removeExchange(self: Context, record: ExchangeRecord): void {
    if (!this.exchanges.delete(record.exchange)) return;
    if (record.isDurable) this.ledger?.removed(self, record);
    for (const who of record.table.bound()) who.boundTo?.delete(record);
    this.#unbindAll(self, record);
    this.#say(self, { tag: '$gone', exchange: record.exchange });
  }

  bind(self: Context, record: ExchangeRecord, binding: Binding, who: Bindable): void {
    if (!record.bind(binding, who)) return;
    if (record.isDurable && who.isDurable) this.ledger?.bound(self, record, binding, who);
  }

  unbind(self: Context, record: ExchangeRecord, binding: Binding, who: Bindable): void {
    if (!record.unbind(binding, who)) return;
    if (record.isDurable && who.isDurable) this.ledger?.unbound(self, record, binding, who);
    this.#endIfUnused(self, record);
  }

  /** The quarantine of a queue; made when it is first asked for. */
  quarantineOf(self: Context, shelf: Shelf): Shelf {
    const queue = quarantineName(shelf.queue);
    const present = this.queues.get(queue);
    if (present !== undefined) return present;
    const { durable, codec } = shelf.options;
    const options: QueueOptions<unknown> = {
      ...(durable === undefined ? {} : { durable }),
      ...(codec === undefined ? {} : { codec }),
      maxCrashes: 'infinity',
    };
    const its = { queue, options, owner: undefined, isAutoDelete: false, isQuarantine: true };
    const quarantine = this.declareQueue(self, its);
    this.#say(self, { tag: '$made', queue });
    return quarantine;
  }

  /** The codec of what is published to an exchange, to the default one of the queue. */
  codecOf(exchange: string, key: string): Codec<unknown> {
    if (exchange !== DEFAULT_EXCHANGE) return this.exchanges.get(exchange)?.codec ?? json;
    return this.queues.get(key)?.codec ?? json;
  }

  /** Tells what has happened, by the broker's server. */
  tell(self: Context, event: EventKind): void {
    this.#say(self, { tag: '$happened', event: { tag: 'broker', ...event } as BrokerEvent });
  }

  /** Of what is not there any more. */
  #unbindAll(self: Context, who: Bindable): void {
    for (const record of [...(who.boundTo ?? [])] as ExchangeRecord[]) {
      record.unbindAll(who);
      this.#endIfUnused(self, record);
    }
    who.boundTo = undefined;
  }

  /** Of an exchange that has lost a binding. */
  #endIfUnused(self: Context, record: ExchangeRecord): void {
    if (record.options.autoDelete === true && record.table.isEmpty)
      this.removeExchange(self, record);
  }

  #disown(shelf: Shelf, owner: Pid): void {
    const owned = this.#owned.get(owner);
    owned?.delete(shelf);
    if (owned?.size === 0) this.#owned.delete(owner);
  }

  #say(self: Context, message: Happened | Gone | Made): void {
    self.send(this.broker as unknown as Name<Message>, message);
  }
}
