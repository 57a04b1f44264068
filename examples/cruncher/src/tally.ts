// A hash table of addresses and how often each was found. It keeps them as the records that they came in,
// and beside them the slots through which one is found: no object for any of them.
//
// Where there are millions, every look at a slot or a record waits for the memory. So they are taken some
// at a time: all of their slots are looked at, then all records that these lead to, and what one waits for,
// the others wait for with it. When each is then added, what it needs is near.

import { hashOf, randomKey } from './keyed-hash.ts';
import { RecordStore } from './record-store.ts';
import { after, LENGTH, type Records, TIMES } from './records.ts';

const FIRST_SLOTS = 1024;
/** Enough for the memory to be busy all the time, and not more than what stays near. */
const AT_A_TIME = 128;

export class Tally {
  /**
   * Open addressing, in pairs: a hash, to look at no record in vain, and the place of its record, plus 1;
   * 0 for none. At most half of them are taken.
   */
  #slots = new Int32Array(2 * FIRST_SLOTS);
  readonly #store = new RecordStore();
  readonly #key = randomKey();
  #size = 0;
  #total = 0;
  // Of those that are being added: where they are, and their hashes.
  readonly #places = new Int32Array(AT_A_TIME);
  readonly #hashes = new Int32Array(AT_A_TIME);
  /** What was seen in looking ahead: nobody wants it, but what is not kept would not be looked at. */
  readonly #seen = new Int32Array(1);

  /** How many are in it, without repetitions. */
  get size(): number {
    return this.#size;
  }

  /** How many are in it, with repetitions. */
  get total(): number {
    return this.#total;
  }

  /** All that is in it, in the order in which it came, until the next `add`. */
  get records(): Iterable<Records> {
    return this.#store;
  }

  /** @throws RangeError when there is no memory for more. */
  add(records: Records): void {
    for (let at = 0; at < records.length; ) {
      let count = 0;
      for (; count < AT_A_TIME && at < records.length; count++) {
        const end = after(records, at);
        this.#places[count] = at;
        this.#hashes[count] = hashOf(records, at + LENGTH, end, this.#key);
        at = end;
      }
      this.#lookAhead(count);
      for (let i = 0; i < count; i++)
        this.#addOne(records, this.#places[i] as number, this.#hashes[i] as number);
    }
  }

  /** All that is in it; afterwards it is empty. */
  take(): Records {
    this.#slots.fill(0);
    this.#size = this.#total = 0;
    return this.#store.take();
  }

  /** Has what is needed to add those with these hashes brought near. */
  #lookAhead(count: number): void {
    const slots = this.#slots;
    let seen = 0;
    for (let i = 0; i < count; i++)
      seen ^= slots[firstSlot(slots, this.#hashes[i] as number)] as number;
    for (let i = 0; i < count; i++) {
      const hash = this.#hashes[i] as number;
      const slot = firstSlot(slots, hash);
      if (slots[slot] !== hash || slots[slot + 1] === 0) continue;
      const place = (slots[slot + 1] as number) - 1;
      seen ^= this.#store.blockAt(place)[this.#store.inBlock(place)] as number;
    }
    this.#seen[0] = seen;
  }

  #addOne(records: Records, at: number, hash: number): void {
    const times = records[at + TIMES] as number;
    this.#total += times;
    const slots = this.#slots;
    let slot = firstSlot(slots, hash);
    for (let place = slots[slot + 1]; place !== 0; place = slots[slot + 1]) {
      if (slots[slot] === hash) {
        const block = this.#store.blockAt((place as number) - 1);
        const known = this.#store.inBlock((place as number) - 1);
        if (isSame(block, known, records, at)) {
          block[known + TIMES] = (block[known + TIMES] as number) + times;
          return;
        }
      }
      slot = slotAfter(slots, slot);
    }
    slots[slot] = hash;
    slots[slot + 1] = this.#store.keep(records, at) + 1;
    this.#size++;
    if (this.#size * 4 === slots.length) this.#doubleSlots();
  }

  #doubleSlots(): void {
    const old = this.#slots;
    // Written at once: fresh memory that is read first, and then written, costs twice as much.
    const slots = new Int32Array(old.length * 2).fill(0);
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

/** Whether two records have the same text. */
function isSame(some: Records, at: number, others: Records, otherAt: number): boolean {
  const words = after(some, at) - at;
  for (let i = LENGTH; i < words; i++) {
    if (some[at + i] !== others[otherAt + i]) return false;
  }
  return true;
}

/** Their number is a power of two. */
function firstSlot(slots: Int32Array, hash: number): number {
  return (hash << 1) & (slots.length - 1);
}

function slotAfter(slots: Int32Array, slot: number): number {
  return (slot + 2) & (slots.length - 1);
}
