/** What a journal knows of one of its files. */

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
  /** How many there are, those included that are about to be written. */
  entries = 0;
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

  /** An estimate, in bytes: the part of its entries that was not released. */
  get live(): number {
    if (this.isEmpty) return 0;
    const part = Math.max(0, 1 - this.#released / this.entries);
    return Math.round((this.end - this.headerLength) * part);
  }

  release(): void {
    if (this.#released < this.entries) this.#released++;
  }

  /** A failure has cost it all from `offset` on. */
  cut(offset: number): void {
    this.groups.cut(offset);
    this.end = this.isEmpty ? this.headerLength : offset;
  }
}
