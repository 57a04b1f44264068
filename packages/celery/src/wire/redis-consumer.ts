/**
 * Task queues in Redis. A message is taken and noted in one step. That there is something is heard by blocking on a
 * list without taking from it: the last element is moved to where it is.
 */

import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { listOf, listsOf, pack, queueOf, STEPS, unpack } from '../messages/envelope.ts';
import type { Delivery, WireMessage } from '../messages/wire-message.ts';
import { NotJson, readJson } from '../terms/json.ts';
import { clientOf, type RedisPlace } from './redis-place.ts';
import { lastTakeOf, type Scripts, UNACKED, UNACKED_INDEX } from './redis-scripts.ts';

/** By what a delivery is settled. */
export interface RedisTag {
  readonly tag: string;
}

export interface ConsumerHeard {
  delivered(delivery: Delivery): void;
  /** Something in a queue is no message at all, and is gone. */
  garbage(queue: string, why: string): void;
  /** Others have been given what was held here. */
  lost(): void;
}

/** Lists of the less usual priorities are looked at so often; those of Python's and our default are listened to. */
const POLL_MS = 100;
const LISTENED: readonly number[] = [STEPS[0], STEPS[3]];
/** What is held says so, as often as may be needed by those who have a shorter time-out than ours. */
const REFRESH_MS = 2000;
const RESTORED = 100;
/** Taken at a time. */
const MOST = 100;

export class RedisConsumer {
  readonly #client: Redis & Scripts;
  readonly #place: RedisPlace;
  readonly #name: string;
  readonly #heard: ConsumerHeard;
  /** By queue, who listens. */
  readonly #listeners = new Map<string, Redis[]>();
  /** What is with us, by tag. */
  readonly #held = new Map<string, Delivery>();
  readonly #acked: string[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #lastTake = lastTakeOf(randomUUID());
  /** How many have been answered. */
  #takes = 0;
  #room = 1;
  #turn = 0;
  #isTaking = false;
  /** There may be something for which there was no room. */
  #isFull = false;
  #isClosed = false;
  /** Called when there may be something again. */
  #rearm: (() => void)[] = [];

  constructor(client: Redis & Scripts, place: RedisPlace, name: string, heard: ConsumerHeard) {
    this.#client = client;
    this.#place = place;
    this.#name = name;
    this.#heard = heard;
  }

