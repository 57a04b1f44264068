/** What a store keeps of a task. */

import type { StoredWork } from '../canvas/work.ts';
import type { Priority, TaskState } from '../terms/task-state.ts';

/**
 * What a store keeps of a task. Texts are encoded by the codec. `version` changes with every write: all
 * writes are compare-and-set on it. Never changed in place, but for the version by its store.
 */
export interface TaskRecord {
  readonly id: string;
  readonly version: number;
  /** Of a chain, a group or `each`: that word. */
  readonly name: string;
  readonly state: TaskState;
  readonly queue: string;
  readonly priority: Priority;
  readonly attempt: number;
  readonly run: number;
  readonly crashes: number;
  /** A list; of a task that takes several elements, or a list as its arguments, an object. Of a join, the result before it, or nothing. */
  readonly args: string;
  readonly dueAt: number;
  /** By which clock `dueAt` is reached: a moment of the calendar, or time that passes. */
  readonly dueBy: 'wall' | 'clock';
  readonly expiresAt: number | undefined;
  readonly submittedAt: number;
  /** When it entered its queue first: its place there, also after a crash. */
  readonly queuedAt: number | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly keepMs: number;
  /** The process and worker that have it, by an identity that no other incarnation has. */
  readonly worker: string | undefined;
  readonly leaseUntil: number | undefined;
  readonly root: string;
  readonly parent: string | undefined;
  /** The chain or group that it is a member of, and its place there. */
  readonly join: { readonly id: string; readonly index: number } | undefined;
  /** Who is told of its failure: work, as JSON. */
  readonly onFailure: string | undefined;
  /** Of what is made of other tasks. */
  readonly members: Members | undefined;
  readonly unique: string | undefined;
  /** What its limits are counted by. */
  readonly key: string | undefined;
  readonly headers: string | undefined;
  readonly saved: string | undefined;
  /** An encoded `TaskOutcome`. */
  readonly outcome: string | undefined;
}

/** A chain makes one member at a time, and gives it the result of the one before. */
export interface Members {
  readonly kind: 'chain' | 'group' | 'become';
  /** How many have not ended, those that are not made yet included. */
  readonly pending: number;
  readonly failed: number;
  /** The next one to make. */
  readonly next: number;
  readonly all: number;
  /** What they are made of: work, as JSON. */
  readonly of: string;
  readonly limit: number;
  readonly settle: boolean;
}

/** The id of a member. */
export function memberId(join: string, index: number): string {
  return `${join}.${index}`;
}

export function readWork(text: string): StoredWork {
  return recently.get(text) ?? remember(text, JSON.parse(text) as StoredWork);
}

/** The members of a large group are made one after the other, of one text. */
const recently = new Map<string, StoredWork>();
const REMEMBERED = 32;

function remember(text: string, work: StoredWork): StoredWork {
  if (recently.size >= REMEMBERED) recently.delete(recently.keys().next().value as string);
  recently.set(text, work);
  return work;
}
