// Addresses as bytes, one after the other in one buffer, from where they are found to where they are
// counted. As strings each cost an object or two, and of a text full of them most of the time went to
// the garbage collector; and a buffer can be moved to another thread.

/**
 * Records of addresses, each of whole words: how often it was found, the length of the text in bytes, and
 * the text, filled up with zeros.
 */
export type Records = Int32Array<ArrayBuffer>;

// The words of a record.
export const TIMES = 0;
export const LENGTH = 1;
export const TEXT = 2;

const AT_SIGN = 0x40;

/** Where the record after the one at a place begins. */
export function after(records: Records, at: number): number {
  return at + TEXT + (((records[at + LENGTH] as number) + 3) >> 2);
}

/**
 * Visits all that is in some records: in which of the `bytes` of their words each text is, and how often it was
 * found, up to 4,294,967,295 times.
 */
export function eachOf(
  records: Records,
  visit: (bytes: Buffer, start: number, end: number, times: number) => void,
): void {
  const bytes = Buffer.from(records.buffer, records.byteOffset, records.byteLength);
  for (let at = 0; at < records.length; at = after(records, at)) {
    const start = (at + TEXT) * 4;
    const length = records[at + LENGTH] as number;
    visit(bytes, start, start + length, (records[at + TIMES] as number) >>> 0);
  }
}

/** Writes records, again and again: four bytes at a time, as most texts are short. */
export class RecordWriter {
  #words: Records = new Int32Array(4096);
  #view = new DataView(this.#words.buffer);
  /** Where the next one begins. */
  #end = 0;
  // What was written from last, and a view of it: to make one for each text would take longer than to write it.
  #source: Uint8Array = new Uint8Array(0);
  #sourceView = new DataView(this.#source.buffer);

  /**
   * Writes the address in `start..end` of some bytes of ASCII, whose domain begins at `domain`, with the domain
   * in lower case. A domain that begins with the bytes has lost its `@`, which is put before it.
   */
  address(bytes: Uint8Array, start: number, domain: number, end: number): void {
    if (domain === 0) {
      const whole = Buffer.concat([Uint8Array.of(AT_SIGN), bytes.subarray(0, end)]);
      return this.address(whole, 0, 1, whole.length);
    }
    const text = (this.#end + TEXT) * 4;
    this.text(bytes, start, end, 1);
    this.#toLowerCase(text + domain - start);
  }

  /** Writes what is in `start..end` of some bytes, found so many times. */
  text(bytes: Uint8Array, start: number, end: number, times: number): void {
    const length = end - start;
    const at = this.#end;
    this.#end = at + TEXT + ((length + 3) >> 2);
    if (this.#end > this.#words.length) this.#grow();
    this.#words[at + TIMES] = times;
    this.#words[at + LENGTH] = length;
    const from = this.#viewOf(bytes);
    const to = this.#view;
    const move = (at + TEXT) * 4 - start;
    const rest = length & 3;
    for (let i = start; i < end - rest; i += 4) to.setInt32(i + move, from.getInt32(i, true), true);
    if (rest > 0) to.setInt32(end - rest + move, lastBytes(from, end, rest), true);
  }

  /** How many words have been written. */
  get length(): number {
    return this.#end;
  }

  /**
   * What has been written; the next record is the first again. It is the only view of its ArrayBuffer, so that
   * it can be moved.
   */
  take(): Records {
    const records = this.#words.slice(0, this.#end);
    this.#end = 0;
    return records;
  }

  /** From a byte of the last record to its end. */
  #toLowerCase(from: number): void {
    const view = this.#view;
    const first = from & ~3;
    view.setInt32(first, lowerCase(view.getInt32(first, true), -1 << ((from & 3) * 8)), true);
    for (let i = first + 4; i < this.#end * 4; i += 4)
      view.setInt32(i, lowerCase(view.getInt32(i, true), -1), true);
  }

  #viewOf(bytes: Uint8Array): DataView {
    if (bytes !== this.#source) {
      this.#source = bytes;
      this.#sourceView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#sourceView;
  }

  /** Makes room for all up to the end, and as much again. */
  #grow(): void {
    const larger = new Int32Array(this.#end * 2);
    larger.set(this.#words);
    this.#words = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** The one to three bytes before a place, as a word that is filled up with zeros. */
function lastBytes(view: DataView, end: number, count: number): number {
  if (end >= 4) return view.getUint32(end - 4, true) >>> (32 - count * 8);
  let word = 0;
  for (let i = 0; i < count; i++) word |= view.getUint8(end - count + i) << (i * 8);
  return word;
}

/** Four letters of ASCII, those of them that are in the mask in lower case. */
function lowerCase(word: number, mask: number): number {
  // The high bit of each byte tells whether it is from A to Z, which `a` to `z` are 0x20 above.
  const capitals = (word + 0x3f3f3f3f) & ~(word + 0x25252525) & 0x80808080 & mask;
  return word | (capitals >>> 2);
}
