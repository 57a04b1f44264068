/** What a task's body is given: an actor's self, and what is particular to tasks. */

import type { Message, Operation, Self } from 'beamish';
import type { TaskId } from '../terms/task-state.ts';
import type { Complete } from './signature.ts';
import type { SubmitOptions } from './submit-options.ts';

declare const BECOMES: unique symbol;

/** What a body returns that wants to become other work. */
export interface Becoming<out O> {
  readonly [BECOMES]: O;
}

/** A task's body is an actor's: it spawns, links, calls, receives and is ended like any other. What is particular to tasks is under `task`. */
export interface TaskSelf<M extends Message = never> extends Self<M> {
  /** What is particular to tasks. */
  readonly task: TaskRun;
}

/** One run of a task, as its body sees it under `self.task`. */
export interface TaskRun {
  /** Of the task: the same in each of its runs. */
  readonly id: TaskId;
  /** Of the task. */
  readonly name: string;
  /** The task that everything here came from, and the one that submitted this one. */
  readonly root: TaskId;
  /** The task, or the join, that made this one; undefined if the outside did. */
  readonly parent: TaskId | undefined;
  /** 1, and one more after each retry. */
  readonly attempt: number;
  /** 1, and one more each time it is given to a runner, crashes included: nothing that an earlier run does counts any more. */
  readonly run: number;
  /** As they were given to the task, or to what it came from. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** Aborts on revocation, the soft time limit, a lost lease, and the end of `close`'s patience. */
  readonly signal: AbortSignal;
  /** Epoch ms of the hard time limit. */
  readonly deadline: number | undefined;
  /** What was last kept by `checkpoint`, by this run or one before. */
  readonly saved: unknown;
  /** Shown to those who watch; the latest wins, and it may be lost. Never fails, never waits. */
  progress(value: unknown): void;
  /** Kept when it returns; the next run of this task finds it in `saved`. */
  checkpoint(value: unknown): Operation<void>;
  /**
   * Runs `step` unless this task has done so under `key`, and results in what it resulted in then, over
   * retries and crashes. Not promised: that a step runs once. A crash between its effect and the note of
   * it runs it again.
   *
   * ```ts
   * const receipt = yield* self.task.once('charge', () => charge(card, amount));
   * ```
   */
  once<T>(key: string, step: () => T | PromiseLike<T>): Operation<T>;
  /** A task of its own, which does not end with this one. Stored when it returns. */
  submit<O>(signature: Complete<O>, options?: SubmitOptions): Operation<TaskId<O>>;
  /** `return self.task.become(…)`: ends this run, frees its runner, and makes the result of `signature` that of this task (Celery's replace). */
  become<O>(signature: Complete<O>): Becoming<O>;
  /** Ends this attempt and asks for another one, if the policy has any left; `cause` is the failure if not. */
  retry(options?: { readonly afterMs?: number; readonly cause?: unknown }): never;
}
