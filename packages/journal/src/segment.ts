/** What a journal knows of one of its files. */

import { GROUP_HEADER } from './group.ts';
import { Offsets } from './offsets.ts';
import { fileNameOf, headerLength, type SegmentIdentity } from './segment-header.ts';

/** What is in the file up to `end` is part of the journal; what may lie behind it is not. */
export class Segment {
  readonly identity: SegmentIdentity;
  readonly file: string;
  readonly headerLength: number;
  /** Where each group begins. */
  readonly groups = new Offsets();
  /** Behind the last group that was written; 0 while there is no file. Only a failure sets it back. */
  end = 0;
  /** What lies before it was copied, or is dead: compaction has been there. */
  movedTo = 0;
  /** Those included that are about to be written. */
  #entries = 0;
  #entryBytes = 0;
  #released = 0;

  constructor(folder: string, identity: SegmentIdentity) {
    this.identity = identity;
    this.file = `${folder}/${fileNameOf(identity.number)}`;
    this.headerLength = headerLength(identity.owner);
  }

  get number(): number {
    return this.identity.number;
  }

  /** Whether there is a group in it. */
  get isEmpty(): boolean {
    return this.groups.length === 0;
  }

  /** All of it but what even a segment with one entry needs. */
  get content(): number {
    return this.isEmpty ? 0 : this.end - this.headerLength - GROUP_HEADER;
  }

  /** An estimate, in bytes: the part of its entries that was not released. */
  get live(): number {
    if (this.#entries === 0) return 0;
    return Math.round(this.#entryBytes * Math.max(0, 1 - this.#released / this.#entries));
  }

  /** So many entries, of so many bytes in all, are to be in it; or are not, if these are negative. */
  count(entries: number, bytes: number): void {
    this.#entries += entries;
    this.#entryBytes += bytes;
  }

  release(): void {
    if (this.#released < this.#entries) this.#released++;
  }

  /** A failure has cost it all from `offset` on. */
  cut(offset: number): void {
    const before = this.content;
    this.groups.cut(offset);
    this.end = this.isEmpty ? this.headerLength : offset;
    const part = before === 0 ? 0 : Math.max(0, this.content / before);
    this.#entries = Math.round(this.#entries * part);
    this.#entryBytes = Math.round(this.#entryBytes * part);
    this.#released = Math.min(this.#released, this.#entries);
  }
}
