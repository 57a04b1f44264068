/** Where in the journal everything is that is still wanted, so that compaction can tell what to keep. */

import type { Position } from '@beamish/journal';

/** What is kept: a half of a record, or a note. */
export type What = `${'fixed' | 'changing' | 'note'}:${string}`;

/** Something has been written in another place, which is not kept yet: until then both are wanted. */
interface Move {
  readonly what: What;
  before: Position | undefined;
  now: Position | undefined;
}

export class Places {
  readonly #released: (at: Position) => void;
  readonly #at = new Map<What, Position>();
  /** How many things are wanted of each entry. */
  readonly #wanted = new Map<Position, number>();
  /** Those that are not kept yet, the latest last. */
  #moves: Move[] = [];
  /** How many there were before these. */
  #done = 0;

  /** `released` is told of entries of which nothing is wanted any more. */
  constructor(released: (at: Position) => void) {
    this.#released = released;
  }

  isWanted(at: Position): boolean {
    return this.#wanted.has(at);
  }

  /** It is kept in that entry, or nowhere. */
  put(what: What, at: Position | undefined): void {
    const before = this.#at.get(what);
    this.#set(what, at);
    this.#want(at);
    this.#unwant(before);
  }

  /** It is written in that entry, or is to be nowhere. Where it was is wanted until that is kept. */
  write(what: What, at: Position | undefined): void {
    this.#moves.push({ what, before: this.#at.get(what), now: at });
    this.#set(what, at);
    this.#want(at);
  }

  /** Everything that has been written so far, to say later that it is kept. */
  get mark(): number {
    return this.#done + this.#moves.length;
  }

  kept(mark: number): void {
    const moves = this.#moves.splice(0, Math.max(0, mark - this.#done));
    this.#done += moves.length;
    for (const { before } of moves) this.#unwant(before);
  }

  /** Nothing of what was written and is not kept will be. */
  undo(): void {
    this.#done += this.#moves.length;
    for (const { what, before, now } of this.#moves.splice(0).reverse()) {
      this.#set(what, before);
      this.#unwant(now);
    }
  }

  /** An entry, in which `whats` may be, is in another place. */
  moved(from: Position, to: Position, whats: readonly What[]): void {
    const wanted = this.#wanted.get(from);
    if (wanted === undefined) return;
    this.#wanted.delete(from);
    this.#wanted.set(to, (this.#wanted.get(to) ?? 0) + wanted);
    for (const what of whats) if (this.#at.get(what) === from) this.#at.set(what, to);
    for (const move of this.#moves) {
      if (move.before === from) move.before = to;
      if (move.now === from) move.now = to;
    }
  }

  #set(what: What, at: Position | undefined): void {
    if (at === undefined) this.#at.delete(what);
    else this.#at.set(what, at);
  }

  #want(at: Position | undefined): void {
    if (at !== undefined) this.#wanted.set(at, (this.#wanted.get(at) ?? 0) + 1);
  }

  #unwant(at: Position | undefined): void {
    if (at === undefined) return;
    const left = (this.#wanted.get(at) ?? 0) - 1;
    if (left > 0) {
      this.#wanted.set(at, left);
      return;
    }
    this.#wanted.delete(at);
    this.#released(at);
  }
}
