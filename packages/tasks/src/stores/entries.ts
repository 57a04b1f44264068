/**
 * What the file store writes: an entry is one change, or several that came together. Of each record it has what
 * never changes apart from what does, so that the end of a member does not write down again what its group is
 * made of. Moments are told from the one at which it was submitted, and what is missing at the end is not there.
 */

import type { Members, TaskRecord } from '../state/record.ts';
import { type Priority, STATES } from '../terms/task-state.ts';
import { FOREVER_MS } from './store.ts';

/** Of a record, what is written once, and again if it changes after all. */
export type Fixed = readonly [
  kind: 'fixed',
  id: string,
  /** Its place among all tasks. */
  order: number,
  submittedAt: number,
  name: string,
  queue: string,
  args: string,
  priority: Priority,
  keepMs: number,
  /** Its own id is not told. */
  root?: string | null,
  parent?: string | null,
  joinId?: string | null,
  joinIndex?: number | null,
  onFailure?: string | null,
  unique?: string | null,
  key?: string | null,
  headers?: string | null,
  of?: string | null,
];

/** And what changes. */
export type Changing = readonly [
  kind: 'now',
  id: string,
  version: number,
  state: number,
  attempt: number,
  run: number,
  crashes: number,
  dueIn: number,
  dueByWall: 0 | 1,
  queuedIn?: number | null,
  startedIn?: number | null,
  endedIn?: number | null,
  worker?: string | null,
  /** From when it began; 0 is for ever. */
  leaseMs?: number | null,
  outcome?: string | null,
  expiresIn?: number | null,
  saved?: string | null,
  members?: readonly [kind: Members['kind'], ...counts: number[]] | null,
];

export type Part =
  | Fixed
  | Changing
  /** It is there no more. */
  | readonly [kind: 'gone', id: string]
  /** Without a value, it is there no more. */
  | readonly [kind: 'note', key: string, version: number, value: string | null];

/** `number` rises from entry to entry, and a copy has that of its original: of what is told twice, the higher one counts. */
export interface StoreEntry {
  readonly number: number;
  readonly parts: readonly Part[];
}

const decoder = new TextDecoder();

export function writeEntry(number: number, parts: readonly Part[]): Uint8Array {
  return Buffer.from(JSON.stringify([number, parts]));
}

export function readEntry(bytes: Uint8Array): StoreEntry {
  const [number, parts] = JSON.parse(decoder.decode(bytes)) as [number, Part[]];
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

export function fixedOf(record: TaskRecord, order: number): Fixed {
  const { id, join } = record;
  return short([
    'fixed',
    id,
    order,
    record.submittedAt,
    record.name,
    record.queue,
    record.args,
    record.priority,
    record.keepMs,
    record.root === id ? undefined : record.root,
    record.parent,
    join?.id,
    join?.index,
    record.onFailure,
    record.unique,
    record.key,
    record.headers,
    record.members?.of,
  ]) as unknown as Fixed;
}

export function changingOf(record: TaskRecord): Changing {
  const { submittedAt: from, members } = record;
  return short([
    'now',
    record.id,
    record.version,
    STATES.indexOf(record.state),
    record.attempt,
    record.run,
    record.crashes,
    record.dueAt - from,
    record.dueBy === 'wall' ? 1 : 0,
    since(record.queuedAt, from),
    since(record.startedAt, from),
    since(record.endedAt, from),
    record.worker,
    leaseOf(record),
    record.outcome,
    since(record.expiresAt, from),
    record.saved,
    members && countsOf(members),
  ]) as unknown as Changing;
}

/** Without what is not there at the end. */
function short(values: unknown[]): unknown[] {
  let { length } = values;
  while (values[length - 1] === undefined) length--;
  values.length = length;
  return values;
}

function since(at: number | undefined, from: number): number | undefined {
  return at === undefined ? undefined : at - from;
}

function leaseOf({ leaseUntil, startedAt = 0 }: TaskRecord): number | undefined {
  if (leaseUntil === undefined) return undefined;
  const ms = leaseUntil - startedAt;
  return ms === FOREVER_MS ? 0 : ms;
}

function countsOf(members: Members): [Members['kind'], ...number[]] {
  const { kind, pending, failed, next, all, limit, settle } = members;
  return [kind, pending, failed, next, all, limit, settle ? 1 : 0];
}

/** The record that both halves make. */
export function recordOf(fixed: Fixed, changing: Changing): TaskRecord {
  const [, id, , submittedAt, name, queue, args, priority, keepMs, ...more] = fixed;
  const [root, parent, joinId, joinIndex, onFailure, unique, key, headers, of] = more;
  const [, , version, state, attempt, run, crashes, dueIn, dueByWall, ...rest] = changing;
  const [queuedIn, startedIn, endedIn, worker, leaseMs, outcome, expiresIn, saved, counts] = rest;
  const at = (ms: number | null | undefined): number | undefined =>
    ms === undefined || ms === null ? undefined : submittedAt + ms;
  const startedAt = at(startedIn);
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
    dueAt: submittedAt + dueIn,
    dueBy: dueByWall === 1 ? 'wall' : 'clock',
    expiresAt: at(expiresIn),
    submittedAt,
    queuedAt: at(queuedIn),
    startedAt,
    endedAt: at(endedIn),
    keepMs,
    worker: worker ?? undefined,
    leaseUntil:
      leaseMs === undefined || leaseMs === null
        ? undefined
        : (startedAt ?? 0) + (leaseMs === 0 ? FOREVER_MS : leaseMs),
    root: root ?? id,
    parent: parent ?? undefined,
    join:
      joinId === undefined || joinId === null
        ? undefined
        : { id: joinId, index: joinIndex as number },
    onFailure: onFailure ?? undefined,
    members: counts && of !== undefined && of !== null ? membersOf(counts, of) : undefined,
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
