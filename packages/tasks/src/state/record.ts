/** What a store keeps of a task. */

import type { StoredWork } from '../canvas/work.ts';
import { flatOf } from '../terms/flat.ts';
import type { Priority, TaskState } from '../terms/task-state.ts';

/**
 * What a store keeps of a task. Texts are encoded by the codec. `version` changes with every write: all
 * writes are compare-and-set on it. Never changed in place, but for the version by its store.
 */
export interface TaskRecord {
  /** Its own, or of a member `<join>.<index>`. */
  readonly id: string;
  /** 0 before it is kept; counted by the store. */
  readonly version: number;
  /** Of a chain, a group or `each`: that word. */
  readonly name: string;
  /** Where it is. */
  readonly state: TaskState;
  /** Where it waits, or would. */
  readonly queue: string;
  /** 9 is first. */
  readonly priority: Priority;
  /** 1, and one more after each retry. */
  readonly attempt: number;
  /** How often it was given to a runner. */
  readonly run: number;
  /** How many of its runs were lost with their runner. */
  readonly crashes: number;
  /** A list; of a task that takes several elements, or a list as its arguments, an object. Of a join, the result before it, or nothing. */
  readonly args: string;
  /** When it enters its queue. */
  readonly dueAt: number;
  /** By which clock `dueAt` is reached: a moment of the calendar, or time that passes. */
  readonly dueBy: 'wall' | 'clock';
  /** When it is not to begin any more, if it never has. */
  readonly expiresAt: number | undefined;
  /** When it was made. */
  readonly submittedAt: number;
  /** When it entered its queue first: its place there, also after a crash. */
  readonly queuedAt: number | undefined;
  /** When its latest run began. */
  readonly startedAt: number | undefined;
  /** When it reached its final state. */
  readonly endedAt: number | undefined;
  /** For how long it is known after that. */
  readonly keepMs: number;
  /** The process and worker that have it, by an identity that no other incarnation has. */
  readonly worker: string | undefined;
  /** Until when the run is its worker’s unless it is renewed. */
  readonly leaseUntil: number | undefined;
  /** What everything came from. */
  readonly root: string;
  /** Who made it, if that was a task or a join. */
  readonly parent: string | undefined;
  /** The chain or group that it is a member of, and its place there. */
  readonly join: { readonly id: string; readonly index: number } | undefined;
  /** Who is told of its failure: work, as JSON. */
  readonly onFailure: string | undefined;
  /** Of what is made of other tasks. */
  readonly members: Members | undefined;
  /** The key of which there is to be one at a time. */
  readonly unique: string | undefined;
  /** What its limits are counted by. */
  readonly key: string | undefined;
  /** Given along to all that comes of it; encoded. */
  readonly headers: string | undefined;
  /** By `checkpoint`; encoded. */
  readonly saved: string | undefined;
  /** An encoded `TaskOutcome`. */
  readonly outcome: string | undefined;
}

/** A chain makes one member at a time, and gives it the result of the one before. */
export interface Members {
  /** What it is: of a chain the members come one after the other, of a task that became another there is one. */
  readonly kind: 'chain' | 'group' | 'become';
  /** How many have not ended, those that are not made yet included. */
  readonly pending: number;
  /** How many have ended without success. */
  readonly failed: number;
  /** The next one to make. */
  readonly next: number;
  /** How many there are; −1 of `each` after what was no list. */
  readonly all: number;
  /** What they are made of: work, as JSON. */
  readonly of: string;
  /** How many may be made and not ended at a time. */
  readonly limit: number;
  /** Whether it waits for all, and results in outcomes. */
  readonly settle: boolean;
}

/** The id of a member. */
export function memberId(join: string, index: number): string {
  return flatOf(join, '.', String(index));
}

export function readWork(text: string): StoredWork {
  return JSON.parse(text) as StoredWork;
}

/** What the members of a join are made of. */
export function workOfMembers({ id, members }: TaskRecord): StoredWork {
  const { of } = members as Members;
  const known = recently.get(id);
  if (known?.of === of) return known.work;
  const work = readWork(of);
  if (recently.size >= REMEMBERED) recently.delete(recently.keys().next().value as string);
  recently.set(id, { of, work });
  return work;
}

/**
 * The members of a large group are made one after the other, of one text. By the id, and not by the text: to look
 * up a long text takes a comparison with each other one of its length.
 */
const recently = new Map<string, { readonly of: string; readonly work: StoredWork }>();
const REMEMBERED = 32;
