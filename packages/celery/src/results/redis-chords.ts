/** The parts of chords in Redis, as Celery keeps them, until all of them are there. */

import type { Redis } from 'ioredis';
import type { Part } from '../messages/epilogue.ts';
import { readPart, readResult, writePart } from '../messages/result.ts';
import { isDict } from '../messages/signature.ts';
import { readJson } from '../terms/json.ts';
import type { Scripts } from '../wire/redis-scripts.ts';
import type { ChordState, Chords, KeptResults } from './results.ts';

/** As long as Celery's default. */
const DAY_S = 86_400;
const OPEN: ChordState = { kind: 'open' };

export class RedisChords implements Chords {
  readonly #client: Redis & Scripts;
  readonly #look: KeptResults['look'];

  constructor(client: Redis & Scripts, look: KeptResults['look']) {
    this.#client = client;
    this.#look = look;
  }

  async setSize(groupId: string, size: number): Promise<void> {
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

  async forget(groupId: string): Promise<void> {
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
    const stored = await this.#look(String(id));
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

function groupKeyOf(id: string): string {
  return `celery-taskset-meta-${id}`;
}
