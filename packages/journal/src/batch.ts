/** What gathers for the next write: groups of entries, one behind the other, as they will be in the file. */

import {
  ENTRY_HEADER,
  entriesOf,
  entryAt,
  FULL_GROUP,
  GROUP_HEADER,
  seal,
  setEntryHeader,
} from './group.ts';
import { Offsets } from './offsets.ts';
import type { Entry } from './owner.ts';
import type { Segment } from './segment.ts';

/** A first guess, and at most what is kept for the next batch. */
const SMALLEST = 4 * 1024;
const SPARE = 1024 * 1024;

export class Batch {
  readonly segment: Segment;
  /** Where it begins in the segment. */
  readonly from: number;
  /** Where each group begins, from the beginning of the batch. */
  readonly #groups = new Offsets();
  #fullGroup: number;
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;
  /** Where the last group begins, and from where on it is full. */
  #fullAt = 0;
  #entries = 0;

  /** `memory` is the batch's from now on. A group of more than `fullGroup` bytes takes no more entries. */
  constructor(
    segment: Segment,
    from: number,
    memory: Uint8Array = new Uint8Array(SMALLEST),
    fullGroup = FULL_GROUP,
  ) {
    this.segment = segment;
    this.from = from;
    this.#fullGroup = fullGroup;
    this.#bytes = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  }

  /** Where it ends in the segment, as it is now. */
  get end(): number {
    return this.from + this.#length;
  }

  get groups(): number {
    return this.#groups.length;
  }

  /** Answers with the offset of the entry in the segment. */
  append(bytes: Uint8Array, isCopy: boolean): number {
    const most = GROUP_HEADER + ENTRY_HEADER + bytes.length;
    if (this.#length + most > this.#bytes.length) this.#grow(this.#length + most);
    if (this.#length >= this.#fullAt) {
      this.#groups.push(this.#length);
      this.#fullAt = this.#length + this.#fullGroup;
      this.#length += GROUP_HEADER;
    }
    const at = this.#length;
    setEntryHeader(this.#view, at, bytes.length, isCopy);
    this.#bytes.set(bytes, at + ENTRY_HEADER);
    this.#length = at + ENTRY_HEADER + bytes.length;
    this.#entries++;
    this.segment.count(1, this.#length - at);
    return this.from + at;
  }

  /** What is appended next begins a group, so that what is before it can be kept without it. */
  endGroup(): void {
    this.#fullAt = this.#length;
  }

  /** As much as there is in one group from now on, so that it is there whole or not at all; or, as usual, not. */
  together(isOne: boolean): void {
    this.endGroup();
    this.#fullGroup = isOne ? Number.POSITIVE_INFINITY : FULL_GROUP;
  }

  *entries(): Generator<Entry> {
    const { number } = this.segment;
    for (let i = 0; i < this.#groups.length; i++)
      yield* entriesOf(this.#group(i), number, this.from + (this.#groups.at(i) as number));
  }

  /** Undefined if no entry begins at this offset of the segment. */
  read(offset: number): Uint8Array | undefined {
    const i = this.#groups.lastUpTo(offset - this.from);
    const begin = this.#groups.at(i);
    return begin === undefined ? undefined : entryAt(this.#group(i), offset - this.from - begin);
  }

  /** Numbers its groups from `first` on. What it answers with is to be written, at `from`. */
  seal(first: number, synced: number): Uint8Array {
    for (let i = 0; i < this.#groups.length; i++) {
      seal(this.#group(i), first + i, synced, this.segment.identity.salt);
    }
    return this.#bytes.subarray(0, this.#length);
  }

  /** It was written: tells its segment what is in it. */
  written(): void {
    for (let i = 0; i < this.#groups.length; i++) {
      this.segment.groups.push(this.from + (this.#groups.at(i) as number));
    }
    this.segment.end = this.end;
  }

  /** It will not be. */
  dropped(): void {
    this.segment.count(-this.#entries, this.#groups.length * GROUP_HEADER - this.#length);
  }

  /** For the next one, when this one is not needed any more; unless it is uncommonly large. */
  get spare(): Uint8Array | undefined {
    return this.#bytes.length <= SPARE ? this.#bytes : undefined;
  }

  #group(i: number): Uint8Array {
    return this.#bytes.subarray(this.#groups.at(i), this.#groups.at(i + 1) ?? this.#length);
  }

  #grow(least: number): void {
    const larger = new Uint8Array(Math.max(least, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
