/** A list of offsets that rises, four bytes each: there is one of every group. */

const SMALLEST = 16;

export class Offsets {
  #offsets = new Uint32Array(SMALLEST);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(offset: number): void {
    if (this.#length === this.#offsets.length) {
      const larger = new Uint32Array(this.#length * 2);
      larger.set(this.#offsets);
      this.#offsets = larger;
    }
    this.#offsets[this.#length++] = offset;
  }

  at(i: number): number | undefined {
    return i < this.#length ? this.#offsets[i] : undefined;
  }

  /** Index of the last one that is at most `offset`; -1 if there is none. */
  lastUpTo(offset: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#offsets[middle] as number) <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Forgets those from `offset` on. */
  cut(offset: number): void {
    this.#length = this.lastUpTo(offset - 1) + 1;
  }
}
