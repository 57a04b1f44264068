/**
 * Pids of this system that another one may give to actors, and has not given yet. It tells third systems
 * of such a pid as soon as it has spawned, so what they send there may come before the spawn: it waits for
 * it, as then nobody who was told of an actor finds that there is none.
 */

interface Block {
  next: number;
  /** The serial after the last. */
  readonly end: number;
}

export class Unborn {
  readonly #blocks: Block[] = [];
  readonly #waiting: (() => void)[] = [];

  expect(next: number, end: number): void {
    this.#blocks.push({ next, end });
  }

  has(serial: number): boolean {
    for (const { next, end } of this.#blocks) if (serial >= next && serial < end) return true;
    return false;
  }

  /** Calls `goOn` after the next birth, or once there will be none any more. */
  whenBorn(goOn: () => void): void {
    this.#waiting.push(goOn);
  }

  /** Serials are used in their order. */
  born(serial: number): void {
    const block = this.#blocks.find(({ next, end }) => serial >= next && serial < end);
    if (block !== undefined) block.next = serial + 1;
    this.#goOn();
  }

  /** Whoever spawned here is lost. */
  none(): void {
    this.#blocks.length = 0;
    this.#goOn();
  }

  #goOn(): void {
    for (const goOn of this.#waiting.splice(0)) goOn();
  }
}
