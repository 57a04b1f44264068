// Who of the crunchers is free and who has which chunk: the uploader's book. A cruncher that ends
// gives its chunk back, and nobody has to know why it ended.

import type { Crunch } from './messages.ts';

/** How often a chunk is tried before it is given up. */
export const MOST_TRIES = 3;

/** A chunk on its way, and how often a cruncher has died of it. */
export interface Work {
  readonly message: Crunch;
  deaths: number;
}

export class Crew<Worker> {
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Work>();

  /** True when every chunk that was given out is done. */
  get isDone(): boolean {
    return this.#busy.size === 0;
  }

  /** The lowest number of what is being crunched. */
  get oldest(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const { message } of this.#busy.values()) oldest = Math.min(oldest, message.seq);
    return oldest;
  }

  /** A worker that is free from now on, and whether it is new. */
  ready(worker: Worker): 'new' | 'known' {
    const known = this.#busy.delete(worker);
    this.#idle.push(worker);
    return known ? 'known' : 'new';
  }

  /** Gives work to the one who has been free the longest, if anyone is. */
  assign(work: Work): Worker | undefined {
    const worker = this.#idle.shift();
    if (worker !== undefined) this.#busy.set(worker, work);
    return worker;
  }

  /** A worker has ended. Returns what it was at. */
  lost(worker: Worker): Work | undefined {
    const place = this.#idle.indexOf(worker);
    if (place >= 0) this.#idle.splice(place, 1);
    const work = this.#busy.get(worker);
    this.#busy.delete(worker);
    return work;
  }
}
