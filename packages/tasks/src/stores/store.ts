/** The store's port: what keeps records, and gives them out. Whoever implements it passes `test/contract/task-store.ts`. */

import type { TaskRecord } from '../state/record.ts';
import type { TaskId, TaskState } from '../terms/task-state.ts';

/** At once where nothing has to be waited for; a promise where something has. */
export type Answer<T> = T | Promise<T>;

/** One atomic step: every record as it was found (by version) and as it is to be. It is applied whole or not at all. */
export interface Change {
  /** With the versions that they were found with. */
  readonly put: readonly TaskRecord[];
  /** Of ids that nobody may have. */
  readonly insert: readonly TaskRecord[];
  /** Ids that have to be there. */
  readonly remove: readonly string[];
  /** Kept with it. */
  readonly notes?: readonly NoteChange[];
  /** All that it inserts has ids that were made for it, and are nobody's: a store need not look. */
  readonly hasNewIds?: boolean;
}

/** `version` is the one that it was found with, 0 of one that is not there. Without a value it is dropped. */
export interface NoteChange {
  /** Which note. */
  readonly key: string;
  /** What it is to be. */
  readonly value: string | undefined;
  /** The one that it was found with. */
  readonly version: number;
}

/** What a worker may be given. */
export interface ClaimRequest {
  /** Who claims. */
  readonly worker: string;
  /** The first that has something comes first. */
  readonly queues: readonly string[];
  /** At most so many. */
  readonly limit: number;
  /** For how long they are its. */
  readonly leaseMs: number;
  /** What time it is. */
  readonly now: number;
  /** Only tasks of these names; the others let those behind them pass, and keep their place. `'all'`: of every name. */
  readonly names: ReadonlySet<string> | 'all';
  /** No tasks of these keys, likewise. */
  readonly held: Held;
}

/** Keys whose limits are reached. */
export interface Held {
  /** Whether tasks of this key have to wait. */
  has(key: string): boolean;
  /** Those that are known to be held: a store that looks elsewhere leaves them out at once. */
  readonly keys: Iterable<string>;
  /** Told of each as it is claimed, so that the next one of its key is not. */
  take(record: TaskRecord): void;
  /** Rises whenever one is held no more. */
  readonly freed: number;
}

/** Which tasks: those that meet all that is said. */
export interface TaskFilter {
  /** In this state, or one of these. */
  readonly state?: TaskState | readonly TaskState[];
  /** Of this queue. */
  readonly queue?: string;
  /** Of this name. */
  readonly name?: string;
  /** That came of this task, itself included. */
  readonly root?: TaskId;
  /** At most so many. */
  readonly limit?: number;
}

/** What is in a queue. */
export interface QueueCount {
  /** How many wait. */
  readonly queued: number;
  /** How many of it run. */
  readonly running: number;
  /** When the oldest that is queued entered it. */
  readonly oldestAt: number | undefined;
}

/** Something that was cut off or passed over when it was opened. */
export interface StoreNews {
  /** What happened to it. */
  readonly kind: 'repaired' | 'damaged';
  /** For programs. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** A sentence for people. */
  readonly text: string;
}

/** What came of forgetting. */
export interface Swept {
  /** How many records are gone. */
  readonly dropped: number;
  /** When to sweep next; undefined if nothing has ended. */
  readonly nextAt: number | undefined;
}

/** How many there are. */
export interface Counts {
  /** By queue; those that are empty may be left out. */
  readonly queues: Readonly<Record<string, QueueCount>>;
  /** That wait for their moment. */
  readonly scheduled: number;
  /** That are in quarantine. */
  readonly quarantined: number;
}

/** It answers at once where nothing has to be waited for, as `memory()` always does: so the simulator explores it without a promise. */
export interface Store {
  /** What it is, in one word. */
  readonly kind: string;
  /** Whether several processes can use it at once. */
  readonly shared: boolean;
  /** Whether what it keeps outlives the process. Default true. */
  readonly durable?: boolean;
  /** Of a shared one: how long after a process has last been heard of what it runs is another's. Default 30,000. */
  readonly leaseMs?: number;
  /** What happens to it and people should read, from `open` on. */
  tell?(told: (news: StoreNews) => void): void;
  /** Makes it ready, for the process that calls itself so from now on. Rejects if it cannot be. */
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
  /** The record of this id. */
  find(id: string): Answer<TaskRecord | undefined>;
  /** The outcome of one that has ended, at once; for stores that have everything at hand, which are not asked for records where that is enough. */
  outcome?(id: string): string | undefined;
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
  /** What is in the queues, scheduled, and in quarantine. */
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
  /** Nothing is asked of it any more, until it is opened again. */
  close(): Answer<void>;
}

/** A store that is away, or keeps nothing: whoever asked may try again. */
export class StoreFailed extends Error {
  override get name(): string {
    return 'StoreFailed';
  }
}

/** Of a store that nobody else uses, nobody else can take what runs: a hundred years. */
export const FOREVER_MS = 100 * 365 * 86_400_000;

/** How many records a page has where nobody says. */
export const PAGE = 100;
