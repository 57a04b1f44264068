/** One claim: what it has to pass over, as limits and threads hold it, and what it has taken. */

import type { TaskRecord } from '../state/record.ts';
import type { Held } from '../stores/store.ts';
import type { Limits } from './limits.ts';
import type { Seats } from './seats.ts';

/**
 * A class, as of an object with a getter the host makes a hidden class each time, which outlives collections of what
 * is young, and with it everything that the getter's function could see: each record that was ever claimed did.
 */
export class Taking implements Held {
  readonly #limits: Limits;
  readonly #seats: Seats;
  readonly #isThreaded: (name: string) => boolean;
  readonly #taken: TaskRecord[] = [];

  constructor(limits: Limits, seats: Seats, isThreaded: (name: string) => boolean) {
    this.#limits = limits;
    this.#seats = seats;
    this.#isThreaded = isThreaded;
  }

  has(key: string): boolean {
    return this.#limits.has(key) || this.#seats.holds(key);
  }

  get keys(): Iterable<string> {
    return this.#limits.keys;
  }

  get freed(): number {
    return this.#limits.freed + this.#seats.freed;
  }

  take(record: TaskRecord): void {
    this.#limits.take(record);
    if (this.#isThreaded(record.name)) this.#seats.take(record.id);
    this.#taken.push(record);
  }

  /** The store could not keep it, so nobody has them. */
  giveBack(): void {
    for (const { id, key } of this.#taken) {
      this.#limits.release(key);
      this.#seats.release(id);
    }
  }
}
