/** What is known of a task at one moment, for people and programs. */

import type { TaskRecord } from '../state/record.ts';
import { decode } from '../terms/codec.ts';
import type { TaskFailure } from '../terms/failure.ts';
import { readOutcome } from '../terms/outcome.ts';
import type { Priority, TaskId, TaskState } from '../terms/task-state.ts';
import type { Found } from '../tree/messages.ts';

export interface TaskSnapshot<O = unknown> {
  readonly id: TaskId<O>;
  readonly name: string;
  readonly state: TaskState;
  readonly queue: string;
  readonly priority: Priority;
  readonly attempt: number;
  readonly run: number;
  readonly crashes: number;
  readonly root: TaskId;
  readonly parent: TaskId | undefined;
  readonly submittedAt: Date;
  readonly dueAt: Date | undefined;
  readonly startedAt: Date | undefined;
  readonly endedAt: Date | undefined;
  readonly worker: string | undefined;
  readonly progress: unknown;
  /** Of a chain or group: members that have ended, and how many there are. */
  readonly members:
    | { readonly ended: number; readonly failed: number; readonly all: number }
    | undefined;
  readonly result: O | undefined;
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
