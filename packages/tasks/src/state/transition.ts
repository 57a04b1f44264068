/**
 * The state table, as a pure function: nothing else changes a record, and only what it returns is written.
 * What must not be lost is in the records; effects happen once they are kept.
 */

import { isFinal } from '../terms/task-state.ts';
import type { Applied, Effect, Refused, TaskEvent, Transition } from './events.ts';
import { memberEnded, putBack } from './joins.ts';
import {
  applied,
  begin,
  enqueue,
  expire,
  fail,
  failureText,
  join,
  madeMembers,
  makeMembers,
  released,
  revoke,
  schedule,
  succeed,
} from './lifecycle.ts';
import type { Members, TaskRecord } from './record.ts';

const STALE: Refused = { refused: 'stale' };
const FINAL: Refused = { refused: 'final' };
const WRONG_STATE: Refused = { refused: 'wrong_state' };

/** What becomes of a record by an event, or why nothing does. */
export function transition(record: TaskRecord | undefined, event: TaskEvent): Transition {
  if (event.kind === 'submit') return record === undefined ? begin(event.task, event.now) : FINAL;
  if (record === undefined) return WRONG_STATE;
  if ('run' in event && event.run !== record.run) return STALE;
  if (event.kind === 'retry') return isFinal(record.state) ? putBack(record, event) : WRONG_STATE;
  if (event.kind === 'forget') return forget(record, event.joinIsOpen === true);
  if (isFinal(record.state)) return FINAL;
  switch (record.state) {
    case 'scheduled':
    case 'queued':
      return waiting(record, event);
    case 'running':
      return running(record, event);
    case 'joining':
      return joining(record, event);
    default:
      return FINAL;
  }
}

/** Of a task that has not begun, or waits for another attempt. */
function waiting(record: TaskRecord, event: TaskEvent): Transition {
  const { now } = event as { readonly now: number };
  const mayExpire = record.run === 0;
  const isLate = mayExpire && record.expiresAt !== undefined && record.expiresAt <= now;
  switch (event.kind) {
    case 'due':
      if (record.state !== 'scheduled') return WRONG_STATE;
      if (isLate) return expire(record, now);
      return record.members === undefined ? enqueue(record, now) : join(record, now);
    case 'claim':
      if (record.state !== 'queued') return WRONG_STATE;
      if (isLate) return expire(record, now);
      return claim(record, event.worker, event.leaseUntil, now);
    case 'expire':
      return mayExpire && record.expiresAt !== undefined ? expire(record, now) : WRONG_STATE;
    case 'revoke':
      return revoke(record, event.reason, now);
    default:
      return WRONG_STATE;
  }
}

function running(record: TaskRecord, event: TaskEvent): Transition {
  switch (event.kind) {
    case 'succeed':
      return succeed(record, event.value, event.now);
    case 'fail':
      if (event.retryAt === undefined) return fail(record, 'failed', event.failure, event.now);
      return retryAt(record, event.retryAt, event.failure);
    case 'become':
      return become(record, event.signature, event.now);
    case 'checkpoint':
      return applied({ ...record, saved: event.value });
    case 'return':
      return enqueue(released(record), event.now);
    case 'lost':
      return lose(record, event.maxCrashes, event.why ?? 'runner', event.now);
    case 'revoke': {
      if (event.running === 'spare') return WRONG_STATE;
      const { run, worker = '' } = record;
      const ending = {
        kind: 'end_body',
        id: record.id,
        worker,
        run,
        how: event.running,
        graceMs: event.graceMs,
      } as const;
      return revoke(record, event.reason, event.now, [ending]);
    }
    default:
      return WRONG_STATE;
  }
}

function joining(record: TaskRecord, event: TaskEvent): Transition {
  if (event.kind === 'member') return memberEnded(record, event);
  if (event.kind !== 'revoke') return WRONG_STATE;
  const also = madeMembers(record).map((id) => ({ id, event }));
  const ended = revoke(record, event.reason, event.now);
  return { ...ended, also: [...also, ...ended.also] };
}

function claim(record: TaskRecord, worker: string, leaseUntil: number, now: number): Applied {
  const claimed: TaskRecord = {
    ...record,
    state: 'running',
    run: record.run + 1,
    startedAt: now,
    worker,
    leaseUntil,
  };
  return applied(claimed, [{ kind: 'tell', event: 'started', of: claimed }]);
}

function retryAt(record: TaskRecord, at: number, failure: string): Applied {
  const again = {
    ...released(record),
    attempt: record.attempt + 1,
    dueBy: 'clock',
    queuedAt: undefined,
  } as const;
  const scheduled = schedule(again, at);
  const of = scheduled.record as TaskRecord;
  const told: Effect = { kind: 'tell', event: 'retrying', of, failure };
  return { ...scheduled, effects: [...scheduled.effects, told] };
}

function become(record: TaskRecord, of: string, now: number): Applied {
  const members: Members = {
    kind: 'become',
    pending: 1,
    failed: 0,
    next: 0,
    all: 1,
    of,
    limit: 1,
    settle: false,
  };
  return makeMembers({ ...released(record), state: 'joining', members }, now, undefined);
}

function lose(
  record: TaskRecord,
  maxCrashes: number | 'infinity',
  why: 'runner' | 'lease',
  now: number,
): Applied {
  const crashes = record.crashes + 1;
  const lost: TaskRecord = { ...released(record), crashes };
  const told: Effect = { kind: 'tell', event: 'lost', of: lost, why };
  const ended =
    maxCrashes === 'infinity' || crashes < maxCrashes
      ? enqueue(lost, now)
      : fail(
          lost,
          'quarantined',
          failureText(lost, 'quarantined', 'crashed', {
            name: 'Crashed',
            message: `Its runner was lost ${crashes} times while it ran`,
          }),
          now,
        );
  return { ...ended, effects: [told, ...ended.effects] };
}

function forget(record: TaskRecord, joinIsOpen: boolean): Transition {
  if (!isFinal(record.state) || joinIsOpen) return WRONG_STATE;
  const also = madeMembers(record).map((id) => ({ id, event: { kind: 'forget' } as const }));
  return { record: undefined, insert: [], also, effects: [] };
}
