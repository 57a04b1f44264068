/** A queue with two ends on a ring of slots: nothing moves when the front is taken. */

const SMALLEST = 8;

export class Deque<T> {
  #slots: (T | undefined)[] = new Array(SMALLEST).fill(undefined);
  #front = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#front + this.#length) & (this.#slots.length - 1)] = item;
    this.#length++;
  }

  peek(): T | undefined {
    return this.#slots[this.#front];
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#front];
    this.#slots[this.#front] = undefined;
    this.#front = (this.#front + 1) & (this.#slots.length - 1);
    this.#length--;
    return item;
  }

  #grow(): void {
    const old = this.#slots;
    const slots: (T | undefined)[] = new Array(old.length * 2).fill(undefined);
    for (let i = 0; i < old.length; i++) slots[i] = old[(this.#front + i) & (old.length - 1)];
    this.#slots = slots;
    this.#front = 0;
  }
}