  get queues(): readonly string[] {
    return [...this.#listeners.keys()];
  }

  begin(): void {
    const restoreMs = Math.min(10_000, Math.max(500, this.#place.visibilityMs / 4));
    this.#every(POLL_MS, () => this.#pump());
    const refreshMs = Math.min(REFRESH_MS, this.#place.visibilityMs / 6);
    this.#every(refreshMs, () => void this.refresh());
    this.#every(restoreMs, () => void this.#restoreOthers());
  }

  consume(queue: string): void {
    if (this.#listeners.has(queue)) return;
    const clients = LISTENED.map((step) => {
      const client = clientOf(this.#place, `${this.#name} ${queue}`);
      void this.#listen(client, queue, listOf(queue, step));
      return client;
    });
    this.#listeners.set(queue, clients);
    this.#pump();
  }

  cancel(queue: string): void {
    for (const client of this.#listeners.get(queue) ?? []) client.disconnect();
    this.#listeners.delete(queue);
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const queue of this.queues) this.cancel(queue);
  }

  /** Connections that may be silent are made anew. */
  renew(): void {
    for (const clients of this.#listeners.values())
      for (const client of clients) client.disconnect(true);
  }

  setRoom(count: number): void {
    this.#room = count;
    this.#pump();
  }

  holds({ tag }: RedisTag): boolean {
    return this.#held.has(tag);
  }

  ack({ tag }: RedisTag): void {
    if (!this.#held.delete(tag)) return;
    this.#acked.push(tag);
    if (this.#acked.length === 1) queueMicrotask(() => this.#flushAcks());
  }

  /** Who has ended in order puts it back as new: nothing was wrong with it. */
  async giveBack({ tag }: RedisTag): Promise<void> {
    const delivery = this.#held.get(tag);
    if (delivery === undefined) return;
    this.#held.delete(tag);
    await this.#restore(tag, delivery.queue, delivery, '+inf', false);
  }

  /** Says that what is held is still held. */
  async refresh(): Promise<void> {
    const tags = [...this.#held.keys()];
    if (tags.length === 0) return;
    const lost = await this.#client.celeryRefresh(1, UNACKED_INDEX, Date.now() / 1000, ...tags);
    const ours = lost.filter((tag) => this.#held.delete(tag));
    if (ours.length > 0) this.#heard.lost();
  }

  #every(ms: number, act: () => void): void {
    const timer = setInterval(act, ms);
    timer.unref();
    this.#timers.push(timer);
  }

  /** Until it is closed: waits for something, has it taken, and waits again when nothing is left. */
  async #listen(client: Redis, queue: string, list: string): Promise<void> {
    while (!this.#isClosed && (this.#listeners.get(queue)?.includes(client) ?? true)) {
      try {
        await client.blmove(list, list, 'RIGHT', 'RIGHT', 0);
      } catch {
        // It was closed, or its list is none; the poll goes on.
        if (client.status === 'end') return;
      }
      const again = new Promise<void>((resolve) => this.#rearm.push(resolve));
      this.#pump();
      await again;
    }
  }

  #pump(): void {
    if (this.#isTaking || this.#isClosed || this.#listeners.size === 0) return;
    const free = this.#room - this.#held.size;
    this.#isFull = free <= 0;
    if (this.#isFull || this.#client.status !== 'ready') return;
    const limit = Math.min(MOST, free);
    this.#isTaking = true;
    this.#take(limit).then(
      (count) => {
        this.#isTaking = false;
        if (count === limit) this.#pump();
        else for (const again of this.#rearm.splice(0)) again();
      },
      () => {
        // The connection is lost: there is another one soon, and the next poll tries again.
        this.#isTaking = false;
      },
    );
  }

  async #take(limit: number): Promise<number> {
    const queues = this.queues;
    this.#turn = (this.#turn + 1) % queues.length;
    const inTurn = [...queues.slice(this.#turn), ...queues.slice(0, this.#turn)];
    const keys = [UNACKED_INDEX, UNACKED, this.#lastTake, ...inTurn.flatMap(listsOf)];
    const args = [limit, Date.now() / 1000, this.#takes];
    const taken = await this.#client.celeryTake(keys.length, ...keys, ...args);
    this.#takes++;
    for (const [list, tag, text] of taken) this.#deliver(queueOf(list), tag, text);
    return taken.length;
  }

  #deliver(queue: string, tag: string, text: string): void {
    try {
      const { tag: _, ...message } = unpack(text);
      if (tag === '') throw new NotJson('Cannot read it as a message: it has no delivery tag');
      const its: RedisTag = { tag };
      const delivery: Delivery = { ...message, queue, tag: its };
      this.#held.set(tag, delivery);
      this.#heard.delivered(delivery);
    } catch (error) {
      if (!(error instanceof NotJson)) throw error;
      // Nobody could do anything with it, here or elsewhere.
      if (tag !== '') {
        this.#acked.push(tag);
        this.#flushAcks();
      }
      this.#heard.garbage(queue, error.message);
    }
  }

  #flushAcks(): void {
    const tags = this.#acked.splice(0);
    if (tags.length === 0) return;
    const transaction = this.#client
      .multi()
      .zrem(UNACKED_INDEX, ...tags)
      .hdel(UNACKED, ...tags);
    transaction.exec().catch(() => undefined); // it is sent again by the client, or the connection is closed for good
    if (this.#isFull) this.#pump();
  }

  /** What somebody took and has not refreshed for so long that it is gone. */
  async #restoreOthers(): Promise<void> {
    const before = (Date.now() - this.#place.visibilityMs) / 1000;
    try {
      const tags = await this.#client.zrangebyscore(UNACKED_INDEX, 0, before, 'LIMIT', 0, RESTORED);
      for (const tag of tags) {
        if (this.#held.has(tag)) continue;
        const noted = await this.#client.hget(UNACKED, tag);
        if (noted === null) await this.#client.zrem(UNACKED_INDEX, tag);
        else await this.#restoreNoted(tag, noted, before);
      }
    } catch {
      // The connection is lost; the next time does it.
    }
  }

  async #restoreNoted(tag: string, noted: string, before: number): Promise<void> {
    const [, , key] = readJson(noted, { notFinite: 'null' }) as readonly [unknown, string, string];
    const last = noted.lastIndexOf(',', noted.lastIndexOf(',') - 1);
    const { tag: _, ...message } = unpack(noted.slice(1, last));
    await this.#restore(tag, String(key), message, before, true);
  }

  async #restore(
    tag: string,
    queue: string,
    message: WireMessage & { readonly exchange?: string; readonly routingKey?: string },
    before: number | string,
    isRedelivered: boolean,
  ): Promise<void> {
    const { headers, properties, body, exchange = '', routingKey = queue } = message;
    const marked = isRedelivered ? { ...headers, redelivered: true } : headers;
    const text = pack(
      { headers: marked, properties, body },
      { exchange, key: routingKey },
      randomUUID(),
    );
    const list = listOf(queue, properties.priority ?? 0);
    await this.#client.celeryRestore(
      3,
      UNACKED_INDEX,
      UNACKED,
      list,
      tag,
      before === '+inf' ? 1e12 : before,
      text,
    );
  }
}
