// Who of the crunchers is free and who has which chunk: the uploader's book. A cruncher that ends
// gives its chunk back, and nobody has to know why it ended.

import type { Chunk } from './chunks.ts';
import type { FilePart } from './file-system.ts';

/** How often a chunk is tried before it is given up. */
export const MOST_TRIES = 3;

/** A chunk on its way. */
export interface Work {
  readonly seq: number;
  /** Once it has been moved to another thread, its bytes are gone here. */
  chunk: Chunk;
  /** Where its bytes can be read again; `undefined` if nowhere. */
  readonly part: FilePart | undefined;
  /** Its bytes once more, while it is in another thread and can be read nowhere. */
  spare: Uint8Array<ArrayBuffer> | undefined;
  /** Whether the cruncher that has it got it before its end, if that should come. */
  isBegun: boolean;
  /** How many crunchers have died after they had begun. */
  deaths: number;
}

/** In this thread, or in another one. */
export type Place = 'here' | 'elsewhere';

export class Crew<Worker> {
  /** The free ones of each place, the one that has been free the longest first. */
  readonly #idle: { readonly [P in Place]: Worker[] } = { here: [], elsewhere: [] };
  readonly #busy = new Map<Worker, Work>();

  /** True when every chunk that was given out is done. */
  get isDone(): boolean {
    return this.#busy.size === 0;
  }

  /** The lowest number of what is being crunched. */
  get oldest(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const { seq } of this.#busy.values()) oldest = Math.min(oldest, seq);
    return oldest;
  }

  /** A worker is free from now on. Returns what it has done; nothing if it is new. */
  ready(worker: Worker, place: Place): Work | undefined {
    const done = this.#busy.get(worker);
    this.#busy.delete(worker);
    this.#idle[place].push(worker);
    return done;
  }

  /** A worker has got its work, and begins. */
  begun(worker: Worker): void {
    const work = this.#busy.get(worker);
    if (work !== undefined) work.isBegun = true;
  }

  /**
   * Gives work to the one who has been free the longest, if anyone is, `'here'` or anywhere; then one in
   * another thread comes first, as this one has to read and to count as well.
   */
  assign(work: Work, where: 'here' | 'anywhere'): Worker | undefined {
    const elsewhere = where === 'here' ? undefined : this.#idle.elsewhere.shift();
    const worker = elsewhere ?? this.#idle.here.shift();
    if (worker === undefined) return undefined;
    work.isBegun = false;
    this.#busy.set(worker, work);
    return worker;
  }

  /** A worker has ended. Returns what it was at. */
  lost(worker: Worker): Work | undefined {
    for (const idle of Object.values(this.#idle)) {
      const place = idle.indexOf(worker);
      if (place >= 0) idle.splice(place, 1);
    }
    const work = this.#busy.get(worker);
    this.#busy.delete(worker);
    return work;
  }
}
