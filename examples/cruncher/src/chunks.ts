// Cuts a stream of bytes into chunks that can be crunched apart, in any order, and again after a
// crash. A chunk ends after a byte that no address contains, and what follows waits for the next
// one, so an address is never cut. Only a run of address bytes longer than a chunk forces a cut
// inside: before the address that is open there, or, if that one is itself longer than a chunk,
// through it. The next chunk then says in `from` what was cut off.

import type { Buffers } from './buffers.ts';
import { KINDS, OTHER, readThrough, type ScanState } from './scan-state.ts';

/** The most bytes in a chunk: large enough that its messages cost little, small enough to wait. */
export const CHUNK_BYTES = 1024 * 1024;

const NOTHING = new Uint8Array(0);

/** What an input is, to the thorough algorithm. The fast one does not ask. */
export type Kind = 'plain' | 'html' | 'message' | 'mbox';

/** A piece of a text: plain data, the only view of its ArrayBuffer, so that it can be moved. */
export interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What stands right before the bytes; `nothing` but after a cut through an address. */
  readonly from: ScanState;
  /** What it is a piece of. */
  readonly kind?: Kind;
}

/** Where bytes come from. After `ended` it is not read again. */
export interface ByteSource {
  read(into: Uint8Array): Promise<{ readonly length: number; readonly ended: boolean }>;
}

/** Reads a source chunk by chunk, and only when asked. Each chunk has one of the buffers, to give back. */
export class ChunkReader {
  readonly #source: ByteSource;
  readonly #buffers: Buffers;
  /** What the last read brought beyond the cut; no byte of it ends a chunk. */
  #rest: Uint8Array = NOTHING;
  #from: ScanState = 'nothing';
  #bytesRead = 0;
  #ended = false;

  constructor(source: ByteSource, buffers: Buffers) {
    this.#source = source;
    this.#buffers = buffers;
  }

  /** How many bytes the source has given. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Nothing is left: `next` would give `undefined`. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * The next chunk, or `undefined` after the last. Rejects with the source's error. At most one
   * call at a time. Bytes come as soon as the source has given some: a slow pipe is not waited for
   * until a chunk is full.
   */
  async next(): Promise<Chunk | undefined> {
    if (this.#ended) return undefined;
    const buffer = this.#buffers.take();
    buffer.set(this.#rest);
    let filled = this.#rest.length;
    let cut = 0;
    while (cut === 0 && filled < buffer.length && !this.#ended) {
      const { length, ended } = await this.#source.read(buffer.subarray(filled));
      this.#bytesRead += length;
      this.#ended = ended;
      cut = lastBreak(buffer, filled, filled + length);
      filled += length;
    }
    if (filled > 0) return this.#cut(buffer, cut, filled);
    this.#buffers.giveBack(buffer);
    return undefined;
  }

  #cut(buffer: Buffer<ArrayBuffer>, lastBreak: number, filled: number): Chunk {
    const from = this.#from;
    let cut = lastBreak;
    let next: ScanState = 'nothing';
    if (this.#ended) {
      cut = filled;
    } else if (cut === 0) {
      const open = readThrough(buffer.subarray(0, filled), from);
      cut = open.start > 0 ? open.start : filled;
      if (cut === filled) next = open.state;
    }
    // A copy, for a chunk takes its buffer along; of a Buffer, `slice` would be another view.
    this.#rest = cut < filled ? new Uint8Array(buffer.subarray(cut, filled)) : NOTHING;
    this.#from = next;
    return { bytes: buffer.subarray(0, cut), from };
  }
}

/** The place after the last byte in `start..end` that no address contains, or 0. */
function lastBreak(buffer: Uint8Array, start: number, end: number): number {
  for (let i = end; i > start; i--) {
    if (KINDS[buffer[i - 1] as number] === OTHER) return i;
  }
  return 0;
}
