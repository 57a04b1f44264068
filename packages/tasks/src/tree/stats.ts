/** What an application tells of itself. */

import type { TaskFailure } from '../terms/failure.ts';
import type { TaskId, TaskState } from '../terms/task-state.ts';

/** An application in figures. */
export interface TasksStats {
  /** By name: those that workers here take from, those that are paused, and those in which something is. */
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
  /** Tasks that wait for their moment. */
  readonly scheduled: number;
  /** Tasks in quarantine. */
  readonly quarantined: number;
  /** Those of this process. */
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
  /** Whether this process fires the schedules. */
  readonly isLeader: boolean;
  /** What keeps the tasks, and whether they outlive the process there. */
  readonly store: { readonly kind: string; readonly isDurable: boolean };
}

/** Each with one plain object. Told after the change is stored, in the order in which it was. */
export interface TasksEvents {
  /** A task, a chain or a group is stored. */
  submitted: {
    readonly id: TaskId;
    readonly name: string;
    readonly queue: string;
    readonly dueAt: Date | undefined;
  };
  /** A run begins. */
  started: {
    readonly id: TaskId;
    readonly name: string;
    readonly attempt: number;
    readonly run: number;
    readonly worker: string;
  };
  /** One that the codec does not take is told as `{ refused: … }`, which says why. */
  progress: { readonly id: TaskId; readonly value: unknown };
  /** A task has ended well, so many ms after its last run began. */
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
  /** A slot of a schedule was submitted. */
  fired: { readonly schedule: string; readonly slot: Date; readonly id: TaskId };
  /** A slot that was not run, and why. */
  skipped: {
    readonly schedule: string;
    readonly slot: Date;
    readonly why: 'overlap' | 'missed';
  };
  /** A worker of this process came, went, or has another number of runners. */
  worker: {
    readonly name: string;
    readonly what: 'online' | 'offline' | 'scaled';
    readonly runners: number;
  };
}
