// A hash table of addresses and how often each was found. It keeps them as the records that they came in,
// end to end, and beside them the slots through which one is found: no object for any of them.

import { after, HASH, LENGTH, type Records, TEXT, TIMES } from './records.ts';

const FIRST_SLOTS = 1024;

/** Where a text is in the `bytes` of a tally, and how often it was added, up to 4,294,967,295 times. */
export type Entry = readonly [start: number, end: number, times: number];

export class Tally implements Iterable<Entry> {
  /**
   * Open addressing, in pairs: a hash, to look at no record in vain, and the place of its record, plus 1;
   * 0 for none. At most half of them are taken.
   */
  #slots = new Int32Array(2 * FIRST_SLOTS);
  #records: Records = new Int32Array(4096);
  /** Where the next record begins. */
  #end = 0;
  #size = 0;
  #total = 0;

  /** How many are in it, without repetitions. */
  get size(): number {
    return this.#size;
  }

  /** How many are in it, with repetitions. */
  get total(): number {
    return this.#total;
  }

  /** What the entries are in, until the next `add`. */
  get bytes(): Buffer {
    return Buffer.from(this.#records.buffer);
  }

  /** All that is in it, in the order in which it came. */
  *[Symbol.iterator](): Generator<Entry, void> {
    for (let at = 0; at < this.#end; at = after(this.#records, at)) {
      const start = (at + TEXT) * 4;
      const length = this.#records[at + LENGTH] as number;
      yield [start, start + length, (this.#records[at + TIMES] as number) >>> 0];
    }
  }

  /** @throws RangeError when there is no memory for more. */
  add(records: Records): void {
    let end: number;
    for (let at = 0; at < records.length; at = end) {
      end = after(records, at);
      this.#addOne(records, at, end);
    }
  }

  /** All that is in it; afterwards it is empty. */
  take(): Records {
    const records = this.#records.slice(0, this.#end);
    this.#slots.fill(0);
    this.#end = this.#size = this.#total = 0;
    return records;
  }

  #addOne(records: Records, at: number, end: number): void {
    const hash = records[at + HASH] as number;
    const times = records[at + TIMES] as number;
    this.#total += times;
    const slots = this.#slots;
    let slot = firstSlot(slots, hash);
    for (let place = slots[slot + 1]; place !== 0; place = slots[slot + 1]) {
      const known = (place as number) - 1;
      if (slots[slot] === hash && this.#isSame(known, records, at, end)) {
        this.#records[known + TIMES] = (this.#records[known + TIMES] as number) + times;
        return;
      }
      slot = slotAfter(slots, slot);
    }
    slots[slot] = hash;
    slots[slot + 1] = this.#append(records, at, end) + 1;
    this.#size++;
    if (this.#size * 4 === slots.length) this.#doubleSlots();
  }

  /** Whether a record of this tally has the text of another one. */
  #isSame(known: number, records: Records, at: number, end: number): boolean {
    const mine = this.#records;
    for (let i = LENGTH; i < end - at; i++) {
      if (records[at + i] !== mine[known + i]) return false;
    }
    return true;
  }

  #append(records: Records, at: number, end: number): number {
    const place = this.#end;
    this.#end += end - at;
    if (this.#end > this.#records.length) {
      const larger = new Int32Array(Math.max(this.#end, this.#records.length * 2));
      larger.set(this.#records);
      this.#records = larger;
    }
    const mine = this.#records;
    for (let i = 0; i < end - at; i++) mine[place + i] = records[at + i] as number;
    return place;
  }

  #doubleSlots(): void {
    const old = this.#slots;
    const slots = new Int32Array(old.length * 2);
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue;
      let slot = firstSlot(slots, old[i] as number);
      while (slots[slot + 1] !== 0) slot = slotAfter(slots, slot);
      slots[slot] = old[i] as number;
      slots[slot + 1] = old[i + 1] as number;
    }
    this.#slots = slots;
  }
}

/** Their number is a power of two. */
function firstSlot(slots: Int32Array, hash: number): number {
  return (hash << 1) & (slots.length - 1);
}

function slotAfter(slots: Int32Array, slot: number): number {
  return (slot + 2) & (slots.length - 1);
}
