/** How tasks, chains and groups begin and end: the steps that the state table is made of. */

import type { TaskFailure } from '../terms/failure.ts';
import { failureOf, successOf } from '../terms/outcome.ts';
import { draftOf, memberOf } from './drafts.ts';
import type { Applied, Effect } from './events.ts';
import { type Members, memberId, readWork, type TaskRecord } from './record.ts';

/** Where a draft is first. */
export function begin(task: TaskRecord, now: number): Applied {
  const told: Effect = { kind: 'tell', event: 'submitted', of: task };
  if (task.dueAt > now) return schedule(task, task.dueAt, told);
  if (task.members === undefined) return enqueue(task, now, told);
  const begun = join(task, now);
  return { ...begun, effects: [told, ...begun.effects] };
}

/** Nearly always nothing happens to others. */
const NONE: readonly never[] = [];

export function applied(record: TaskRecord, effects: readonly Effect[] = NONE): Applied {
  return { record, insert: NONE, also: NONE, effects };
}

/** `told` comes before what follows from it. */
export function schedule(record: TaskRecord, dueAt: number, told?: Effect): Applied {
  const at = soonest(dueAt, record.run === 0 ? record.expiresAt : undefined);
  const wake: Effect = { kind: 'wake_at', at };
  const effects = told === undefined ? [wake] : [told, wake];
  return applied({ ...record, state: 'scheduled', dueAt }, effects);
}

/** Likewise. */
export function enqueue(record: TaskRecord, now: number, told?: Effect): Applied {
  const { queue, expiresAt, run, queuedAt = now } = record;
  const offer: Effect = { kind: 'offer', queue };
  // Not pushed one by one, which makes room for seventeen.
  const effects = told === undefined ? [offer] : [told, offer];
  if (expiresAt !== undefined && run === 0) effects.push({ kind: 'wake_at', at: expiresAt });
  const isThere = record.state === 'queued' && record.queuedAt === queuedAt;
  return applied(isThere ? record : { ...record, state: 'queued', queuedAt }, effects);
}

function soonest(a: number, b: number | undefined): number {
  return b === undefined ? a : Math.min(a, b);
}

/** A chain or group begins: with its first members, or, without any, by ending. */
export function join(record: TaskRecord, now: number): Applied {
  const members = record.members as Members;
  const joined: TaskRecord = { ...record, state: 'joining', startedAt: now };
  if (members.all < 0) {
    const failure = failureText(record, 'failed', 'invalid', {
      name: 'TypeError',
      message: 'The step before it has not resulted in a list, so there is nothing to do for each',
    });
    return fail(joined, 'failed', failure, now);
  }
  if (members.all === 0) return succeed(joined, '[]', now);
  return makeMembers(joined, now, undefined);
}

/**
 * Makes members while there is room. `result` is that of the step before, in a chain; `counted` are its members, if
 * they have changed since: a record is large, and large groups copy theirs once a member.
 */
export function makeMembers(
  record: TaskRecord,
  now: number,
  result: string | undefined,
  counted = record.members as Members,
): Applied {
  const { kind, all, pending, limit, next } = counted;
  const ended = all - pending;
  const until = kind === 'chain' ? next + 1 : Math.min(all, ended + limit);
  // Most ends of members of a small group make room for nobody.
  if (until <= next) return applied({ ...record, members: counted });
  const members: Members = { ...counted, next: until };
  const insert: TaskRecord[] = [];
  const also: Applied['also'][number][] = [];
  const effects: Effect[] = [];
  for (let i = next; i < until; i++) {
    const begun = begin(memberOf(record, i, result, now), now);
    insert.push(begun.record as TaskRecord, ...begun.insert);
    also.push(...begun.also);
    effects.push(...begun.effects);
  }
  return { record: { ...record, members }, insert, also, effects };
}

export function madeMembers({ id, members }: TaskRecord): string[] {
  return Array.from({ length: members?.next ?? 0 }, (_, i) => memberId(id, i));
}

export function succeed(record: TaskRecord, value: string, now: number): Applied {
  return end(record, 'succeeded', successOf(value), true, now, 'succeeded');
}

/** Ends it without success; `failure` is encoded. */
export function fail(
  record: TaskRecord,
  state: TaskFailure['state'],
  failure: string,
  now: number,
  effects: readonly Effect[] = [],
): Applied {
  const ended = end(record, state, failureOf(failure), false, now, 'failed');
  const handled = handler(record, failure, now);
  return {
    record: ended.record,
    insert: handled.insert,
    also: [...ended.also, ...handled.also],
    effects: [...effects, ...ended.effects, ...handled.effects],
  };
}

function end(
  record: TaskRecord,
  state: TaskRecord['state'],
  outcome: string,
  ok: boolean,
  now: number,
  event: 'succeeded' | 'failed',
): Applied {
  const { join: membership } = record;
  const ended: TaskRecord = {
    ...record,
    worker: undefined,
    leaseUntil: undefined,
    state,
    outcome,
    endedAt: now,
  };
  return {
    record: ended,
    insert: NONE,
    also:
      membership === undefined
        ? NONE
        : [
            {
              id: membership.id,
              event: { kind: 'member', index: membership.index, outcome, ok, now },
            },
          ],
    effects: [
      { kind: 'tell', event, of: ended },
      { kind: 'answer', id: record.id },
    ],
  };
}

/** Who is told of a failure: a task of its own. An operator may let the same one fail again, so its id has the version. */
function handler(record: TaskRecord, failure: string, now: number): Omit<Applied, 'record'> {
  if (record.onFailure === undefined) return { insert: [], also: [], effects: [] };
  const draft = draftOf(readWork(record.onFailure), {
    id: `${record.id}!${record.version}`,
    root: record.root,
    parent: record.id,
    join: undefined,
    headers: record.headers,
    input: failure,
    now,
  });
  const { record: made, insert, also, effects } = begin(draft, now);
  return { insert: [made as TaskRecord, ...insert], also, effects };
}

export function revoke(
  record: TaskRecord,
  reason: string,
  now: number,
  effects: readonly Effect[] = [],
): Applied {
  const failure = failureText(record, 'revoked', 'revoked', { name: 'Revoked', message: reason });
  const ended = end(record, 'revoked', failureOf(failure), false, now, 'failed');
  return { ...ended, effects: [...effects, ...ended.effects] };
}

export function expire(record: TaskRecord, now: number): Applied {
  const failure = failureText(record, 'expired', 'expired', {
    name: 'Expired',
    message: 'It had not begun when its time was over',
  });
  return fail(record, 'expired', failure, now);
}

export function failureText(
  { id, name, attempt }: TaskRecord,
  state: TaskFailure['state'],
  reason: TaskFailure['reason'],
  error: TaskFailure['error'],
): string {
  const failure: TaskFailure = { task: id, name, state, reason, attempt, error };
  return JSON.stringify(failure);
}

/** Nobody has it any more. */
export function released(record: TaskRecord): TaskRecord {
  return { ...record, worker: undefined, leaseUntil: undefined };
}
