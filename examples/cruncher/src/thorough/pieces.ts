// Cuts an input into pieces that can be looked at apart. A plain text is cut at ends of lines; a mail, a file
// of mails or HTML is one piece, as its end may say what its beginning means, unless it is larger than any.

import type { Buffers } from '../buffers.ts';
import type { ByteSource, Chunk, Kind } from '../chunks.ts';
import { encodingOf } from '../encoding.ts';
import { kindOf } from './thorough.ts';

/** What is larger is no mail; it is looked at as plain text, so that memory does not grow with it. */
export const MOST_WHOLE_BYTES = 64 * 1024 * 1024;

const LINE_FEED = 0x0a;
const NOTHING = new Uint8Array(0);

/** Reads a source piece by piece, and only when asked. The small ones have one of the buffers, to give back. */
export class PieceReader {
  readonly #source: ByteSource;
  readonly #buffers: Buffers;
  /** What the last read brought beyond the cut. */
  #rest: Uint8Array = NOTHING;
  /** What it is; unknown before the first piece. */
  #kind: Kind | undefined;
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
    return this.#ended && this.#rest.length === 0;
  }

  /** The next piece, or `undefined` after the last. Rejects with the source's error. */
  async next(): Promise<Chunk | undefined> {
    if (this.ended) return undefined;
    const first = await this.#fill();
    if (first.length === 0) {
      this.#buffers.giveBack(first);
      return undefined;
    }
    const kind = this.#kind ?? kindOf(first);
    // What is still to come of it, if it is larger than any, is looked at as plain text.
    this.#kind = 'plain';
    const isPlain = kind === 'plain' && encodingOf(first) === undefined;
    const bytes = isPlain ? first : await this.#whole(first);
    return { bytes: this.#cut(bytes), from: 'nothing', kind };
  }

  /** A buffer with the rest and what comes after it, full if there is so much. */
  async #fill(): Promise<Buffer<ArrayBuffer>> {
    const buffer = this.#buffers.take();
    buffer.set(this.#rest);
    let filled = this.#rest.length;
    this.#rest = NOTHING;
    while (filled < buffer.length && !this.#ended) {
      const { length, ended } = await this.#source.read(buffer.subarray(filled));
      this.#bytesRead += length;
      this.#ended = ended;
      filled += length;
    }
    return buffer.subarray(0, filled);
  }

  /** All that is left, or as much as may be in one piece. */
  async #whole(first: Buffer<ArrayBuffer>): Promise<Buffer<ArrayBuffer>> {
    const parts = [first];
    let length = first.length;
    while (!this.#ended && length < MOST_WHOLE_BYTES) {
      const part = await this.#fill();
      parts.push(part);
      length += part.length;
    }
    if (parts.length === 1) return first;
    const whole = Buffer.concat(parts);
    for (const part of parts) this.#buffers.giveBack(part);
    return whole;
  }

  /** What is up to the last end of a line; all, if the line is too long or the input has ended. */
  #cut(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
    const lineEnd = bytes.lastIndexOf(LINE_FEED) + 1;
    const isLong = lineEnd === 0 || bytes.length - lineEnd >= this.#buffers.bytes;
    const cut = this.#ended || isLong ? bytes.length : lineEnd;
    this.#rest = cut < bytes.length ? new Uint8Array(bytes.subarray(cut)) : NOTHING;
    return bytes.subarray(0, cut);
  }
}
