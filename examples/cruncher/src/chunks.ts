// Cuts a stream of bytes into chunks that can be crunched apart, in any order, and again after a
// crash. A chunk ends after a byte that no address contains, and what follows waits for the next
// one, so an address is never cut. Only a run of address bytes longer than a chunk forces a cut
// inside: before the address that is open there, or, if that one is itself longer than a chunk,
// through it. The next chunk then says in `from` what was cut off.

import type { Readable } from 'node:stream';
import { addAbortSignal } from 'node:stream';
import { KINDS, OTHER, readThrough, type ScanState } from './scan-state.ts';

/** The most bytes in a chunk: large enough that its messages cost little, small enough to wait. */
export const CHUNK_BYTES = 256 * 1024;

const NOTHING = new Uint8Array(0);

/** A piece of a text: plain data, the only view of its ArrayBuffer, so that it can be moved. */
export interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What stands right before the bytes; `nothing` but after a cut through an address. */
  readonly from: ScanState;
}

/** Where bytes come from. After `ended` it is not read again. */
export interface ByteSource {
  read(into: Uint8Array): Promise<{ readonly length: number; readonly ended: boolean }>;
}

export interface ChunkOptions {
  readonly chunkBytes?: number;
  /** How many bytes are likely to come, so that a small file gets a small buffer. */
  readonly expectedBytes?: number | undefined;
}

/** Reads a source chunk by chunk, and only when asked. */
export class ChunkReader {
  readonly #source: ByteSource;
  readonly #limit: number;
  readonly #expected: number;
  /** What the last read brought beyond the cut; no byte of it ends a chunk. */
  #rest: Uint8Array = NOTHING;
  #from: ScanState = 'nothing';
  #bytesRead = 0;
  #ended = false;

  constructor(source: ByteSource, options: ChunkOptions = {}) {
    this.#source = source;
    this.#limit = options.chunkBytes ?? CHUNK_BYTES;
    this.#expected = options.expectedBytes ?? Number.POSITIVE_INFINITY;
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
    while (!this.#ended) {
      const buffer = this.#allocate();
      let filled = this.#rest.length;
      let cut = 0;
      while (cut === 0 && filled < buffer.length && !this.#ended) {
        const { length, ended } = await this.#source.read(buffer.subarray(filled));
        this.#bytesRead += length;
        this.#ended = ended;
        cut = lastBreak(buffer, filled, filled + length);
        filled += length;
      }
      if (filled === 0) return undefined;
      const chunk = this.#cut(buffer, cut, filled);
      if (chunk !== undefined) return chunk;
    }
    return undefined;
  }

  /** A fresh buffer that begins with the rest. Never zeroed: what is not filled is not shown. */
  #allocate(): Buffer<ArrayBuffer> {
    const left = this.#expected - this.#bytesRead;
    // One byte more than expected, so that the end of the file shows in the same read.
    const length = left > 0 ? Math.min(this.#limit, this.#rest.length + left + 1) : this.#limit;
    const buffer = Buffer.allocUnsafeSlow(length);
    buffer.set(this.#rest);
    return buffer;
  }

  #cut(buffer: Buffer<ArrayBuffer>, lastBreak: number, filled: number): Chunk | undefined {
    const from = this.#from;
    let cut = lastBreak;
    let next: ScanState = 'nothing';
    if (this.#ended) {
      cut = filled;
    } else if (cut === 0 && filled === this.#limit) {
      const open = readThrough(buffer.subarray(0, filled), from);
      cut = open.start > 0 ? open.start : filled;
      if (cut === filled) next = open.state;
    }
    // A copy, for a chunk takes its buffer along; of a Buffer, `slice` would be another view.
    this.#rest = cut < filled ? new Uint8Array(buffer.subarray(cut, filled)) : NOTHING;
    if (cut === 0) return undefined; // a file that grew beyond what was expected: read on
    this.#from = next;
    // A slow pipe gives a few bytes at a time. Those are copied, lest each hold a whole buffer.
    const bytes =
      cut * 2 < buffer.length ? new Uint8Array(buffer.subarray(0, cut)) : buffer.subarray(0, cut);
    return { bytes, from };
  }
}

/** Reads a pipe, a terminal or a socket. An abort ends a read that waits, with an AbortError. */
export function streamSource(stream: Readable, signal: AbortSignal): ByteSource {
  const pieces = addAbortSignal(signal, stream)[Symbol.asyncIterator]();
  let rest: Uint8Array = NOTHING;
  return {
    async read(into) {
      while (rest.length === 0) {
        const piece = await pieces.next();
        if (piece.done === true) return { length: 0, ended: true };
        rest = piece.value as Uint8Array;
      }
      const length = Math.min(rest.length, into.length);
      into.set(rest.subarray(0, length));
      rest = rest.subarray(length);
      return { length, ended: false };
    },
  };
}

/** The place after the last byte in `start..end` that no address contains, or 0. */
function lastBreak(buffer: Uint8Array, start: number, end: number): number {
  for (let i = end; i > start; i--) {
    if (KINDS[buffer[i - 1] as number] === OTHER) return i;
  }
  return 0;
}
