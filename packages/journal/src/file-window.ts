/** A file that is read from its beginning to its end, in pieces. */

import type { Steps } from './answer.ts';
import { ask, type Disk } from './disk.ts';

/** Large enough that reading costs little beside checking, small enough not to count in memory. */
const PIECE = 256 * 1024;

export class FileWindow {
  readonly #disk: Disk;
  readonly #file: string;
  #from = 0;
  #bytes: Uint8Array = new Uint8Array();

  constructor(disk: Disk, file: string) {
    this.#disk = disk;
    this.#file = file;
  }

  /** Whether `view` has all of them already. */
  has(offset: number, length: number): boolean {
    return offset >= this.#from && offset + length <= this.#from + this.#bytes.length;
  }

  /** Reads on, from `offset`. */
  *fill(offset: number, length: number): Steps<void> {
    const size = Math.max(length, PIECE);
    this.#bytes = yield* ask('read', this.#file, () => this.#disk.read(this.#file, offset, size));
    this.#from = offset;
  }

  /** Fewer than `length` where the file ends, if it was filled for them. */
  view(offset: number, length: number): Uint8Array {
    return this.#bytes.subarray(offset - this.#from, offset - this.#from + length);
  }

  *read(offset: number, length: number): Steps<Uint8Array> {
    if (!this.has(offset, length)) yield* this.fill(offset, length);
    return this.view(offset, length);
  }

  /** From `offset` on as many as are there already, and at least `least`, but where the file ends. */
  *some(offset: number, least: number): Steps<Uint8Array> {
    if (!this.has(offset, least)) yield* this.fill(offset, least);
    return this.#bytes.subarray(offset - this.#from);
  }

  /** Where the file ends. */
  *end(from: number): Steps<number> {
    for (let offset = from; ; offset += PIECE) {
      const { length } = yield* this.read(offset, PIECE);
      if (length < PIECE) return offset + length;
    }
  }
}
