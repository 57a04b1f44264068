/** What an application tells of itself. */

import type { TaskFailure } from '../terms/failure.ts';
import type { TaskId, TaskState } from '../terms/task-state.ts';

export interface TasksStats {
  readonly queues: Readonly<
    Record<
      string,
      {
        readonly queued: number;
        readonly running: number;
        readonly paused: boolean;
        /** Of the oldest that is queued; what a queue's length does not tell. */
        readonly oldestMs: number;
      }
    >
  >;
  readonly scheduled: number;
  readonly quarantined: number;
  readonly workers: readonly {
    readonly name: string;
    readonly queues: readonly string[];
    readonly runners: number;
    readonly running: number;
    /** Bodies that were ended and whose JavaScript may go on. */
    readonly leaked: number;
  }[];
  /** Since the start, by state and task name. */
  readonly ended: Readonly<Record<string, Partial<Record<TaskState, number>>>>;
  readonly isLeader: boolean;
}

/** Each with one plain object. Told after the change is stored, in the order in which it was. */
export interface TasksEvents {
  submitted: {
    readonly id: TaskId;
    readonly name: string;
    readonly queue: string;
    readonly dueAt: Date | undefined;
  };
  started: {
    readonly id: TaskId;
    readonly name: string;
    readonly attempt: number;
    readonly run: number;
    readonly worker: string;
  };
  /** One that the codec does not take is told as `{ refused: … }`, which says why. */
  progress: { readonly id: TaskId; readonly value: unknown };
  succeeded: { readonly id: TaskId; readonly name: string; readonly ms: number };
  /** A failed attempt that will be followed by another. */
  retrying: {
    readonly id: TaskId;
    readonly name: string;
    readonly attempt: number;
    readonly dueAt: Date;
    readonly failure: TaskFailure;
  };
  /** Ended without success: failed, revoked, expired, in quarantine. */
  failed: { readonly id: TaskId; readonly name: string; readonly failure: TaskFailure };
  /** A run that was lost with its runner, or whose lease went to another. */
  lost: {
    readonly id: TaskId;
    readonly name: string;
    readonly run: number;
    readonly crashes: number;
    readonly why: 'runner' | 'lease';
  };
  fired: { readonly schedule: string; readonly slot: Date; readonly id: TaskId };
  /** A slot that was not run, and why. */
  skipped: {
    readonly schedule: string;
    readonly slot: Date;
    readonly why: 'overlap' | 'missed';
  };
  worker: {
    readonly name: string;
    readonly what: 'online' | 'offline' | 'scaled';
    readonly runners: number;
  };
}
