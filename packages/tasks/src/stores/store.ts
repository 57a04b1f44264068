/** The store's port: what keeps records, and gives them out. Whoever implements it passes `test/contract/task-store.ts`. */

import type { TaskRecord } from '../state/record.ts';
import type { TaskId, TaskState } from '../terms/task-state.ts';

/** At once where nothing has to be waited for; a promise where something has. */
export type Answer<T> = T | Promise<T>;

/** One atomic step: every record as it was found (by version) and as it is to be. It is applied whole or not at all. */
export interface Change {
  readonly put: readonly TaskRecord[];
  readonly insert: readonly TaskRecord[];
  readonly remove: readonly string[];
  readonly notes?: readonly NoteChange[];
}

/** `version` is the one that it was found with, 0 of one that is not there. Without a value it is dropped. */
export interface NoteChange {
  readonly key: string;
  readonly value: string | undefined;
  readonly version: number;
}

export interface ClaimRequest {
  readonly worker: string;
  /** The first that has something comes first. */
  readonly queues: readonly string[];
  readonly limit: number;
  readonly leaseMs: number;
  readonly now: number;
  /** Only tasks of these names; the others let those behind them pass, and keep their place. `'all'`: of every name. */
  readonly names: ReadonlySet<string> | 'all';
  /** No tasks of these keys, likewise. */
  readonly held: Held;
}

/** Keys whose limits are reached. */
export interface Held {
  has(key: string): boolean;
  /** Those that are known to be held: a store that looks elsewhere leaves them out at once. */
  readonly keys: Iterable<string>;
  /** Told of each as it is claimed, so that the next one of its key is not. */
  take(record: TaskRecord): void;
  /** Rises whenever one is held no more. */
  readonly freed: number;
}

export interface TaskFilter {
  readonly state?: TaskState | readonly TaskState[];
  readonly queue?: string;
  readonly name?: string;
  readonly root?: TaskId;
  readonly limit?: number;
}

export interface QueueCount {
  readonly queued: number;
  readonly running: number;
  /** When the oldest that is queued entered it. */
  readonly oldestAt: number | undefined;
}

/** Something that was cut off or passed over when it was opened. */
export interface StoreNews {
  readonly kind: 'repaired' | 'damaged';
  readonly facts: Readonly<Record<string, unknown>>;
  /** A sentence for people. */
  readonly text: string;
}

export interface Swept {
  readonly dropped: number;
  /** When to sweep next; undefined if nothing has ended. */
  readonly nextAt: number | undefined;
}

export interface Counts {
  readonly queues: Readonly<Record<string, QueueCount>>;
  readonly scheduled: number;
  readonly quarantined: number;
}

/** It answers at once where nothing has to be waited for, as `memory()` always does: so the simulator explores it without a promise. */
export interface Store {
  readonly kind: string;
  /** Whether several processes can use it at once. */
  readonly shared: boolean;
  /** Of a shared one: how long after a process has last been heard of what it runs is another's. Default 30,000. */
  readonly leaseMs?: number;
  /** What happens to it and people should read, from `open` on. */
  tell?(told: (news: StoreNews) => void): void;
  open(owner: string): Answer<void>;
  /**
   * Several changes, each on its own; answers in order, once they are kept. `'stale'`: a version or an id
   * was not as expected, and nothing of that change happened. What is put or inserted is the store's from
   * then on, which counts its version up.
   */
  commit(changes: readonly Change[]): Answer<readonly ('done' | 'stale')[]>;
  /** Gives the next of these queues to `worker`: state, run and lease are set in the same step. What has expired is passed over. */
  claim(request: ClaimRequest): Answer<readonly TaskRecord[]>;
  /** Answers with those that `worker` still has. */
  renew(worker: string, ids: readonly string[], until: number): Answer<readonly string[]>;
  find(id: string): Answer<TaskRecord | undefined>;
  /** Those of these that are there, in any order; for stores that are far away, and would be asked for one after the other. */
  findMany?(ids: readonly string[]): Answer<readonly TaskRecord[]>;
  /** The latest of this unique key that is known, ended or not. */
  findUnique(key: string): Answer<TaskRecord | undefined>;
  /** What is due at `now` or has expired, and whose leases are over, the earliest first: in pages, so that none blocks those behind it. `after` is the last of the page before. */
  due(now: number, after: string | undefined, limit: number): Answer<readonly TaskRecord[]>;
  /** Oldest first, at most `filter.limit` (100). `after` is the last of the page before. */
  list(filter: TaskFilter, after: string | undefined): Answer<readonly TaskRecord[]>;
  /** Outcomes of the members of a group by place, in pages: its own record does not hold them. */
  outcomes(join: string, from: number, limit: number): Answer<readonly (string | undefined)[]>;
  counts(): Answer<Counts>;
  /** Notes of `once`, of schedules and of paused queues: small values by key, compare-and-set. One whose key begins with the id of a task and a line feed goes with that task. */
  note(key: string): Answer<{ readonly value: string; readonly version: number } | undefined>;
  /** All whose key begins so. */
  notes(
    prefix: string,
  ): Answer<readonly { readonly key: string; readonly value: string; readonly version: number }[]>;
  /** A lease by name, for the leader. Answers with until when it is ours, on the clock that `now` is of, or undefined. */
  lead(name: string, owner: string, forMs: number, now: number): Answer<number | undefined>;
  /** Ids that changed, by another process; for those who wait. */
  changes(listener: (id: string) => void): () => void;
  /** Drops what has outlived `keepMs` and belongs to no join that may go on. */
  sweep(now: number, limit: number): Answer<Swept>;
  close(): Answer<void>;
}

/** A store that is away, or keeps nothing: whoever asked may try again. */
export class StoreFailed extends Error {
  override get name(): string {
    return 'StoreFailed';
  }
}

/** How many records a page has where nobody says. */
export const PAGE = 100;
