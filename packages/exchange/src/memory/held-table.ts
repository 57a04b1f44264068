/**
 * What consumers have in hand, by slots that are used again. A map by number took a tenth of the time of
 * all that is delivered, as nearly each entry leaves it soon and it has to be cleaned of those that left.
 */

import type { Entry } from './entry.ts';

export class HeldTable {
  readonly #slots: (Entry | undefined)[] = [];
  /** Slots that nothing is in. */
  readonly #free: number[] = [];

  get size(): number {
    return this.#slots.length - this.#free.length;
  }

  /** Returns its slot. */
  add(entry: Entry): number {
    const slot = this.#free.pop() ?? this.#slots.length;
    this.#slots[slot] = entry;
    return slot;
  }

  /** Undefined if what is in the slot, if anything, has another number. */
  take(number: number, slot: number): Entry | undefined {
    const entry = this.#slots[slot];
    if (entry?.number !== number) return undefined;
    this.#slots[slot] = undefined;
    this.#free.push(slot);
    return entry;
  }

  /** Takes out those of which `isOf` says so, in the order of places. */
  takeAll(isOf: (entry: Entry) => boolean): readonly Entry[] {
    const taken: Entry[] = [];
    for (const [slot, entry] of this.#slots.entries()) {
      if (entry === undefined || !isOf(entry)) continue;
      taken.push(entry);
      this.#slots[slot] = undefined;
      this.#free.push(slot);
    }
    return taken.sort((a, b) => a.place - b.place);
  }
}
