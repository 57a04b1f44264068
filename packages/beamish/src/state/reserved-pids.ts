/**
 * Pids of this system that another one may give to actors, and has not given yet. It tells third systems
 * of such a pid as soon as it has spawned, so what they send there may come before the spawn: it waits for
 * it, as then none of them finds that there is no such actor. What they tell others here of that pid does not.
 */

interface Block {
  /** The connection to the system that spawns them. */
  readonly owner: object;
  next: number;
  /** The serial after the last. */
  readonly end: number;
}

export class ReservedPids {
  #blocks: Block[] = [];
  readonly #waiting: (() => void)[] = [];
  /** Somebody was spawned, or never will be, and who waits for that has not gone on. */
  #isNews = false;

  reserve(owner: object, next: number, end: number): void {
    this.#blocks.push({ owner, next, end });
  }

  /** Whether what `from` tells of this serial is early: it waits for a spawn by somebody else. */
  isEarly(serial: number, from: object): boolean {
    for (const { owner, next, end } of this.#blocks)
      if (serial >= next && serial < end) return owner !== from;
    return false;
  }

  /** Calls `goOn` once that is told, after the next spawn or when there will be none any more. */
  whenSpawned(goOn: () => void): void {
    this.#waiting.push(goOn);
  }

  /** Serials are used in their order. */
  spawned(serial: number): void {
    const i = this.#blocks.findIndex(({ next, end }) => serial >= next && serial < end);
    const block = this.#blocks[i];
    if (block !== undefined) block.next = serial + 1;
    if (block !== undefined && block.next === block.end) this.#blocks.splice(i, 1);
    this.#isNews = true;
  }

  /** Whoever spawned them is lost. */
  release(owner: object): void {
    this.#blocks = this.#blocks.filter((block) => block.owner !== owner);
    this.#isNews = true;
    this.tell();
  }

  /** Lets those go on who wait, if somebody was spawned. */
  tell(): void {
    if (!this.#isNews) return;
    this.#isNews = false;
    for (const goOn of this.#waiting.splice(0)) goOn();
  }
}
