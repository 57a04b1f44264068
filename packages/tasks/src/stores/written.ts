/** Entries of a journal, as far as somebody still wants something of them, so that compaction can tell what to keep. */

import type { Position } from '@beamish/journal';

/** An entry: all that is written in it knows it by this, wherever it is moved to. */
export interface Written {
  /** Where it is. */
  at: Position;
  /** How many things are wanted of it. */
  wanted: number;
}

export class WrittenEntries {
  readonly #released: (at: Position) => void;
  readonly #byPosition = new Map<Position, Written>();

  /** `released` is told of entries of which nothing is wanted any more. */
  constructor(released: (at: Position) => void) {
    this.#released = released;
  }

  /** The one that is there; a new one is wanted by nobody yet. */
  at(at: Position): Written {
    let written = this.#byPosition.get(at);
    if (written === undefined) {
      written = { at, wanted: 0 };
      this.#byPosition.set(at, written);
    }
    return written;
  }

  isWanted(at: Position): boolean {
    return (this.#byPosition.get(at)?.wanted ?? 0) > 0;
  }

  /** Somebody wants no more what he wanted of it. */
  unwant(written: Written | undefined): void {
    if (written === undefined || --written.wanted > 0) return;
    this.#byPosition.delete(written.at);
    this.#released(written.at);
  }

  /** It is in another place. */
  moved(from: Position, to: Position): void {
    const written = this.#byPosition.get(from);
    if (written === undefined) return;
    this.#byPosition.delete(from);
    written.at = to;
    this.#byPosition.set(to, written);
  }
}
