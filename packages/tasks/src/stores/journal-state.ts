/** Everything that the journal of a file store says, as it is in memory; and how to take back what it did not keep. */

import type { Entry, Position } from '@beamish/journal';
import type { TaskRecord } from '../state/record.ts';
import {
  type Changing,
  changingOf,
  type Fixed,
  fixedOf,
  isFixedSame,
  type Part,
  readEntry,
  recordOf,
  writeEntry,
} from './entries.ts';
import type { Kept } from './kept.ts';
import { counted, Leads, remove } from './memory.ts';
import { type Note, Notes } from './notes.ts';
import { RecordIndex } from './record-index.ts';
import type { Change, ClaimRequest, NoteChange } from './store.ts';
import { type Written, WrittenEntries } from './written.ts';

/** What is known of a record while it is told again: each half may come first. */
interface Halves {
  fixed: Half<Fixed> | undefined;
  changing: Half<Changing> | undefined;
  /** The entry that said that it is gone. */
  goneBy: number;
}

interface Half<T> {
  readonly number: number;
  readonly part: T;
  readonly written: Written;
}

/** What has been done to a record and is not kept yet: how it was, and where that is written. */
interface RecordDone {
  readonly kind: 'record';
  readonly kept: Kept;
  /** Undefined of one that is new. */
  readonly was: TaskRecord | undefined;
  readonly isGone: boolean;
  /** Whether it is written whole. */
  readonly isWhole: boolean;
  readonly fixedIn: Written | undefined;
  readonly changingIn: Written | undefined;
}

interface NoteDone {
  readonly kind: 'note';
  readonly key: string;
  readonly was: Note | undefined;
  readonly isGone: boolean;
  readonly writtenIn: Written | undefined;
}

type Done = RecordDone | NoteDone;

/** So many records in one entry: more would keep it from being given up for the sake of one of them. */
const MOST_IN_ENTRY = 64;

/** All that the journal says. */
export class JournalState {
  readonly index = new RecordIndex();
  readonly notes = new Notes();
  readonly leads = new Leads();
  readonly #entries: WrittenEntries;
  readonly #noteIn = new Map<string, Written>();
  /** Of the latest entry. */
  #number = 0;
  /** While it is told again; in the order in which they were first told of. */
  readonly #halves = new Map<string, Halves>();
  readonly #noted = new Map<string, number>();
  /** What is to be the next entry. */
  #parts: Part[] = [];
  /** What is not kept yet, the latest last; the last `#unwritten` of it are not even written. */
  #done: Done[] = [];
  #unwritten = 0;
  /** How much there was before it. */
  #before = 0;

  constructor(released: (at: Position) => void) {
    this.#entries = new WrittenEntries(released);
  }

  // ── telling again ─────────────────────────────────────────────────────────────────────────

  replay({ at, bytes }: Entry): void {
    const { number, parts } = readEntry(bytes);
    this.#number = Math.max(this.#number, number);
    const written = wanted(this.#entries.at(at));
    for (const part of parts) {
      if (part[0] === 'note') this.#replayNote(part, number, written);
      else this.#replayRecord(part, number, written);
    }
    this.#entries.unwant(written);
  }

  /** Everything has been told. */
  begin(): void {
    const found = [...this.#halves.values()].filter(
      ({ fixed, changing }) => fixed !== undefined && changing !== undefined,
    ) as (Halves & { readonly fixed: Half<Fixed>; readonly changing: Half<Changing> })[];
    found.sort((a, b) => a.fixed.part[2] - b.fixed.part[2]);
    for (const { fixed, changing } of found) {
      const kept = this.index.add(recordOf(fixed.part, changing.part), fixed.part[2]);
      kept.fixedIn = fixed.written;
      kept.changingIn = changing.written;
    }
    this.#halves.clear();
    this.#noted.clear();
  }

  #replayRecord(
    part: Exclude<Part, readonly ['note', ...unknown[]]>,
    number: number,
    written: Written,
  ): void {
    const [kind, id] = part;
    const halves = this.#halves.get(id) ?? { fixed: undefined, changing: undefined, goneBy: -1 };
    this.#halves.set(id, halves);
    if (number <= halves.goneBy) return;
    if (kind === 'gone') {
      halves.goneBy = number;
      if ((halves.fixed?.number ?? -1) < number) halves.fixed = this.#forget(halves.fixed);
      if ((halves.changing?.number ?? -1) < number) halves.changing = this.#forget(halves.changing);
    } else if (kind === 'fixed') {
      if (number >= (halves.fixed?.number ?? -1)) {
        this.#forget(halves.fixed);
        halves.fixed = { number, part, written: wanted(written) };
      }
    } else if (number >= (halves.changing?.number ?? -1)) {
      this.#forget(halves.changing);
      halves.changing = { number, part, written: wanted(written) };
    }
  }

