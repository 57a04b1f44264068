// Records that are kept for good. They are in blocks, and a block stays where it is: in one array, which
// grows by being copied, most of the time of adding went into fresh memory.

import { after, type Records } from './records.ts';

const BLOCK_BITS = 18;
/** A block has so many words, 1 MiB, but for the first ones, which are smaller, and for longer records. */
const BLOCK_WORDS = 1 << BLOCK_BITS;
const FIRST_BLOCK_WORDS = 4096;

export class RecordStore {
  #blocks: Records[] = [new Int32Array(FIRST_BLOCK_WORDS)];
  /** How much of the blocks before the last one is filled. */
  #filled: number[] = [];
  /** The last block, and how much of it is filled. */
  #last: Records = this.#blocks[0] as Records;
  #end = 0;

  /** Keeps the record at a place in other ones, and says at which place it is. */
  keep(records: Records, at: number): number {
    const length = after(records, at) - at;
    if (this.#end + length > this.#last.length) this.#addBlock(length);
    const words = this.#last;
    const to = this.#end;
    for (let i = 0; i < length; i++) words[to + i] = records[at + i] as number;
    this.#end += length;
    return this.#filled.length * BLOCK_WORDS + to;
  }

  /** The block that has the record at this place. */
  blockAt(place: number): Records {
    return this.#blocks[place >>> BLOCK_BITS] as Records;
  }

  /** Where in its block the record at this place begins. */
  inBlock(place: number): number {
    return place & (BLOCK_WORDS - 1);
  }

  /** All that is kept, in the order in which it came. */
  *[Symbol.iterator](): Generator<Records, void> {
    for (const [i, end] of [...this.#filled, this.#end].entries())
      yield (this.#blocks[i] as Records).subarray(0, end);
  }

  /** All that is kept, as one; afterwards there is nothing, and one of the blocks to fill again. */
  take(): Records {
    const records = new Int32Array(Array.from(this).reduce((sum, { length }) => sum + length, 0));
    let to = 0;
    for (const block of this) {
      records.set(block, to);
      to += block.length;
    }
    this.#blocks = [this.#last];
    this.#filled = [];
    this.#end = 0;
    return records;
  }

  #addBlock(forLength: number): void {
    this.#filled.push(this.#end);
    const usual = Math.min(this.#last.length * 2, BLOCK_WORDS);
    this.#last = new Int32Array(Math.max(forLength, usual));
    this.#blocks.push(this.#last);
    this.#end = 0;
  }
}
