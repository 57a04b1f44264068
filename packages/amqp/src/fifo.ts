/** A list that is added to at its end and taken from at its front, in constant time. */

/** How much of an array that is done with is kept before it is cut. */
const MOST_SPARE = 1024;

export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  at(i: number): T | undefined {
    return this.#items[this.#head + i];
  }

  /** Leaves a gap: its place is still counted. */
  clear(i: number): void {
    this.#items[this.#head + i] = undefined;
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const first = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head > MOST_SPARE && this.#head * 2 > this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return first;
  }

  /** The last that was pushed. */
  pop(): T | undefined {
    return this.length === 0 ? undefined : this.#items.pop();
  }

  /** All of it but the gaps, and then there is nothing. */
  takeAll(): T[] {
    const all = this.#items.slice(this.#head).filter((item): item is T => item !== undefined);
    this.#items = [];
    this.#head = 0;
    return all;
  }
}
