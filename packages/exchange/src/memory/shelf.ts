/**
 * What a queue holds: the messages that are ready, those that consumers have in hand, and the consumers. It
 * belongs to the shelves, not to the queue's actor, which may crash and is started again onto it. Every
 * change is complete when the method returns, and is made by the actor that has the turn: an exchange puts
 * messages in, and all the rest is the queue's own.
 */

import type { Pid } from 'beamish';
import type { Codec } from '../terms/codec.ts';
import type { Queue, QueueOptions } from '../terms/queue.ts';
import { Entry } from './entry.ts';
import { HeldTable } from './held-table.ts';
import type { Publication } from './publication.ts';
import { ReadyList } from './ready-list.ts';
import { type Consumption, Rota } from './rota.ts';
import type { Time } from './time.ts';

// biome-ignore lint/suspicious/noExplicitAny: for messages and answers of whatever kind
type AnyOptions = QueueOptions<any, any>;

/** Of all queues that nothing has been put into, that nobody has consumed, that nothing is held of. */
const NONE_READY: ReadyList[] = [];
const NOBODY = new Rota(false);
const NONE_HELD = new HeldTable();

function noneReady(priorities: number): ReadyList {
  NONE_READY[priorities] ??= new ReadyList(priorities);
  return NONE_READY[priorities];
}

export interface ShelfOptions {
  readonly queue: string;
  readonly options: AnyOptions;
  /** Whose it is, if it is exclusive. */
  readonly owner: Pid | undefined;
  /** It goes with its last consumer. */
  readonly isAutoDelete: boolean;
  /** It has what another queue has set aside. */
  readonly isQuarantine: boolean;
}

export class Shelf {
  // Its methods are `private` and not `#private`: an object of a class with such methods keeps a mark of it.
  readonly queue: string;
  /** Those of the latest declaration: it can only differ in code. */
  options: AnyOptions;
  readonly owner: Pid | undefined;
  readonly isAutoDelete: boolean;
  readonly isQuarantine: boolean;
  /** How many are on their way to it, to be kept first. */
  incoming = 0;
  /** The actor of the queue, while there is one; set and unset by itself. */
  actor: Pid | undefined = undefined;
  /** Its actor has been told that there is something to do; unset when it does it. */
  isWoken = false;
  /** It is no queue any more. */
  isDeleted = false;
  /** The exchanges that it is bound to; kept by `Shelves`. */
  boundTo: Set<object> | undefined = undefined;
  /** The number of the routing that has found it last, so that each is found once. */
  found = 0;
  /** What it is made of is there from its first message and its first consumer on, since many queues are idle. */
  ready: ReadyList;
  rota = NOBODY;
  /** Those that consumers have in hand. */
  held = NONE_HELD;
  /** What is ready has so many bytes; counted only where there is a limit of them. */
  #bytes = 0;
  #places = 0;

  constructor({ queue, options, owner, isAutoDelete, isQuarantine }: ShelfOptions) {
    this.queue = queue;
    this.options = options;
    this.owner = owner;
    this.isAutoDelete = isAutoDelete;
    this.isQuarantine = isQuarantine;
    this.ready = noneReady(options.priorities ?? 1);
  }

  get codec(): Codec<unknown> | undefined {
    return this.options.codec;
  }

  /** What is persistent in it is kept. */
  get isDurable(): boolean {
    return this.options.durable === true && this.owner === undefined;
  }

  private get countsBytes(): boolean {
    return this.options.limit?.bytes !== undefined;
  }

  /** Whether it refuses one more, what is about to be delivered not counted. */
  refuses(publication: Publication): boolean {
    const { limit } = this.options;
    if (limit === undefined || limit.overflow === 'drop_head') return false;
    const waiting = this.ready.length + this.incoming;
    const room = this.rota.room;
    if (room > waiting) return false;
    if (limit.messages !== undefined && waiting - Math.min(waiting, room) >= limit.messages)
      return true;
    return limit.bytes !== undefined && this.#bytes + publication.bytes.length > limit.bytes;
  }

  consumeBy(consumption: Consumption): void {
    if (this.rota === NOBODY) this.rota = new Rota(this.options.singleActiveConsumer === true);
    this.rota.add(consumption);
  }

