/** What has changed in a turn, as changes for the store: what belongs together is kept whole or not at all. */

import type { TaskRecord } from '../state/record.ts';
import type { Change, NoteChange } from '../stores/store.ts';

/** A task of a turn: as the store has it, and as it is now. */
export interface Seen {
  readonly id: string;
  readonly found: TaskRecord | undefined;
  now: TaskRecord | undefined;
  /** What it has to be kept together with, if with anything. */
  part: Part | undefined;
  /** Nobody could know of it before. */
  readonly isNew: boolean;
}

/** What is kept whole or not at all. Of parts that have become one, all but one say which. */
export class Part {
  #within: Part | undefined;
  readonly notes: NoteChange[] = [];

  get whole(): Part {
    let whole: Part = this;
    while (whole.#within !== undefined) whole = whole.#within;
    if (this.#within !== undefined) this.#within = whole;
    return whole;
  }

  join(other: Part): void {
    const [mine, its] = [this.whole, other.whole];
    if (mine === its) return;
    its.#within = mine;
    mine.notes.push(...its.notes.splice(0));
  }
}

interface ChangeInMaking {
  readonly put: TaskRecord[];
  readonly insert: TaskRecord[];
  readonly remove: string[];
  readonly notes: readonly NoteChange[];
  hasNewIds: boolean;
}

/** Of what nobody could know before so many are one change: none of them can be in the way of another. */
const NEW_TOGETHER = 32;

/** Of all that was looked at, in as many changes as nobody has asked to be kept together. */
export function changesOf(all: readonly Seen[], parts: Iterable<Part>): readonly Change[] {
  const changes: Change[] = [];
  /** Those that came one after the other. */
  let newOnes: TaskRecord[] | undefined;
  const made = new Map<Part, ChangeInMaking>();
  const changeOf = (part: Part): ChangeInMaking => {
    const { whole } = part;
    let change = made.get(whole);
    if (change === undefined) {
      change = { put: [], insert: [], remove: [], notes: whole.notes, hasNewIds: true };
      made.set(whole, change);
      changes.push(change);
    }
    return change;
  };
  for (const { id, found, now, part, isNew } of all) {
    if (found === now) continue;
    if (isNew && part === undefined && now !== undefined) {
      if (newOnes === undefined || newOnes.length === NEW_TOGETHER) {
        newOnes = [];
        changes.push({ put: NONE, insert: newOnes, remove: NONE, notes: NONE, hasNewIds: true });
      }
      newOnes.push(now);
      continue;
    }
    newOnes = undefined;
    if (part === undefined) changes.push(changeOfOne(id, found, now));
    else if (now === undefined) changeOf(part).remove.push(id);
    else if (found === undefined) {
      const change = changeOf(part);
      change.insert.push(now);
      if (!isNew) change.hasNewIds = false;
    } else changeOf(part).put.push(now);
  }
  for (const part of parts) changeOf(part);
  return changes;
}

/** All of them as one. */
export function asOne(changes: readonly Change[]): Change {
  return {
    put: changes.flatMap(({ put }) => put),
    insert: changes.flatMap(({ insert }) => insert),
    remove: changes.flatMap(({ remove }) => remove),
    notes: changes.flatMap(({ notes = [] }) => notes),
  };
}

const NONE: readonly never[] = [];

function changeOfOne(
  id: string,
  found: TaskRecord | undefined,
  now: TaskRecord | undefined,
): Change {
  const hasNewIds = false;
  if (now === undefined) return { put: NONE, insert: NONE, remove: [id], notes: NONE, hasNewIds };
  if (found === undefined)
    return { put: NONE, insert: [now], remove: NONE, notes: NONE, hasNewIds };
  return { put: [now], insert: NONE, remove: NONE, notes: NONE, hasNewIds };
}
