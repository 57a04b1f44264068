/** Everything that the journal of a file store says, as it is in memory; and how to take back what it did not keep. */

import type { Entry, Position } from '@beamish/journal';
import type { TaskRecord } from '../state/record.ts';
import {
  type Changing,
  changingOf,
  type Fixed,
  fixedOf,
  isFixedSame,
  orderIn,
  type Part,
  readEntry,
  recordOf,
  writeEntry,
} from './entries.ts';
import { apply, Leads, remove } from './memory.ts';
import { Notes } from './notes.ts';
import { Places, type What } from './places.ts';
import { RecordIndex } from './record-index.ts';
import type { Change, ClaimRequest } from './store.ts';

/** What is known of a record while it is told again: each half may come first. */
interface Halves {
  fixed: { readonly number: number; readonly value: Fixed } | undefined;
  changing:
    | { readonly number: number; readonly version: number; readonly value: Changing }
    | undefined;
  /** The entry that said that it is gone. */
  goneBy: number;
}

/** All that the journal says. */
export class JournalState {
  readonly index = new RecordIndex();
  readonly notes = new Notes();
  readonly leads = new Leads();
  readonly places: Places;
  /** Of the latest entry. */
  #number = 0;
  /** While it is told again; in the order in which they were first told of. */
  readonly #halves = new Map<string, Halves>();
  readonly #noted = new Map<string, number>();
  /** How to take back what is not kept yet, the latest last. */
  #undos: (() => void)[] = [];
  #undone = 0;

  constructor(released: (at: Position) => void) {
    this.places = new Places(released);
  }

  // ── telling again ─────────────────────────────────────────────────────────────────────────

  replay({ at, bytes }: Entry): void {
    const { number, parts } = readEntry(bytes);
    this.#number = Math.max(this.#number, number);
    for (const part of parts) {
      if (part[0] === 'note') this.#replayNote(part, number, at);
      else this.#replayRecord(part, number, at);
    }
  }

  /** Everything has been told. */
  begin(): void {
    const found: { readonly order: number; readonly record: TaskRecord }[] = [];
    for (const [id, { fixed, changing }] of this.#halves)
      if (fixed !== undefined && changing !== undefined) {
        const record = recordOf(id, changing.version, fixed.value, changing.value);
        found.push({ order: orderIn(fixed.value), record });
      }
    found.sort((a, b) => a.order - b.order);
    for (const { record, order } of found) this.index.set(record, order);
    this.#halves.clear();
    this.#noted.clear();
  }

  #replayRecord(
    part: Exclude<Part, readonly ['note', ...unknown[]]>,
    number: number,
    at: Position,
  ): void {
    const [kind, id] = part;
    const halves = this.#halves.get(id) ?? { fixed: undefined, changing: undefined, goneBy: -1 };
    this.#halves.set(id, halves);
    if (number <= halves.goneBy) return;
    if (kind === 'gone') {
      halves.goneBy = number;
      if ((halves.fixed?.number ?? -1) < number) this.#forgetHalf(halves, 'fixed', id);
      if ((halves.changing?.number ?? -1) < number) this.#forgetHalf(halves, 'changing', id);
    } else if (number >= (halves[kind]?.number ?? -1)) {
      if (kind === 'fixed') halves.fixed = { number, value: part[2] };
      else halves.changing = { number, version: part[2], value: part[3] };
      this.places.put(`${kind}:${id}`, at);
    }
  }

