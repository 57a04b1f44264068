/** What becomes of what is submitted: it is new, or one that is there already, or refused. */

import { isDeepStrictEqual } from 'node:util';
import { namesIn, type StoredTask } from '../canvas/work.ts';
import { draftOf } from '../state/drafts.ts';
import { readWork, type TaskRecord } from '../state/record.ts';
import { decode } from '../terms/codec.ts';
import { isFinal } from '../terms/task-state.ts';
import type { Batch, Steps } from './batch.ts';
import type { Refusal, Submission, Submitted } from './messages.ts';

export interface Submitting {
  readonly batch: Batch;
  /** Of what can be submitted. */
  readonly names: ReadonlyMap<string, unknown>;
  readonly fresh: () => string;
  readonly now: number;
}

/** One task that nobody has to be asked about, which nearly all are. */
export function isPlain({ work, unique, by }: Submission): boolean {
  return (
    work.kind === 'task' && work.onFailure === undefined && unique === undefined && by === undefined
  );
}

/** The same as `submitOne`, of one that is plain, and whose id is new or at hand. */
export function submitPlain(
  batch: Batch,
  names: Submitting['names'],
  { work, id: wanted }: Submission,
  id: string,
  now: number,
): Submitted {
  const { name, elsewhere } = work as StoredTask;
  if (elsewhere === undefined && !names.has(name))
    return refused({ kind: 'unknown_task', name, near: near(name, names) });
  const task = draftOf(work, {
    id,
    root: id,
    parent: undefined,
    join: undefined,
    headers: undefined,
    input: undefined,
    now,
  });
  if (wanted === undefined) batch.submitNew(task, now);
  else {
    const other = batch.known(id);
    if (other !== undefined) return found(other, task);
    batch.applyNow(id, { kind: 'submit', task, now });
  }
  return { ok: true, id, created: true };
}

/** There is one of this id. */
function found(other: TaskRecord, draft: TaskRecord): Submitted {
  const { id } = other;
  return isSame(other, draft)
    ? { ok: true, id, created: false }
    : refused({ kind: 'id_taken', id });
}

export function* submitOne(
  { batch, names, fresh, now }: Submitting,
  { work, id: wanted, unique, by }: Submission,
): Steps<Submitted> {
  for (const name of namesIn(work))
    if (!names.has(name)) return refused({ kind: 'unknown_task', name, near: near(name, names) });

  const parent = by && (yield* batch.find(by.id));
  if (by !== undefined && !isRunning(parent, by.run)) return refused({ kind: 'stale_run' });

  if (unique !== undefined) {
    const other = yield* batch.findUnique(unique.key);
    if (other !== undefined && (unique.until === 'kept' || !isFinal(other.state)))
      return { ok: true, id: other.id, created: false };
  }

  const id = wanted ?? fresh();
  const draft = draftOf(work, {
    id,
    root: parent?.root ?? id,
    parent: parent?.id,
    join: undefined,
    headers: parent?.headers,
    input: undefined,
    now,
  });
  if (wanted !== undefined) {
    const other = yield* batch.find(id);
    if (other !== undefined) return found(other, draft);
  }
  const task = unique === undefined ? draft : { ...draft, unique: unique.key };
  yield* batch.apply(id, { kind: 'submit', task, now });
  return { ok: true, id, created: true };
}

function refused(refusal: Refusal): Submitted {
  return { ok: false, refused: refusal };
}

export function isRunning(record: TaskRecord | undefined, run: number): record is TaskRecord {
  return record?.state === 'running' && record.run === run;
}

/** Whether they are the same work, whatever the order of keys in their arguments. */
function isSame(a: TaskRecord, b: TaskRecord): boolean {
  if (a.name !== b.name) return false;
  if (a.members === undefined || b.members === undefined || a.members.kind === 'become')
    return a.args === b.args || isDeepStrictEqual(decode(a.args), decode(b.args));
  const [one, other] = [a.members.of, b.members.of];
  return one === other || isDeepStrictEqual(readWork(one), readWork(other));
}

const MOST_NEAR = 3;

/** Names that one may have meant. */
function near(name: string, names: ReadonlyMap<string, unknown>): string[] {
  const most = Math.max(2, name.length / 3);
  return [...names.keys()]
    .map((other) => ({ other, steps: distance(name.toLowerCase(), other.toLowerCase()) }))
    .filter(({ other, steps }) => steps <= most || other.endsWith(`.${name}`))
    .sort((a, b) => a.steps - b.steps)
    .slice(0, MOST_NEAR)
    .map(({ other }) => other);
}

/** How many letters have to be changed, put in or left out (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
