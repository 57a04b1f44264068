/** The store that is gone with its process. */

import type { TaskRecord } from '../state/record.ts';
import type { Kept } from './kept.ts';
import { Notes } from './notes.ts';
import { RecordIndex } from './record-index.ts';
import type { Change, ClaimRequest, Counts, Store, Swept, TaskFilter } from './store.ts';

/**
 * In this process, gone with it. For tests and for work that may be lost.
 *
 * ```ts
 * await using app = await tasks(system, { tasks: [hello], store: memory() });
 * ```
 */
export function memory(): Store {
  return new MemoryStore();
}

class MemoryStore implements Store {
  readonly kind = 'memory';
  readonly shared = false;
  readonly durable = false;
  readonly #index = new RecordIndex();
  readonly #notes = new Notes();
  readonly #leads = new Leads();

  /** Who led before is gone, as if with its process. */
  open(): void {
    this.#leads.clear();
  }

  commit(changes: readonly Change[]): readonly ('done' | 'stale')[] {
    return changes.map((change) => {
      if (isOnePut(change)) return putFresh(change.put[0] as TaskRecord, this.#index);
      if (!isFresh(change, this.#index, this.#notes)) return 'stale';
      apply(change, this.#index, this.#notes);
      return 'done';
    });
  }

  claim(request: ClaimRequest): readonly TaskRecord[] {
    return this.#index.claim(request).map(({ record }) => record);
  }

  renew(worker: string, ids: readonly string[], until: number): readonly string[] {
    return this.#index.renew(worker, ids, until);
  }

  find(id: string): TaskRecord | undefined {
    return this.#index.find(id);
  }

  outcome(id: string): string | undefined {
    return this.#index.kept(id)?.outcome;
  }

  findUnique(key: string): TaskRecord | undefined {
    return this.#index.findUnique(key);
  }

  due(now: number, after: string | undefined, limit: number): readonly TaskRecord[] {
    return this.#index.due(now, after, limit);
  }

  list(filter: TaskFilter, after: string | undefined): readonly TaskRecord[] {
    return this.#index.list(filter, after);
  }

  outcomes(join: string, from: number, limit: number): readonly (string | undefined)[] {
    return this.#index.outcomes(join, from, limit);
  }

  counts(): Counts {
    return this.#index.counts();
  }

  note(key: string): { readonly value: string; readonly version: number } | undefined {
    return this.#notes.get(key);
  }

  notes(prefix: string): { key: string; value: string; version: number }[] {
    return this.#notes.startingWith(prefix);
  }

  lead(name: string, owner: string, forMs: number, now: number): number | undefined {
    return this.#leads.lead(name, owner, forMs, now);
  }

  /** Nobody else can change it. */
  changes(): () => void {
    return () => {};
  }

  sweep(now: number, limit: number): Swept {
    const outlived = this.#index.outlived(now, limit);
    for (const kept of outlived) remove(kept, this.#index, this.#notes);
    return { dropped: outlived.length, nextAt: this.#index.outlivedAt };
  }

  close(): void {}
}

/** Who leads, by name. */
export class Leads {
  readonly #leads = new Map<string, { readonly owner: string; readonly until: number }>();

  clear(): void {
    this.#leads.clear();
  }

  lead(name: string, owner: string, forMs: number, now: number): number | undefined {
    const lead = this.#leads.get(name);
    if (lead !== undefined && lead.owner !== owner && lead.until > now) return undefined;
    const until = now + forMs;
    this.#leads.set(name, { owner, until });
    return until;
  }
}

/** As nearly all are. */
function isOnePut({ put, insert, remove, notes }: Change): boolean {
  return (
    put.length === 1 &&
    insert.length === 0 &&
    remove.length === 0 &&
    (notes === undefined || notes.length === 0)
  );
}

function putFresh(record: TaskRecord, index: RecordIndex): 'done' | 'stale' {
  const kept = index.kept(record.id);
  if (kept?.version !== record.version) return 'stale';
  index.put(kept, counted(record));
  return 'done';
}

/** Whether everything in it is as it was found. */
export function isFresh(change: Change, index: RecordIndex, notes: Notes): boolean {
  for (const { id, version } of change.put) if (index.kept(id)?.version !== version) return false;
  if (change.hasNewIds !== true)
    for (const { id } of change.insert) if (index.kept(id) !== undefined) return false;
  for (const id of change.remove) if (index.kept(id) === undefined) return false;
  return change.notes === undefined || change.notes.every((note) => notes.isFresh(note));
}

/** Of one that is fresh. */
function apply(change: Change, index: RecordIndex, notes: Notes): void {
  for (const record of change.put) index.put(index.kept(record.id) as Kept, counted(record));
  for (const record of change.insert) index.add(counted(record));
  for (const id of change.remove) remove(index.kept(id) as Kept, index, notes);
  for (const note of change.notes ?? []) notes.set(note);
}

/** The same record, of the next version. */
export function counted(record: TaskRecord): TaskRecord {
  (record as { version: number }).version++;
  return record;
}

export function remove(kept: Kept, index: RecordIndex, notes: Notes): void {
  index.remove(kept);
  notes.deleteOf(kept.id);
}