  #forgetHalf(halves: Halves, kind: 'fixed' | 'changing', id: string): void {
    halves[kind] = undefined;
    this.places.put(`${kind}:${id}`, undefined);
  }

  #replayNote(
    part: Extract<Part, readonly ['note', ...unknown[]]>,
    number: number,
    at: Position,
  ): void {
    const [, key, version, value] = part;
    if (number < (this.#noted.get(key) ?? -1)) return;
    this.#noted.set(key, number);
    this.notes.set({ key, value: value ?? undefined, version: version - 1 });
    this.places.put(`note:${key}`, value === null ? undefined : at);
  }

  // ── changing ──────────────────────────────────────────────────────────────────────────────

  /** Applies a change, and answers with what is to be written of it. */
  change(change: Change): Part[] {
    const { index, notes } = this;
    const parts: Part[] = [];
    const before = new Map<string, TaskRecord | undefined>();
    const orders = new Map<string, number | undefined>();
    for (const { id } of [...change.put, ...change.insert]) before.set(id, index.find(id));
    for (const id of change.remove) {
      before.set(id, index.find(id));
      orders.set(id, index.orderOf(id));
      for (const key of notes.keysOf(id)) parts.push(['note', key, 0, null]);
      parts.push(['gone', id]);
    }
    const notesBefore = [...parts, ...noteParts(change)].flatMap((part) =>
      part[0] === 'note' ? [[part[1], notes.get(part[1])] as const] : [],
    );
    apply(change, index, notes);
    for (const [id, was] of before) {
      const now = index.find(id);
      if (now === undefined) continue;
      if (was === undefined || !isFixedSame(was, now))
        parts.push(fixedOf(now, index.orderOf(now.id) ?? 0));
      parts.push(changingOf(now));
    }
    parts.push(...noteParts(change));
    this.#undos.push(() => {
      for (const [id, was] of before) if (was === undefined) remove(id, index, notes);
      for (const [id, was] of before) if (was !== undefined) index.set(was, orders.get(id));
      for (const [key, was] of notesBefore)
        notes.set({ key, value: was?.value, version: (was?.version ?? 1) - 1 });
    });
    return parts;
  }

  claim(request: ClaimRequest): TaskRecord[] {
    const before: TaskRecord[] = [];
    const claimed = this.index.claim(request, (record) => before.push(record));
    if (before.length > 0)
      this.#undos.push(() => {
        for (const record of before) this.index.set(record);
      });
    return claimed;
  }

  entry(parts: readonly Part[]): Uint8Array {
    return writeEntry({ number: ++this.#number, parts });
  }

  /** What is wanted of them is in that entry now. */
  written(parts: readonly Part[], at: Position): void {
    for (const part of parts)
      for (const [what, place] of placesOf(part, at)) this.places.write(what, place);
  }

  /** An entry is in another place now. Answers with what is to be said again of those in it that are gone. */
  moved({ at, bytes }: Entry, to: Position): Part[] {
    const gone = new Map<string, Part>();
    const whats: What[] = [];
    for (const part of readEntry(bytes).parts) {
      for (const [what] of placesOf(part, at)) whats.push(what);
      if (part[0] === 'note') {
        const [, key] = part;
        if (this.notes.get(key) === undefined) gone.set(`note:${key}`, ['note', key, 0, null]);
      } else if (this.index.find(part[1]) === undefined) gone.set(part[1], ['gone', part[1]]);
    }
    this.places.moved(at, to, whats);
    return [...gone.values()];
  }

  // ── what is not kept yet ──────────────────────────────────────────────────────────────────

  /** Everything so far, to say later that it is kept. */
  get mark(): Mark {
    return { undos: this.#undone + this.#undos.length, places: this.places.mark };
  }

  kept({ undos, places }: Mark): void {
    const count = Math.max(0, undos - this.#undone);
    this.#undos.splice(0, count);
    this.#undone += count;
    this.places.kept(places);
  }

  /** Takes back everything that has not been kept. */
  undo(): void {
    this.#undone += this.#undos.length;
    for (const undo of this.#undos.splice(0).reverse()) undo();
    this.places.undo();
  }
}

export interface Mark {
  readonly undos: number;
  readonly places: number;
}

function noteParts({ notes = [] }: Change): Part[] {
  return notes.map(({ key, value, version }) => ['note', key, version + 1, value ?? null]);
}

/** What is wanted of a part, and where it is then. */
function placesOf(part: Part, at: Position): (readonly [What, Position | undefined])[] {
  const [kind, id] = part;
  switch (kind) {
    case 'fixed':
    case 'changing':
      return [[`${kind}:${id}`, at]];
    case 'gone':
      return [
        [`fixed:${id}`, undefined],
        [`changing:${id}`, undefined],
      ];
    case 'note':
      return [[`note:${id}`, part[3] === null ? undefined : at]];
  }
}