  #forget(half: Half<unknown> | undefined): undefined {
    this.#entries.unwant(half?.written);
  }

  #replayNote(
    [, key, version, value]: Extract<Part, readonly ['note', ...unknown[]]>,
    number: number,
    written: Written,
  ): void {
    if (number < (this.#noted.get(key) ?? -1)) return;
    this.#noted.set(key, number);
    this.notes.set({ key, value: value ?? undefined, version: version - 1 });
    this.#entries.unwant(this.#noteIn.get(key));
    if (value === null) this.#noteIn.delete(key);
    else this.#noteIn.set(key, wanted(written));
  }

  // ── changing ──────────────────────────────────────────────────────────────────────────────

  /** Applies one that is fresh. What is to be written of it is in the next entry. */
  change(change: Change): void {
    const { index } = this;
    for (const record of change.put) {
      const kept = index.kept(record.id) as Kept;
      const was = kept.record;
      index.put(kept, counted(record));
      this.#write(kept, record, was, !isFixedSame(was, record));
    }
    for (const record of change.insert)
      this.#write(index.add(counted(record)), record, undefined, true);
    for (const id of change.remove) this.removed(index.kept(id) as Kept);
    for (const note of change.notes ?? []) this.#note(note);
  }

  /** Takes it out. */
  removed(kept: Kept): void {
    const { record, fixedIn, changingIn } = kept;
    for (const key of this.notes.keysOf(kept.id))
      this.#note({ key, value: undefined, version: -1 });
    remove(kept, this.index, this.notes);
    this.#parts.push(['gone', kept.id]);
    const isGone = true;
    this.#add({ kind: 'record', kept, was: record, isGone, isWhole: true, fixedIn, changingIn });
  }

  claim(request: ClaimRequest): TaskRecord[] {
    const before: TaskRecord[] = [];
    return this.index
      .claim(request, (_, record) => before.push(record))
      .map((kept, i) => {
        const { record } = kept;
        this.#write(kept, record, before[i], false);
        return record;
      });
  }

  #write(kept: Kept, record: TaskRecord, was: TaskRecord | undefined, isWhole: boolean): void {
    if (isWhole) this.#parts.push(fixedOf(record, kept.order));
    this.#parts.push(changingOf(record));
    const { fixedIn, changingIn } = kept;
    this.#add({ kind: 'record', kept, was, isGone: false, isWhole, fixedIn, changingIn });
  }

  #note({ key, value, version }: NoteChange): void {
    const was = this.notes.get(key);
    this.notes.set({ key, value, version });
    this.#parts.push(['note', key, version + 1, value ?? null]);
    const writtenIn = this.#noteIn.get(key);
    this.#add({ kind: 'note', key, was, isGone: value === undefined, writtenIn });
  }

  #add(done: Done): void {
    this.#done.push(done);
    this.#unwritten++;
  }

  // ── writing ───────────────────────────────────────────────────────────────────────────────

  /** Whether what is to be written should be, before anything else is done. */
  get isFull(): boolean {
    return this.#parts.length >= MOST_IN_ENTRY;
  }

  /** What is to be written; undefined if nothing is. */
  entry(): Uint8Array | undefined {
    if (this.#parts.length === 0) return undefined;
    const bytes = writeEntry(++this.#number, this.#parts);
    this.#parts = [];
    return bytes;
  }

  /** It is there. Where it was before is wanted until this is kept. */
  written(at: Position): void {
    const written = wanted(this.#entries.at(at));
    for (let i = this.#done.length - this.#unwritten; i < this.#done.length; i++) {
      const done = this.#done[i] as Done;
      if (done.kind === 'note') {
        if (done.isGone) this.#noteIn.delete(done.key);
        else this.#noteIn.set(done.key, wanted(written));
      } else if (!done.isGone) {
        if (done.isWhole) done.kept.fixedIn = wanted(written);
        done.kept.changingIn = wanted(written);
      }
    }
    this.#unwritten = 0;
    // Of what says no more than what is gone, nothing is.
    this.#entries.unwant(written);
  }

  isWanted(at: Position): boolean {
    return this.#entries.isWanted(at);
  }

  /** An entry is in another place now. Answers with what is to be said again of those in it that are gone. */
  moved({ at, bytes }: Entry, to: Position): Uint8Array | undefined {
    const gone = new Map<string, Part>();
    for (const part of readEntry(bytes).parts) {
      const [kind, id] = part;
      if (kind !== 'note') {
        if (this.index.kept(id) === undefined) gone.set(id, ['gone', id]);
      } else if (this.notes.get(id) === undefined) gone.set(`note:${id}`, ['note', id, 0, null]);
    }
    this.#entries.moved(at, to);
    return gone.size === 0 ? undefined : writeEntry(++this.#number, [...gone.values()]);
  }

  // ── what is not kept yet ──────────────────────────────────────────────────────────────────

  /** Everything so far, to say later that it is kept. */
  get mark(): number {
    return this.#before + this.#done.length;
  }

  kept(mark: number): void {
    const kept = this.#done.splice(0, Math.max(0, mark - this.#before));
    this.#before += kept.length;
    for (const done of kept) {
      if (done.kind === 'note') this.#entries.unwant(done.writtenIn);
      else {
        if (done.isWhole) this.#entries.unwant(done.fixedIn);
        this.#entries.unwant(done.changingIn);
      }
    }
  }

  /** Takes back everything that has not been kept. */
  undo(): void {
    this.#before += this.#done.length;
    const unwritten = this.#done.length - this.#unwritten;
    this.#unwritten = 0;
    this.#parts = [];
    const all = this.#done.splice(0);
    for (let i = all.length - 1; i >= 0; i--) this.#undo(all[i] as Done, i < unwritten);
  }

  #undo(done: Done, isWritten: boolean): void {
    if (done.kind === 'note') {
      const { key, was, writtenIn } = done;
      if (isWritten) this.#entries.unwant(this.#noteIn.get(key));
      this.notes.set({ key, value: was?.value, version: (was?.version ?? 1) - 1 });
      if (writtenIn === undefined) this.#noteIn.delete(key);
      else this.#noteIn.set(key, writtenIn);
      return;
    }
    const { was, isGone, isWhole, fixedIn, changingIn } = done;
    const { id, order } = done.kept;
    // One that was taken out, and is back, is another one.
    const kept = this.index.kept(id);
    if (isWritten && !isGone) {
      if (isWhole) this.#entries.unwant(kept?.fixedIn);
      this.#entries.unwant(kept?.changingIn);
    }
    if (was === undefined) {
      if (kept !== undefined) remove(kept, this.index, this.notes);
      return;
    }
    const back = kept ?? this.index.add(was, order);
    if (kept !== undefined) this.index.put(kept, was);
    back.fixedIn = fixedIn;
    back.changingIn = changingIn;
  }
}

function wanted(written: Written): Written {
  written.wanted++;
  return written;
}
