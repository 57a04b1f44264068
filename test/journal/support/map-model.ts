/** What a map may be, that was kept, when its process or its machine has stopped. */

export class MapModel {
  /** After each change since the last commit to disk, and how far one to the system has answered. */
  #states: ReadonlyMap<string, string>[] = [new Map()];
  #inSystem = 0;
  /** After changes that were refused, until anything is kept again. */
  #refused: ReadonlyMap<string, string>[] = [];

  get now(): ReadonlyMap<string, string> {
    return this.#states.at(-1) as ReadonlyMap<string, string>;
  }

  set(key: string, value: string): void {
    this.#states.push(new Map(this.now).set(key, value));
  }

  delete(key: string): void {
    const next = new Map(this.now);
    next.delete(key);
    this.#states.push(next);
  }

  committed(until?: 'os'): void {
    this.#refused = [];
    if (until === undefined) this.#states = [this.now];
    this.#inSystem = this.#states.length - 1;
  }

  refused(): void {
    this.#refused = this.#states.slice(this.#inSystem + 1);
    this.#states = this.#states.slice(0, this.#inSystem + 1);
  }

  /** Whether it may be `found` now. From then on it is. */
  isPossible(found: ReadonlyMap<string, string>, stopped: 'machine' | 'process'): boolean {
    const states = stopped === 'machine' ? this.#states : this.#states.slice(this.#inSystem);
    const isPossible = [...states, ...this.#refused].some((state) => isSame(state, found));
    this.#states = [found];
    this.#inSystem = 0;
    this.#refused = [];
    return isPossible;
  }
}

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