  /** Puts a message behind the others, which has been waiting for `ageMs` already. */
  put(publication: Publication, time: Time, ageMs = 0): Entry {
    const ms = this.msToLive(publication);
    // A time to live is not counted from a moment that has passed.
    const expiresAt = ms === undefined ? undefined : time.now() + ms - ageMs;
    const entry = new Entry(publication, this.#places++, time.lookedAt() - ageMs, expiresAt);
    this.listToFill().push(entry);
    if (this.countsBytes) this.count(entry, 1);
    return entry;
  }

  /** Whether its actor has something to do because of a message that has just been put in. */
  needsCare(entry: Entry): boolean {
    return this.rota.mayServe || entry.expiresAt !== undefined || this.isOver;
  }

  /** It holds more than it may, and drops its head for it. */
  get isOver(): boolean {
    const { limit } = this.options;
    if (limit?.overflow !== 'drop_head') return false;
    return (
      (limit.messages !== undefined && this.ready.length > limit.messages) ||
      (limit.bytes !== undefined && this.#bytes > limit.bytes)
    );
  }

  /** Takes a ready message out: it is over with it, or it is delivered. */
  take(entry: Entry): void {
    this.ready.take(entry);
    if (this.countsBytes) this.count(entry, -1);
  }

  /** Returns the slot in which `settle` finds it. */
  deliver(entry: Entry, number: number, holder: Consumption): number {
    this.take(entry);
    if (holder.isAuto) return 0;
    entry.number = number;
    entry.holder = holder;
    holder.held++;
    if (entry.isSuspect) holder.isAlone = true;
    if (this.held === NONE_HELD) this.held = new HeldTable();
    return this.held.add(entry);
  }

  /** What was delivered with this number is not in anybody's hands any more; undefined if it had not been. Who was its holder stands in it still. */
  settle(number: number, slot: number): Entry | undefined {
    const entry = this.held.take(number, slot);
    if (entry === undefined) return undefined;
    const holder = entry.holder as Consumption;
    holder.held--;
    if (entry.isSuspect) holder.isAlone = false;
    this.rota.hasRoom(holder);
    return entry;
  }

  /** To its place, for somebody else. */
  putBack(entry: Entry): void {
    entry.redeliver();
    this.listToFill().putBack(entry);
    if (this.countsBytes) this.count(entry, 1);
  }

  /** Takes out of the hands of one consumer what it has, in the order of places. */
  takeFrom(holder: Consumption): readonly Entry[] {
    if (holder.held === 0) return [];
    const entries = this.held.takeAll((entry) => entry.holder === holder);
    holder.held = 0;
    holder.isAlone = false;
    for (const entry of entries) entry.holder = undefined;
    return entries;
  }

  /** Drops what is ready, and returns it, in no order. */
  clear(): readonly Entry[] {
    const dropped = [...this.ready];
    this.ready.clear();
    this.#bytes = 0;
    return dropped;
  }

  /** For an actor that takes it over: what was in anybody's hands is back, and the sums are those of what is there. */
  recover(): void {
    for (const entry of this.held.takeAll(() => true)) {
      entry.holder = undefined;
      this.putBack(entry);
    }
    for (const each of [...this.rota]) {
      each.held = 0;
      each.isAlone = false;
      if (each.isCancelled) this.rota.remove(each);
      else this.rota.hasRoom(each);
    }
    this.rota.stopDraining();
    this.#bytes = 0;
    if (this.countsBytes) for (const entry of this.ready) this.count(entry, 1);
    this.isWoken = false;
  }

  private listToFill(): ReadyList {
    const { ready } = this;
    if (ready.length === 0 && ready === NONE_READY[ready.priorities])
      this.ready = new ReadyList(ready.priorities);
    return this.ready;
  }

  private count(entry: Entry, sign: 1 | -1): void {
    this.#bytes += sign * entry.publication.bytes.length;
  }

  private msToLive({ expirationMs }: Publication): number | undefined {
    const ms = this.options.ttl?.messageMs;
    if (expirationMs === undefined) return ms;
    return ms === undefined ? expirationMs : Math.min(ms, expirationMs);
  }
}

/** The options of a shelf of its own, as `queue` declares it. */
export function shelfOptionsOf({ queue, options }: Queue<unknown, unknown>, by: Pid): ShelfOptions {
  return {
    queue,
    options,
    owner: options.lifetime === 'exclusive' ? by : undefined,
    isAutoDelete: options.lifetime === 'auto_delete',
    isQuarantine: false,
  };
}
