/** Results in Redis, as Celery keeps them. */

import type { Redis } from 'ioredis';
import { type Result, type Whose, writeStored } from '../messages/result.ts';
import { clientOf, type RedisPlace } from '../wire/redis-place.ts';
import { Pulse } from '../wire/redis-pulse.ts';
import { type Scripts, withScripts } from '../wire/redis-scripts.ts';
import { connected } from '../wire/redis-wire.ts';
import type { Connection } from '../wire/wire.ts';
import { RedisChords } from './redis-chords.ts';
import type { KeptResults, Results } from './results.ts';
import { Subscriptions } from './subscriptions.ts';

/** As long as Celery's default. */
const DAY_S = 86_400;

interface Looks {
  readonly keys: string[];
  readonly texts: Promise<readonly (string | null)[]>;
}

export class RedisResults implements Results, KeptResults {
  readonly kind = 'redis';
  readonly replyTo = undefined;
  readonly kept = this;
  readonly chords: RedisChords;
  readonly #client: Redis & Scripts;
  readonly #subscriber: Redis;
  readonly #subscriptions: Subscriptions;
  readonly #pulses: readonly Pulse[];
  /** Of this turn. */
  #looks: Looks | undefined;
  take: (text: string) => void = () => {};

  constructor(place: RedisPlace, name: string) {
    this.#client = withScripts(clientOf(place, `${name} results`));
    this.#subscriber = clientOf(place, `${name} answers`);
    this.#subscriptions = new Subscriptions(this.#subscriber);
    this.#pulses = [this.#client, this.#subscriber].map((client) => new Pulse(client));
    this.chords = new RedisChords(this.#client, (id) => this.look(id));
  }

  async begin(connection: Connection): Promise<void> {
    await Promise.all([connected(this.#client), connected(this.#subscriber)]);
    this.#subscriber.on('message', (_channel: string, text: string) => this.take(text));
    // What was told while it was away was not heard: it is looked for once this is heard again.
    this.#subscriber.on('ready', () => {
      this.#subscriber.ping().then(
        () => connection.up(),
        () => undefined, // it is lost again, and is ready again later
      );
    });
  }

  async close(): Promise<void> {
    this.#subscriptions.close();
    for (const pulse of this.#pulses) pulse.end();
    this.#client.disconnect();
    this.#subscriber.disconnect();
  }

  async store(whose: Whose, _replyTo: string | undefined, result: Result): Promise<void> {
    await this.#client.celeryStore(
      1,
      keyOf(whose.id),
      DAY_S,
      writeStored(whose, result, Date.now()),
    );
  }

  expect(id: string): Promise<void> {
    return this.#subscriptions.begin(keyOf(id));
  }

  /** Those that are looked at in one turn are asked for together. */
  async look(id: string): Promise<string | undefined> {
    this.#looks ??= this.#lookLater();
    const { keys, texts } = this.#looks;
    const i = keys.push(keyOf(id)) - 1;
    return (await texts)[i] ?? undefined;
  }

  #lookLater(): Looks {
    const keys: string[] = [];
    const texts = Promise.resolve().then(() => {
      this.#looks = undefined;
      return this.#client.mget(keys);
    });
    return { keys, texts };
  }

  forget(id: string): void {
    this.#subscriptions.end(keyOf(id));
  }
}

function keyOf(id: string): string {
  return `celery-task-meta-${id}`;
}
