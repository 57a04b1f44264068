/** Results in Redis, as Celery keeps them, and the parts of chords until all of them are there. */

import type { Redis } from 'ioredis';
import type { Part } from '../messages/epilogue.ts';
import {
  type Result,
  readPart,
  readResult,
  type Whose,
  writePart,
  writeStored,
} from '../messages/result.ts';
import { isDict } from '../messages/signature.ts';
import { readJson } from '../terms/json.ts';
import { clientOf, type RedisPlace } from '../wire/redis-place.ts';
import { type Scripts, withScripts } from '../wire/redis-scripts.ts';
import { connected } from '../wire/redis-wire.ts';
import type { Connection } from '../wire/wire.ts';
import type { ChordState, Results } from './results.ts';
import { Subscriptions } from './subscriptions.ts';

/** As long as Celery's default. */
const DAY_S = 86_400;
const OPEN: ChordState = { kind: 'open' };

export class RedisResults implements Results {
  readonly kind = 'redis';
  readonly replyTo = undefined;
  readonly #client: Redis & Scripts;
  readonly #subscriber: Redis;
  readonly #subscriptions: Subscriptions;
  take: (text: string) => void = () => {};

  constructor(place: RedisPlace, name: string) {
    this.#client = withScripts(clientOf(place, `${name} results`));
    this.#subscriber = clientOf(place, `${name} answers`);
    this.#subscriptions = new Subscriptions(this.#subscriber);
  }

  async begin(connection: Connection): Promise<void> {
    await Promise.all([connected(this.#client), connected(this.#subscriber)]);
    this.#subscriber.on('message', (_channel: string, text: string) => this.take(text));
    // What was told while it was away was not heard.
    this.#subscriber.on('ready', () => connection.up());
  }

  async close(): Promise<void> {
    this.#subscriptions.close();
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

  async look(id: string): Promise<string | undefined> {
    return (await this.#client.get(keyOf(id))) ?? undefined;
  }

  forget(id: string): void {
    this.#subscriptions.end(keyOf(id));
  }

  // ── chords ────────────────────────────────────────────────────────────────────────────────

  async setChordSize(groupId: string, size: number): Promise<void> {
    await this.#client.setex(`${groupKeyOf(groupId)}.s`, DAY_S, String(size));
  }

  async addPart(part: Part): Promise<ChordState> {
    const { id, groupId, groupIndex = '+inf', status, result } = part;
    const key = groupKeyOf(groupId);
    const [there, more, size] = await this.#client.celeryAddPart(
      3,
      `${key}.j`,
      `${key}.t`,
      `${key}.s`,
      groupIndex,
      id,
      writePart(id, status, result),
      DAY_S,
    );
    if (size === null || there !== Number(size) + Number(more ?? 0)) return OPEN;
    const group = await this.#client.get(key);
    if (group !== null) return await this.#joined(group);
    return stateOf(
      (await this.#client.zrange(`${key}.j`, '0', '-1')).map((each) => readPart(String(each))),
    );
  }

  async forgetChord(groupId: string): Promise<void> {
    const key = groupKeyOf(groupId);
    await this.#client.del(`${key}.j`, `${key}.t`, `${key}.s`);
  }

  /** A header that is more than a list of tasks: its shape was kept when it was called. */
  async #joined(text: string): Promise<ChordState> {
    const meta = readJson(text);
    const errors: string[] = [];
    const values = await this.#valuesOf(isDict(meta) ? meta['result'] : undefined, errors);
    const [why] = errors;
    if (why !== undefined) return { kind: 'failed', why };
    return { kind: 'complete', values: Array.isArray(values) ? values : [values] };
  }

  /** Of `[[id, parent], null]` its result; of `[[id, parent], [members]]` those of its members. */
  async #valuesOf(node: unknown, errors: string[]): Promise<unknown> {
    const [head, members] = Array.isArray(node) ? (node as readonly unknown[]) : [];
    if (Array.isArray(members))
      return await Promise.all(members.map((each) => this.#valuesOf(each, errors)));
    const [id] = Array.isArray(head) ? (head as readonly unknown[]) : [];
    const stored = await this.look(String(id));
    const answer = stored === undefined ? undefined : readResult(stored)?.answer;
    if (answer?.kind === 'succeeded') return answer.value;
    const error = answer !== undefined && 'error' in answer ? answer.error : undefined;
    errors.push(
      `Dependency ${String(id)} raised ${error?.name ?? 'nothing'}('${error?.message ?? ''}')`,
    );
    return null;
  }
}

function stateOf(parts: readonly ReturnType<typeof readPart>[]): ChordState {
  const values: unknown[] = [];
  for (const part of parts) {
    if ('error' in part) return { kind: 'failed', why: part.error };
    values.push(part.value);
  }
  return { kind: 'complete', values };
}

function keyOf(id: string): string {
  return `celery-task-meta-${id}`;
}

function groupKeyOf(id: string): string {
  return `celery-taskset-meta-${id}`;
}
