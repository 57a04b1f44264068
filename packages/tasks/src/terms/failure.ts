/** How tasks end without success, as data; and the errors that those who wait for one get. */

import type { Outcome } from 'beamish';
import { decode, encode, NotStorable } from './codec.ts';
import type { TaskId, TaskState } from './task-state.ts';

/** Why a task ended without success, as data. A chain or group has the failure of the member that failed it: `task` and `name` are that one's. */
export interface TaskFailure {
  /** Which one failed: of a chain or group, the member that did. */
  readonly task: TaskId;
  /** Of that task. */
  readonly name: string;
  /** In which it ended. */
  readonly state: 'failed' | 'revoked' | 'expired' | 'quarantined';
  /** Why, for programs to compare. */
  readonly reason:
    | 'error'
    | 'time_limit'
    | 'invalid'
    | 'codec'
    | 'too_large'
    | 'unknown_task'
    | 'crashed'
    | 'revoked'
    | 'expired';
  /** In which it did. */
  readonly attempt: number;
  /** As it was thrown; `data` holds the own fields that the codec takes. */
  readonly error: FailedError;
}

/** An error, as data. */
export interface FailedError {
  /** Of its class. */
  readonly name: string;
  /** What it says. */
  readonly message: string;
  /** Where it was thrown. */
  readonly stack?: string;
  /** Its own fields, so far as the codec takes them. */
  readonly data?: unknown;
  /** What it was caused by: another one of these, or what the codec took. */
  readonly cause?: unknown;
}

/** How a task ended, as data: an `Outcome` of beamish whose reason is a `TaskFailure`. */
export type TaskOutcome<O> =
  | Extract<Outcome<O>, { readonly ok: true }>
  | { readonly ok: false; readonly reason: TaskFailure };

/** What `get` rejects with. `cause` is an `Error` with the name, message and stack of the original, never an instance of its class. */
export class TaskFailed extends Error {
  /** How it ended. */
  readonly failure: TaskFailure;

  constructor(failure: TaskFailure) {
    const { name, task, state, error } = failure;
    super(`Task ${name} (${task}) has ${ENDED[state]}: ${error.message}`, {
      cause: errorOf(error),
    });
    this.failure = failure;
  }

  override get name(): string {
    return 'TaskFailed';
  }
}

const ENDED = {
  failed: 'failed',
  revoked: 'been revoked',
  expired: 'expired',
  quarantined: 'been put into quarantine',
} as const;

/** What `get` rejects with when its time is over; the task goes on. */
export class TaskUnfinished extends Error {
  /** Of the task. */
  readonly id: TaskId;
  /** In which it is; `unknown` of one that was never submitted here, or is forgotten. */
  readonly state: TaskState | 'unknown';

  constructor(id: TaskId, state: TaskState | 'unknown', withinMs: number) {
    super(
      state === 'unknown'
        ? `Cannot get the result of ${id}: nothing is known of it after ${withinMs} ms; it was never submitted here, or is forgotten`
        : `Cannot get the result of ${id} within ${withinMs} ms: it is ${state}, and goes on`,
    );
    this.id = id;
    this.state = state;
  }

  override get name(): string {
    return 'TaskUnfinished';
  }
}

/** An error again, with what is left of it. */
function errorOf(failed: FailedError): Error {
  const { cause } = failed;
  const error = new Error(
    failed.message,
    isFailedError(cause) ? { cause: errorOf(cause) } : { cause },
  );
  if (cause === undefined) delete (error as { cause?: unknown }).cause;
  Object.defineProperty(error, 'name', { value: failed.name, configurable: true, writable: true });
  Object.defineProperty(error, 'stack', {
    value: failed.stack ?? `${failed.name}: ${failed.message}`,
    configurable: true,
    writable: true,
  });
  return error;
}

function isFailedError(value: unknown): value is FailedError {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<FailedError>).message === 'string' &&
    typeof (value as Partial<FailedError>).name === 'string'
  );
}

/** So many causes of causes are kept. */
const MOST_CAUSES = 8;

/** What was thrown, as data: of whatever kind it is, something readable. Looking at it may throw, too. */
export function failedErrorOf(thrown: unknown, left = MOST_CAUSES): FailedError {
  try {
    return thrown instanceof Error ? describe(thrown, left) : describeOther(thrown);
  } catch (error) {
    return { name: 'Error', message: `What was thrown cannot be read: ${String(error)}` };
  }
}

function describe(error: Error, left: number): FailedError {
  const { stack, cause } = error;
  const data = storableFields(error);
  return {
    name: String(error.name),
    message: String(error.message),
    ...(typeof stack === 'string' && { stack }),
    ...(data !== undefined && { data }),
    ...(cause !== undefined && left > 0 && { cause: causeOf(cause, left - 1) }),
  };
}

function causeOf(cause: unknown, left: number): unknown {
  return cause instanceof Error ? failedErrorOf(cause, left) : storableOr(cause, String);
}

function describeOther(thrown: unknown): FailedError {
  const message = typeof thrown === 'string' ? thrown : `${textOf(thrown)} was thrown`;
  const data = storableOr(thrown, () => undefined);
  return { name: 'Error', message, ...(data !== undefined && { data }) };
}

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return storableOr(value, () => undefined) === undefined
    ? Object.prototype.toString.call(value)
    : encode(value, 'it');
}

const OWN = ['name', 'message', 'stack', 'cause'];

/** The own fields of an error that the codec takes. */
function storableFields(error: object): unknown {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(error)) {
    if (OWN.includes(key)) continue;
    const kept = storableOr(value, () => undefined);
    if (kept !== undefined) fields[key] = kept;
  }
  return Object.keys(fields).length === 0 ? undefined : fields;
}

function storableOr(value: unknown, otherwise: (value: unknown) => unknown): unknown {
  try {
    return decode(encode(value, 'it'));
  } catch (error) {
    if (!(error instanceof NotStorable)) throw error;
    return otherwise(value);
  }
}
