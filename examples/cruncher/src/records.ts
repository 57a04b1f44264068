// Addresses as bytes, one after the other in one buffer, from where they are found to where they are
// counted. As strings each cost an object or two, and of a text full of them most of the time went to
// the garbage collector; and a buffer can be moved to another thread.

/**
 * Records of addresses, each of whole words: a hash of the text, how often it was found, the length of
 * the text in bytes, and the text, filled up with zeros. The only view of its ArrayBuffer, so that it
 * can be moved.
 */
export type Records = Int32Array<ArrayBuffer>;

// The words of a record.
export const HASH = 0;
export const TIMES = 1;
export const LENGTH = 2;
export const TEXT = 3;

const AT_SIGN = 0x40;
const LOWER_CASE = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/** Where the record after the one at a place begins. */
export function after(records: Records, at: number): number {
  return at + TEXT + (((records[at + LENGTH] as number) + 3) >> 2);
}

/** Writes records, again and again. */
export class RecordWriter {
  #words: Records = new Int32Array(4096);
  #bytes = new Uint8Array(this.#words.buffer);
  /** Where the next one begins. */
  #end = 0;

  /**
   * Writes the address in `start..end` of some bytes, whose domain begins at `domain`, with the domain
   * in lower case. A domain that begins with the bytes has lost its `@`, which is put before it.
   */
  address(bytes: Uint8Array, start: number, domain: number, end: number): void {
    this.#makeRoom(end - start + 1);
    const written = this.#bytes;
    let to = (this.#end + TEXT) * 4;
    if (domain === 0) written[to++] = AT_SIGN;
    for (let i = start; i < domain; i++) written[to++] = bytes[i] as number;
    for (let i = domain; i < end; i++) written[to++] = LOWER_CASE[bytes[i] as number] as number;
    this.#seal(to, 1);
  }

  /** Writes what is in `start..end` of some bytes, found so many times. */
  text(bytes: Uint8Array, start: number, end: number, times: number): void {
    this.#makeRoom(end - start);
    const written = this.#bytes;
    let to = (this.#end + TEXT) * 4;
    for (let i = start; i < end; i++) written[to++] = bytes[i] as number;
    this.#seal(to, times);
  }

  /** How many words have been written. */
  get length(): number {
    return this.#end;
  }

  /** What has been written; the next record is the first again. */
  take(): Records {
    const records = this.#words.slice(0, this.#end);
    this.#end = 0;
    return records;
  }

  /** Ends the record whose text ends before this byte. */
  #seal(textEnd: number, times: number): void {
    const at = this.#end;
    const end = (textEnd + 3) >> 2;
    for (let i = textEnd; i < end * 4; i++) this.#bytes[i] = 0;
    const words = this.#words;
    words[at + TIMES] = times;
    words[at + LENGTH] = textEnd - (at + TEXT) * 4;
    words[at + HASH] = hashOf(words, at + LENGTH, end);
    this.#end = end;
  }

  #makeRoom(length: number): void {
    const needed = this.#end + TEXT + ((length + 3) >> 2);
    if (needed <= this.#words.length) return;
    const larger = new Int32Array(Math.max(needed, this.#words.length * 2));
    larger.set(this.#words);
    this.#words = larger;
    this.#bytes = new Uint8Array(larger.buffer);
  }
}

/** The hash of murmur3. */
function hashOf(words: Records, start: number, end: number): number {
  let hash = 0;
  for (let i = start; i < end; i++) {
    const word = Math.imul(words[i] as number, 0xcc9e2d51);
    hash ^= Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
