/** The one place where this package speaks to people: reports of beamish, each a kind, facts and a line of text. */

import type { Caller } from 'beamish';
import { report } from 'beamish/observation';
import type { TaskRecord } from '../state/record.ts';
import type { StoreNews } from '../stores/store.ts';
import type { TaskFailure } from '../terms/failure.ts';
import { readFailure } from '../terms/outcome.ts';

declare module 'beamish' {
  interface SystemEvents {
    /** A task has ended without success. */
    task_failed: { readonly id: string; readonly name: string; readonly failure: TaskFailure };
    /** Tasks have waited for over a minute in a queue that no worker here takes from. */
    tasks_unserved: {
      readonly queue: string;
      readonly queued: number;
      readonly oldestMs: number;
    };
    /** Stored tasks of a name that nobody has defined here wait until somebody does. */
    tasks_undefined: { readonly name: string; readonly queued: number };
    /** A listener, a policy or a key of the program has thrown where nobody could catch it. */
    tasks_callback_failed: { readonly what: string; readonly error: unknown };
    /** A slot of a schedule could not be submitted. */
    tasks_schedule_failed: { readonly schedule: string; readonly why: string };
    /** The store keeps nothing at the moment: submissions are refused, and nothing is begun. */
    tasks_store_failed: { readonly why: string };
    tasks_store_recovered: Readonly<Record<string, never>>;
    /** The end of the store's journal was cut off: nobody had been told that it was kept. */
    tasks_store_repaired: Readonly<Record<string, unknown>>;
    /** A part of the store's journal is damaged, and was passed over. */
    tasks_store_damaged: Readonly<Record<string, unknown>>;
  }
}

export function reportEnd(by: Caller, record: TaskRecord): void {
  const { id, name, state, attempt, onFailure, join } = record;
  const failure = readFailure(record.outcome as string);
  const { message } = failure.error;
  const next =
    join !== undefined
      ? `${join.id}, which it is a part of, goes on without it or fails with it`
      : onFailure !== undefined
        ? 'its handler is submitted'
        : state === 'revoked'
          ? 'nothing follows'
          : 'retry(id) puts it back';
  report(
    by,
    {
      kind: 'task_failed',
      facts: { id, name, state, attempt, reason: failure.reason, error: message, next },
      text: `task ${name} (${id}) ${ENDED[failure.state]} in attempt ${attempt}: ${message}; ${next}`,
    },
    { id, name, failure },
  );
}

const ENDED = {
  failed: 'failed',
  revoked: 'was revoked',
  expired: 'expired',
  quarantined: 'was put into quarantine',
} as const;

export function reportUnserved(by: Caller, queue: string, queued: number, oldestMs: number): void {
  const facts = { queue, queued, oldestMs };
  const seconds = Math.round(oldestMs / 1000);
  const text = `${queued} tasks wait in the queue "${queue}", the oldest for ${seconds} s, and no worker takes from it`;
  report(by, { kind: 'tasks_unserved', facts, text }, facts);
}

export function reportUndefined(by: Caller, name: string, queued: number): void {
  const facts = { name, queued };
  const text = `${queued} stored tasks named "${name}" wait until this task is defined: add it to the tasks of the application`;
  report(by, { kind: 'tasks_undefined', facts, text }, facts);
}

export function reportCallback(by: Caller, what: string, error: unknown): void {
  const text = `${what} has thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  report(
    by,
    { kind: 'tasks_callback_failed', facts: { what, error: String(error) }, text },
    {
      what,
      error,
    },
  );
}

/** Tells what the retry policy of a task has thrown, which is the program's. */
export function policyReporter(by: Caller): (name: string, error: unknown) => void {
  return (name, error) => reportCallback(by, `the retry policy of the task ${name}`, error);
}

/** Without a reason: it keeps again. */
export function reportStore(by: Caller, why: string | undefined): void {
  if (why === undefined) {
    const text = 'the store of the tasks keeps again';
    report(by, { kind: 'tasks_store_recovered', facts: {}, text }, {});
  } else {
    const text = `the store of the tasks keeps nothing: ${why}`;
    report(by, { kind: 'tasks_store_failed', facts: { why }, text }, { why });
  }
}

export function reportStoreNews(by: Caller, { kind, facts, text }: StoreNews): void {
  report(by, { kind: `tasks_store_${kind}`, facts, text: `store of the tasks: ${text}` }, facts);
}

export function reportSchedule(by: Caller, schedule: string, why: string): void {
  const text = `a slot of the schedule "${schedule}" was not submitted: ${why}`;
  report(by, { kind: 'tasks_schedule_failed', facts: { schedule, why }, text }, { schedule, why });
}
