/** Lamport's clock, by which the nodes of a deployment order their events: each is later than all it has heard of. */
export class LogicalClock {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  tick(): number {
    this.#value += 1;
    return this.#value;
  }

  /** Something was heard that happened then. */
  adjust(heard: unknown): void {
    if (typeof heard === 'number' && Number.isSafeInteger(heard))
      this.#value = Math.max(this.#value, heard) + 1;
  }
}
