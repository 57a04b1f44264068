/**
 * What the file store writes: an entry is one change. Of each record it has what never changes apart from
 * what does, so that the end of a member does not write down again what its group is made of.
 */

import type { Members, TaskRecord } from '../state/record.ts';
import { type Priority, STATES } from '../terms/task-state.ts';

/** Of a record, what is written once, and again if it changes after all. */
type Fixed = readonly [
  name: string,
  queue: string,
  priority: Priority,
  args: string,
  submittedAt: number,
  keepMs: number,
  root: string,
  parent: string | null,
  join: readonly [id: string, index: number] | null,
  onFailure: string | null,
  unique: string | null,
  key: string | null,
  headers: string | null,
  of: string | null,
  /** Its place among all tasks. */
  order: number,
];

/** And what changes. */
type Changing = readonly [
  state: number,
  attempt: number,
  run: number,
  crashes: number,
  dueAt: number,
  dueByWall: 0 | 1,
  expiresAt: number | null,
  queuedAt: number | null,
  startedAt: number | null,
  endedAt: number | null,
  worker: string | null,
  leaseUntil: number | null,
  members: readonly [kind: Members['kind'], ...counts: number[]] | null,
  saved: string | null,
  outcome: string | null,
];

export type Part =
  | readonly ['fixed', id: string, fixed: Fixed]
  | readonly ['changing', id: string, version: number, changing: Changing]
  /** It is there no more. */
  | readonly ['gone', id: string]
  /** Without a value, it is there no more. */
  | readonly ['note', key: string, version: number, value: string | null];

/** `number` rises from entry to entry, and a copy has that of its original: of what is told twice, the higher one counts. */
export interface StoreEntry {
  readonly number: number;
  readonly parts: readonly Part[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function writeEntry({ number, parts }: StoreEntry): Uint8Array {
  return encoder.encode(JSON.stringify([number, ...parts]));
}

export function readEntry(bytes: Uint8Array): StoreEntry {
  const [number, ...parts] = JSON.parse(decoder.decode(bytes)) as [number, ...Part[]];
  return { number, parts };
}

/** Whether what never changes has changed. */
export function isFixedSame(a: TaskRecord, b: TaskRecord): boolean {
  return (
    a.members?.of === b.members?.of &&
    a.args === b.args &&
    a.key === b.key &&
    a.headers === b.headers &&
    a.onFailure === b.onFailure
  );
}

export function fixedOf(record: TaskRecord, order: number): Part {
  const { id, join } = record;
  return [
    'fixed',
    id,
    [
      record.name,
      record.queue,
      record.priority,
      record.args,
      record.submittedAt,
      record.keepMs,
      record.root,
      record.parent ?? null,
      join === undefined ? null : [join.id, join.index],
      record.onFailure ?? null,
      record.unique ?? null,
      record.key ?? null,
      record.headers ?? null,
      record.members?.of ?? null,
      order,
    ],
  ];
}

export function changingOf(record: TaskRecord): Part {
  const { id, version, members } = record;
  return [
    'changing',
    id,
    version,
    [
      STATES.indexOf(record.state),
      record.attempt,
      record.run,
      record.crashes,
      record.dueAt,
      record.dueBy === 'wall' ? 1 : 0,
      record.expiresAt ?? null,
      record.queuedAt ?? null,
      record.startedAt ?? null,
      record.endedAt ?? null,
      record.worker ?? null,
      record.leaseUntil ?? null,
      members === undefined ? null : countsOf(members),
      record.saved ?? null,
      record.outcome ?? null,
    ],
  ];
}

function countsOf(members: Members): [Members['kind'], ...number[]] {
  const { kind, pending, failed, next, all, limit, settle } = members;
  return [kind, pending, failed, next, all, limit, settle ? 1 : 0];
}

/** Its place among all tasks. */
export function orderIn(fixed: Fixed): number {
  return fixed[14];
}

/** The record that both halves make. */
export function recordOf(
  id: string,
  version: number,
  fixed: Fixed,
  changing: Changing,
): TaskRecord {
  const [name, queue, priority, args, submittedAt, keepMs, root, parent, join, ...rest] = fixed;
  const [onFailure, unique, key, headers, of] = rest;
  const [state, attempt, run, crashes, dueAt, dueByWall, expiresAt, queuedAt, ...more] = changing;
  const [startedAt, endedAt, worker, leaseUntil, counts, saved, outcome] = more;
  return {
    id,
    version,
    name,
    state: STATES[state] as TaskRecord['state'],
    queue,
    priority,
    attempt,
    run,
    crashes,
    args,
    dueAt,
    dueBy: dueByWall === 1 ? 'wall' : 'clock',
    expiresAt: expiresAt ?? undefined,
    submittedAt,
    queuedAt: queuedAt ?? undefined,
    startedAt: startedAt ?? undefined,
    endedAt: endedAt ?? undefined,
    keepMs,
    worker: worker ?? undefined,
    leaseUntil: leaseUntil ?? undefined,
    root,
    parent: parent ?? undefined,
    join: join === null ? undefined : { id: join[0], index: join[1] },
    onFailure: onFailure ?? undefined,
    members: counts === null || of === null ? undefined : membersOf(counts, of),
    unique: unique ?? undefined,
    key: key ?? undefined,
    headers: headers ?? undefined,
    saved: saved ?? undefined,
    outcome: outcome ?? undefined,
  };
}

function membersOf(counts: readonly [Members['kind'], ...number[]], of: string): Members {
  const [kind, pending = 0, failed = 0, next = 0, all = 0, limit = 1, settle = 0] = counts;
  return { kind, pending, failed, next, all, of, limit, settle: settle === 1 };
}

export type { Changing, Fixed };
