/** What one may say of a task when it is submitted. */

import { checkPriority } from '../terms/task-options.ts';
import type { Priority } from '../terms/task-state.ts';

/** `delayMs` or `at`, and `expiresMs` or `expiresAt`; both are a TypeError, to the compiler and at run time. */
export type SubmitOptions = SubmitBase &
  (
    | {
        /** Not before so many ms from now (Celery's countdown). */
        readonly delayMs?: number;
        readonly at?: never;
      }
    | {
        /** Not before this moment (Celery's eta). */
        readonly at?: Date;
        readonly delayMs?: never;
      }
  ) &
  (
    | {
        /** Not begun so many ms from now, it never is. */
        readonly expiresMs?: number;
        readonly expiresAt?: never;
      }
    | {
        /** Not begun at this moment, it never is. */
        readonly expiresAt?: Date;
        readonly expiresMs?: never;
      }
  );

export interface SubmitBase {
  /** Default: a fresh one (nanoid; a UUID on Celery's wire). One that is taken by the same name and arguments is that task; by others, `submit` rejects with a RangeError. */
  readonly id?: string;
  /** While another one of this key is there and not ended (or, with `'kept'`, not forgotten), `submit` results in that one. */
  readonly unique?: string | { readonly key: string; readonly until: 'ended' | 'kept' };
  /** Of a chain or group: of all tasks in it that were not given another. */
  readonly queue?: string;
  /** Of a chain or group: of all tasks in it that were not given another. */
  readonly priority?: Priority;
  /** Carried along to every task that comes of it: trace context, tenant. */
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** The same, with what excludes each other forgotten. */
export interface GivenOptions extends SubmitBase {
  readonly delayMs?: number;
  readonly at?: Date;
  readonly expiresMs?: number;
  readonly expiresAt?: Date;
}

const KNOWN = [
  'id',
  'unique',
  'queue',
  'priority',
  'headers',
  'delayMs',
  'at',
  'expiresMs',
  'expiresAt',
];

/** @throws TypeError or RangeError for options that are none. */
export function checkSubmitOptions(options: GivenOptions): void {
  const action = 'Cannot submit';
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${action} with ${String(options)}: options are an object`);
  for (const key of Object.keys(options))
    if (!KNOWN.includes(key))
      throw new TypeError(`${action} with "${key}": there is no such option`);
  const { id, unique, queue, priority, headers, delayMs, at, expiresMs, expiresAt } = options;
  if (delayMs !== undefined && at !== undefined)
    throw new TypeError(`${action} with delayMs and at: they say the same; give one`);
  if (expiresMs !== undefined && expiresAt !== undefined)
    throw new TypeError(`${action} with expiresMs and expiresAt: they say the same; give one`);
  checkText(id, 'id');
  checkText(queue, 'queue');
  if (id !== undefined && /[.!]\d+$/.test(id))
    throw new RangeError(`${action} with the id "${id}": ids that end so are those of members`);
  if (unique !== undefined) {
    const { key, until } = typeof unique === 'string' ? { key: unique, until: 'ended' } : unique;
    checkText(key, 'unique');
    if (until !== 'ended' && until !== 'kept')
      throw new TypeError(`${action} unique until ${String(until)}: it is 'ended' or 'kept'`);
  }
  if (priority !== undefined) checkPriority(action, priority);
  checkMs(delayMs, 'delayMs');
  checkMs(expiresMs, 'expiresMs');
  checkDate(at, 'at');
  checkDate(expiresAt, 'expiresAt');
  if (headers !== undefined && (typeof headers !== 'object' || headers === null))
    throw new TypeError(`${action} with headers ${String(headers)}: they are an object`);
}

function checkText(text: unknown, what: string): void {
  if (text !== undefined && (typeof text !== 'string' || text === ''))
    throw new TypeError(
      `Cannot submit with ${what} ${String(text)}: it is a string that is not empty`,
    );
}

function checkMs(ms: unknown, what: string): void {
  if (ms !== undefined && !(typeof ms === 'number' && Number.isFinite(ms) && ms >= 0))
    throw new RangeError(
      `Cannot submit with ${what} ${String(ms)}: it is a number of milliseconds from 0 up`,
    );
}

function checkDate(date: unknown, what: string): void {
  if (date !== undefined && !(date instanceof Date && !Number.isNaN(date.getTime())))
    throw new TypeError(`Cannot submit with ${what} ${String(date)}: it is a valid Date`);
}
