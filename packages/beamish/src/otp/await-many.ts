/** Waiting for several tasks with one time-out (Elixir's await_many and yield_many). */

import { settling } from '../operations/call.ts';
import type { Request } from '../signals/requests.ts';
import { cellOfSelf, making } from '../system/self.ts';
import type { Operation, Outcome } from '../terms/operation.ts';
import { checkValue, DEADLINE } from '../terms/options.ts';
import type { Context } from '../terms/self-types.ts';
import { requestOf, type Task, takeOutcome, takeRequest } from './task.ts';

/** How long many tasks are waited for, in ms. */
const DEFAULT_WAIT_MS = 5000;

type ResultOf<T> = T extends Task<infer R, infer _M> ? R : never;

/**
 * Waits for several tasks, `ms` for all of them together, and returns what they returned, in the order
 * of `tasks`.
 *
 * @throws CallFailed as soon as one fails, or with `'timeout'`; the others are given up, but run on.
 */
export function awaitMany<const T extends readonly Task<unknown>[]>(
  self: Context,
  tasks: T,
  ms: number | 'infinity' = DEFAULT_WAIT_MS,
): Operation<{ -readonly [K in keyof T]: ResultOf<T[K]> }> {
  checkValue('Cannot await many tasks', 'ms', ms, DEADLINE);
  const owner = cellOfSelf(self);
  for (const each of tasks) requestOf(each, owner);
  const requests = tasks.map((each) => takeRequest(each, owner));
  const failed = requests.some(({ state }) => state === 'failed');
  const waiting = settling(owner, {
    requests: failed ? [] : requests,
    ms,
    suffices: ({ state }, pending) => pending === 0 || state === 'failed',
    result: () => valuesOf(requests) as { -readonly [K in keyof T]: ResultOf<T[K]> },
  });
  return making(self, 'awaitMany', waiting);
}

function valuesOf(requests: readonly Request[]): unknown[] {
  const failed = requests.find(({ state }) => state === 'failed');
  const missing = requests.filter(({ state }) => state === 'pending');
  for (const request of missing) request.abandon();
  if (failed !== undefined) throw failed.failure();
  if (missing[0] !== undefined) throw missing[0].failure('timeout');
  return requests.map(({ value }) => value);
}

/**
 * Waits for several tasks, for at most `ms` altogether, and throws nothing: for each, in the order of
 * `tasks`, its outcome, or undefined if it is not done, and goes on.
 */
export function yieldMany<const T extends readonly Task<unknown>[]>(
  self: Context,
  tasks: T,
  ms: number | 'infinity' = DEFAULT_WAIT_MS,
): Operation<{ -readonly [K in keyof T]: Outcome<ResultOf<T[K]>> | undefined }> {
  const owner = cellOfSelf(self);
  const requests = tasks.map((each) => requestOf(each, owner));
  const waiting = settling(owner, {
    requests,
    ms,
    suffices: (_, pending) => pending === 0,
    result: () => tasks.map(takeOutcome) as { -readonly [K in keyof T]: Outcome<ResultOf<T[K]>> },
  });
  return making(self, 'yieldMany', waiting);
}
