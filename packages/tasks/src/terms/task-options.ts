/** What a task's definition says besides its body. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { RetryPolicy } from './retry.ts';
import type { Priority } from './task-state.ts';

/** What a definition says besides its body. */
export interface TaskOptions<A extends unknown[] = never> {
  /** Default `'default'`. */
  readonly queue?: string;
  /** Default 0, which is last. */
  readonly priority?: Priority;
  /** Default: a failure is final. */
  readonly retry?: RetryPolicy;
  /** Runs that ended with their runner (process killed, thread died) before the task is put into quarantine. Default 3; 1 means that it is never run again after a crash. */
  readonly maxCrashes?: number | 'infinity';
  /** How long it may take, and how many may run. Of this process alone, also where the store is shared. */
  readonly limits?: NoInfer<Limits<A>>;
  /** What is kept of it when it has ended. */
  readonly result?: ResultPolicy;
  /**
   * Runs in a thread of its own, which imports this module and finds the task among its exports. For what
   * computes longer than some ms without a `yield*`. It needs `threads` among the options of the application,
   * a pool in which nothing else should run: a thread that computes beyond `hardMs`, or longer than the pool's
   * `stallMs` allows, is killed and another one takes its place. The first is a failure, the second a crash.
   */
  readonly thread?: ImportMeta;
  /** Of the list of arguments: looks at what comes from outside, such as Python, before the body does. What does not pass is a failure, `'invalid'`, without a retry. Must answer at once. */
  readonly schema?: StandardSchemaV1<unknown, A>;
}

/** How long a task may take, and how many may run. */
export interface Limits<A extends unknown[] = never> {
  /** `self.task.signal` aborts. An error that comes of it is a failure like others. */
  readonly softMs?: number;
  /**
   * The body is ended: `finally` blocks run if it is waiting; a thread that computes is killed. The failure is
   * `'time_limit'`, and is retried if the policy takes it. What computes without `thread` cannot be ended: it
   * holds the whole process up, and fails by its limit when it next waits; if it ends without waiting, it succeeds.
   */
  readonly hardMs?: number;
  /** Starts per time, for each key if there is one. */
  readonly rate?: { readonly count: number; readonly periodMs: number };
  /** At most so many at a time, for each key if there is one. Tasks that wait for their turn let others of their queue pass, and keep their order. */
  readonly concurrency?: number;
  /** Of the arguments, or the first few of them; annotate its parameters. (A method, so that it takes no part in inferring `A`.) */
  key?(...args: A): string;
}

/** What is kept of a task that has ended. */
export interface ResultPolicy {
  /** How long after its end a task is known. Default a day. A member is known until its chain or group has ended, whatever this says. */
  readonly keepMs?: number;
  /** A result that is larger, encoded, is a failure. Default 1 MiB. */
  readonly maxBytes?: number;
  /** The value is thrown away; state and errors are kept. */
  readonly ignore?: boolean;
}

export const DEFAULT_QUEUE = 'default';
export const DEFAULT_KEEP_MS = 86_400_000;
export const DEFAULT_MAX_BYTES = 1024 * 1024;
export const DEFAULT_MAX_CRASHES = 3;

/** @throws TypeError or RangeError for options that are none. */
export function checkTaskOptions(name: string, options: TaskOptions<never>): void {
  const { queue, priority, retry, maxCrashes, limits, result, schema } = options;
  const action = `Cannot define the task "${name}"`;
  if (queue !== undefined && (typeof queue !== 'string' || queue === ''))
    throw new TypeError(`${action}: its queue is a string that is not empty, not ${String(queue)}`);
  if (priority !== undefined) checkPriority(action, priority);
  if (retry !== undefined && !isCount(retry.max, 0))
    throw new RangeError(
      `${action}: retry.max is a whole number from 0 up, not ${String(retry.max)}`,
    );
  if (maxCrashes !== undefined && maxCrashes !== 'infinity' && !isCount(maxCrashes, 1))
    throw new RangeError(
      `${action}: maxCrashes is a whole number from 1 up, or 'infinity', not ${String(maxCrashes)}`,
    );
  if (limits !== undefined) checkLimits(action, limits);
  for (const key of ['keepMs', 'maxBytes'] as const) {
    const value = result?.[key];
    if (value !== undefined && !(value >= 0))
      throw new RangeError(`${action}: result.${key} is a number from 0 up, not ${String(value)}`);
  }
  if (schema !== undefined && typeof schema?.['~standard']?.validate !== 'function')
    throw new TypeError(`${action}: its schema is none of Standard Schema`);
}

export function checkPriority(action: string, priority: unknown): void {
  if (!(Number.isInteger(priority) && (priority as number) >= 0 && (priority as number) <= 9))
    throw new RangeError(`${action}: a priority is 0 to 9, not ${String(priority)}`);
}

function checkLimits(action: string, limits: Limits<never>): void {
  const { softMs, hardMs, rate, concurrency } = limits;
  for (const [key, ms] of Object.entries({ softMs, hardMs }))
    if (ms !== undefined && !isCount(ms, 1))
      throw new RangeError(
        `${action}: limits.${key} is a whole number of milliseconds from 1 up, not ${String(ms)}`,
      );
  if (concurrency !== undefined && !isCount(concurrency, 1))
    throw new RangeError(
      `${action}: limits.concurrency is a whole number from 1 up, not ${String(concurrency)}`,
    );
  if (rate !== undefined && !(isCount(rate.count, 1) && rate.periodMs > 0))
    throw new RangeError(
      `${action}: limits.rate is a whole number from 1 up per time above 0, not ${String(rate.count)} per ${String(rate.periodMs)} ms`,
    );
}

function isCount(value: number, least: number): boolean {
  return Number.isInteger(value) && value >= least;
}
