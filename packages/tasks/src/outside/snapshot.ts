/** What is known of a task at one moment, for people and programs. */

import type { TaskRecord } from '../state/record.ts';
import { decode } from '../terms/codec.ts';
import type { TaskFailure } from '../terms/failure.ts';
import { readOutcome } from '../terms/outcome.ts';
import type { Priority, TaskId, TaskState } from '../terms/task-state.ts';
import type { Found } from '../tree/messages.ts';

/** What is known of a task at one moment. It does not change any more. */
export interface TaskSnapshot<O = unknown> {
  /** Of the task. */
  readonly id: TaskId<O>;
  /** Of its definition; of a chain, a group or `each`, that word. */
  readonly name: string;
  /** Where it is. */
  readonly state: TaskState;
  /** Which queue it is for. */
  readonly queue: string;
  /** 9 is first. */
  readonly priority: Priority;
  /** 1, and one more after each retry. */
  readonly attempt: number;
  /** 0 before the first, and one more each time it was given to a runner. */
  readonly run: number;
  /** Runs that were lost with their runner. */
  readonly crashes: number;
  /** The task that everything here came from. */
  readonly root: TaskId;
  /** The task or the join that made it; undefined if the outside did. */
  readonly parent: TaskId | undefined;
  /** When it was made. */
  readonly submittedAt: Date;
  /** Of one that is scheduled: when it enters its queue. */
  readonly dueAt: Date | undefined;
  /** When its latest run began. */
  readonly startedAt: Date | undefined;
  /** When it reached its final state. */
  readonly endedAt: Date | undefined;
  /** Who runs it. */
  readonly worker: string | undefined;
  /** What it has shown last; gone when it has ended, or its process has. */
  readonly progress: unknown;
  /** Of a chain or group: members that have ended, and how many there are. */
  readonly members:
    | { readonly ended: number; readonly failed: number; readonly all: number }
    | undefined;
  /** Of one that has succeeded. */
  readonly result: O | undefined;
  /** Of one that has ended without success. */
  readonly failure: TaskFailure | undefined;
}

export function snapshotOf<O>({ record, progress }: Found): TaskSnapshot<O> {
  const { id, name, state, queue, priority, attempt, run, crashes, root, parent, worker } = record;
  const outcome = record.outcome === undefined ? undefined : readOutcome<O>(record.outcome);
  return {
    id,
    name,
    state,
    queue,
    priority,
    attempt,
    run,
    crashes,
    root,
    parent,
    submittedAt: new Date(record.submittedAt),
    dueAt: state === 'scheduled' ? new Date(record.dueAt) : undefined,
    startedAt: dateOf(record.startedAt),
    endedAt: dateOf(record.endedAt),
    worker,
    progress: progress === undefined ? undefined : decode(progress),
    members: membersOf(record),
    result: outcome?.ok === true ? outcome.value : undefined,
    failure: outcome?.ok === false ? outcome.reason : undefined,
  };
}

function dateOf(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}

function membersOf({ members }: TaskRecord): TaskSnapshot['members'] {
  if (members === undefined) return undefined;
  const { all, pending, failed } = members;
  return { ended: Math.max(0, all - pending), failed, all: Math.max(0, all) };
}
