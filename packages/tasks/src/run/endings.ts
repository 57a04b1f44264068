/** What the end of a body means for its task. */

import type { Definition } from '../canvas/definition.ts';
import type { TaskEvent } from '../state/events.ts';
import type { TaskRecord } from '../state/record.ts';
import { encode, NotStorable } from '../terms/codec.ts';
import { failedErrorOf, type TaskFailure } from '../terms/failure.ts';
import { judge } from '../terms/retry.ts';
import { DEFAULT_MAX_BYTES } from '../terms/task-options.ts';
import type { EndedBy } from '../tree/messages.ts';
import type { Ending } from './body-run.ts';
import { InvalidArguments } from './runner.ts';

/** The hard limit of a task, as the error that it fails with. */
export class TimeLimitReached extends Error {
  constructor(hardMs: number) {
    super(`It has not ended within its hard time limit of ${hardMs} ms`);
  }

  override get name(): string {
    return 'TimeLimitReached';
  }
}

/** A result that is larger than its task allows. */
class ResultTooLarge extends Error {
  override get name(): string {
    return 'ResultTooLarge';
  }
}

/** A body that has ended. */
export interface Ended {
  /** Of its task. */
  readonly record: TaskRecord;
  /** Of its task. */
  readonly definition: Definition;
  /** What it came to by itself. */
  readonly ending: Ending | undefined;
  /** Who ended it. */
  readonly endedBy: EndedBy | undefined;
  /** Of its actor. */
  readonly exitReason: unknown;
  /** When. */
  readonly now: number;
  /** For the back-off. */
  readonly random: () => number;
  /** Told what the retry policy has thrown, which is the program's. */
  readonly policyFailed: (name: string, error: unknown) => void;
}

/** What the end of a body means for its task. */
export function eventOf(ended: Ended): TaskEvent {
  const { record, ending, endedBy, exitReason, definition, now } = ended;
  const { run } = record;
  // What it came to counts, even if it was just about to be ended.
  if (ending !== undefined) return eventOfEnding(ended, ending);
  switch (endedBy) {
    case 'time_limit': {
      const error = new TimeLimitReached(definition.options.limits?.hardMs ?? 0);
      return failing(ended, error, 'time_limit');
    }
    case 'revoked':
    case 'stale':
    case 'returned':
      return { kind: 'return', run, now };
    case undefined:
      return failing(ended, exitReason, 'error');
  }
}

function eventOfEnding(ended: Ended, ending: Ending): TaskEvent {
  const { record, definition, now } = ended;
  const { run } = record;
  switch (ending.kind) {
    case 'becomes':
      return { kind: 'become', run, signature: ending.work, now };
    case 'threw': {
      const { error } = ending;
      if (error instanceof InvalidArguments) return failed(ended, error, 'invalid');
      if (error instanceof NotStorable) return failed(ended, error, 'codec');
      return failing(ended, error, 'error');
    }
    case 'retries': {
      const { afterMs, cause, hasCause } = ending;
      const error = hasCause ? cause : new Error('The task asked for another attempt');
      return failing(ended, error, 'error', { afterMs });
    }
    case 'returned':
      return eventOfValue(record, definition, ending.value, now);
  }
}

/** The body has returned this, as nearly all do. */
export function eventOfValue(
  record: TaskRecord,
  definition: Definition,
  returned: unknown,
  now: number,
): TaskEvent {
  const { maxBytes = DEFAULT_MAX_BYTES, ignore = false } = definition.options.result ?? {};
  let value: string;
  try {
    value = encode(returned, 'the result');
  } catch (error) {
    return failed({ record, now }, error, error instanceof NotStorable ? 'codec' : 'error');
  }
  // A character has three bytes at most.
  const bytes = value.length * 3 > maxBytes ? Buffer.byteLength(value) : 0;
  if (bytes > maxBytes) {
    const what = `The result has ${bytes} bytes, and ${maxBytes} are the most`;
    return failed({ record, now }, new ResultTooLarge(what), 'too_large');
  }
  return { kind: 'succeed', run: record.run, value: ignore ? '' : value, now };
}

/** It cannot be run here at all, and trying again does not help. */
export function cannotRun(record: TaskRecord, now: number, error: unknown): TaskEvent {
  return failed({ record, now }, error, 'unknown_task');
}

/** The same, told at another time: two threads may see the calendar differently. */
export function toldAt(event: TaskEvent, now: number): TaskEvent {
  if (!('now' in event)) return event;
  if (event.kind !== 'fail' || event.retryAt === undefined) return { ...event, now };
  return { ...event, now, retryAt: now + (event.retryAt - event.now) };
}

/** Another attempt, if the policy has any left. */
function failing(
  ended: Ended,
  error: unknown,
  reason: TaskFailure['reason'],
  asked?: { readonly afterMs: number | undefined },
): TaskEvent {
  const { record, definition, random, now } = ended;
  const verdict = judge(definition.options.retry, error, record.attempt, random, asked);
  if (verdict.policyError !== undefined) ended.policyFailed(record.name, verdict.policyError);
  const { afterMs } = verdict;
  return failed(ended, error, reason, afterMs === undefined ? undefined : now + afterMs);
}

function failed(
  { record, now }: Pick<Ended, 'record' | 'now'>,
  error: unknown,
  reason: TaskFailure['reason'],
  retryAt?: number,
): TaskEvent {
  const { id, name, attempt, run } = record;
  const failure: TaskFailure = {
    task: id,
    name,
    state: 'failed',
    reason,
    attempt,
    error: failedErrorOf(error),
  };
  return { kind: 'fail', run, failure: encode(failure, 'the failure'), retryAt, now };
}
