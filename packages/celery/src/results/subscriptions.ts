/** What a connection of Redis is subscribed to: begun together with others of the same turn, and ended some time later. */

import type { Redis } from 'ioredis';

const LATEST_MS = 50;
const MOST = 1000;

export class Subscriptions {
  readonly #client: Redis;
  /** To be subscribed to at the end of this turn. */
  #wanted: string[] = [];
  #subscribing: Promise<void> | undefined;
  /** Not wanted any more, and still there. */
  readonly #unwanted = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(client: Redis) {
    this.#client = client;
  }

  /** Resolves when whatever is told there is heard. */
  begin(channel: string): Promise<void> {
    if (this.#unwanted.delete(channel)) return Promise.resolve();
    this.#wanted.push(channel);
    this.#subscribing ??= Promise.resolve().then(() => this.#subscribe());
    return this.#subscribing;
  }

  end(channel: string): void {
    this.#unwanted.add(channel);
    if (this.#unwanted.size >= MOST) return this.#unsubscribe();
    this.#timer ??= setTimeout(() => this.#unsubscribe(), LATEST_MS).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #subscribe(): Promise<void> {
    const channels = this.#wanted;
    this.#wanted = [];
    this.#subscribing = undefined;
    await this.#client.subscribe(...channels);
  }

  #unsubscribe(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const channels = [...this.#unwanted];
    this.#unwanted.clear();
    this.#client.unsubscribe(...channels).catch(() => undefined); // without a connection there is none
  }
}
