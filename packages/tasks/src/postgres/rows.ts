/** A record as a row of the table, and back. */

import type { Members, TaskRecord } from '../state/record.ts';
import { dueMoment } from '../stores/kept.ts';
import { isFinal } from '../terms/task-state.ts';

/**
 * The columns, as the table has them. Moments are doubles: whole numbers of them are exact, and one of them may
 * be infinite. `ord`, the order of insertion, is the database's own.
 */
export const COLUMNS = {
  id: 'text primary key',
  version: 'integer not null',
  name: 'text not null',
  state: 'text not null',
  queue: 'text not null',
  priority: 'smallint not null',
  attempt: 'integer not null',
  run: 'integer not null',
  crashes: 'integer not null',
  args: 'text not null',
  due_at: 'double precision not null',
  due_by: 'text not null',
  expires_at: 'double precision',
  submitted_at: 'double precision not null',
  queued_at: 'double precision',
  started_at: 'double precision',
  ended_at: 'double precision',
  keep_ms: 'double precision not null',
  worker: 'text',
  lease_until: 'double precision',
  root: 'text not null',
  parent: 'text',
  join_id: 'text',
  join_index: 'integer',
  on_failure: 'text',
  members: 'text',
  uniq: 'text',
  key: 'text',
  headers: 'text',
  saved: 'text',
  outcome: 'text',
  moment: 'double precision',
  forget_at: 'double precision',
} as const;

export type Row = Readonly<Record<keyof typeof COLUMNS, unknown>> & { readonly ord?: unknown };

export const COLUMN_NAMES = Object.keys(COLUMNS) as readonly (keyof typeof COLUMNS)[];

export function rowOf(record: TaskRecord, version: number): Row {
  const { join, members } = record;
  return {
    id: record.id,
    version,
    name: record.name,
    state: record.state,
    queue: record.queue,
    priority: record.priority,
    attempt: record.attempt,
    run: record.run,
    crashes: record.crashes,
    args: record.args,
    due_at: double(record.dueAt),
    due_by: record.dueBy,
    expires_at: double(record.expiresAt),
    submitted_at: record.submittedAt,
    queued_at: record.queuedAt,
    started_at: record.startedAt,
    ended_at: record.endedAt,
    keep_ms: double(record.keepMs),
    worker: record.worker,
    lease_until: record.leaseUntil,
    root: record.root,
    parent: record.parent,
    join_id: join?.id,
    join_index: join?.index,
    on_failure: record.onFailure,
    members: members && JSON.stringify(members),
    uniq: record.unique,
    key: record.key,
    headers: record.headers,
    saved: record.saved,
    outcome: record.outcome,
    moment: double(dueMoment(record)),
    forget_at: isFinal(record.state) ? double((record.endedAt ?? 0) + record.keepMs) : undefined,
  };
}

/** JSON has no infinity; the database reads the word. */
function double(ms: number | undefined): number | string | undefined {
  return ms === Number.POSITIVE_INFINITY ? 'Infinity' : ms;
}

export function recordOf(row: Row): TaskRecord {
  const text = (column: keyof typeof COLUMNS): string => row[column] as string;
  const maybe = <T>(column: keyof typeof COLUMNS): T | undefined =>
    (row[column] ?? undefined) as T | undefined;
  const joinId = maybe<string>('join_id');
  const members = maybe<string>('members');
  return {
    id: text('id'),
    version: row.version as number,
    name: text('name'),
    state: row.state as TaskRecord['state'],
    queue: text('queue'),
    priority: row.priority as TaskRecord['priority'],
    attempt: row.attempt as number,
    run: row.run as number,
    crashes: row.crashes as number,
    args: text('args'),
    dueAt: row.due_at as number,
    dueBy: row.due_by as TaskRecord['dueBy'],
    expiresAt: maybe('expires_at'),
    submittedAt: row.submitted_at as number,
    queuedAt: maybe('queued_at'),
    startedAt: maybe('started_at'),
    endedAt: maybe('ended_at'),
    keepMs: row.keep_ms as number,
    worker: maybe('worker'),
    leaseUntil: maybe('lease_until'),
    root: text('root'),
    parent: maybe('parent'),
    join: joinId === undefined ? undefined : { id: joinId, index: row.join_index as number },
    onFailure: maybe('on_failure'),
    members: members === undefined ? undefined : (JSON.parse(members) as Members),
    unique: maybe('uniq'),
    key: maybe('key'),
    headers: maybe('headers'),
    saved: maybe('saved'),
    outcome: maybe('outcome'),
  };
}
