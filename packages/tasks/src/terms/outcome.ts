/** How a task ended, as the store keeps it: an encoded `TaskOutcome`, taken apart and put together as text. */

import { decode } from './codec.ts';
import type { TaskFailure, TaskOutcome } from './failure.ts';
import { flatOf } from './flat.ts';

const SUCCEEDED = '{"ok":true,"value":';
/** Of a body that returned nothing. */
const SUCCEEDED_WITH_NOTHING = '{"ok":true}';
const FAILED = '{"ok":false,"reason":';

/** `value` is encoded; the empty text is no value. */
export function successOf(value: string): string {
  return value === '' ? SUCCEEDED_WITH_NOTHING : flatOf(SUCCEEDED, value, '}');
}

/** `failure` is encoded. */
export function failureOf(failure: string): string {
  return flatOf(FAILED, failure, '}');
}

export function isSuccess(outcome: string): boolean {
  return outcome.startsWith('{"ok":true');
}

/** The encoded value of a success; the empty text if there was none. */
export function valueIn(outcome: string): string {
  return outcome === SUCCEEDED_WITH_NOTHING ? '' : outcome.slice(SUCCEEDED.length, -1);
}

/** The encoded failure of what is no success. */
export function failureIn(outcome: string): string {
  return outcome.slice(FAILED.length, -1);
}

export function readFailure(outcome: string): TaskFailure {
  return decode(failureIn(outcome)) as TaskFailure;
}

export function readOutcome<O>(outcome: string): TaskOutcome<O> {
  if (!isSuccess(outcome)) return { ok: false, reason: readFailure(outcome) };
  return { ok: true, value: decode(valueIn(outcome)) as O };
}
