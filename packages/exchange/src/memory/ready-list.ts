/**
 * The messages that wait in a queue, by priority and then by place. What was delivered and comes back goes
 * to its old place, which is before all that was never delivered. Suspects are kept apart, since they may
 * have to wait for a consumer of their own while others go on.
 */

import type { Entry } from './entry.ts';
import type { Publication } from './publication.ts';

export class ReadyList {
  readonly priorities: number;
  /** By priority; the highest last. Made when there is something in it. */
  readonly #levels: (Level | undefined)[];
  /** There is nothing above this level. */
  #top = 0;
  #length = 0;

  constructor(priorities: number) {
    this.priorities = priorities;
    this.#levels = new Array(priorities).fill(undefined);
  }

  get length(): number {
    return this.#length;
  }

  /** Behind all of its priority. */
  push(entry: Entry): void {
    this.levelFor(entry).fresh.push(entry);
    this.#length++;
  }

  /** To its place. */
  putBack(entry: Entry): void {
    const level = this.levelFor(entry);
    (entry.isSuspect ? level.suspects : level.returned).push(entry);
    this.#length++;
  }

  /** The first. */
  peek(): Entry | undefined {
    if (this.#length === 0) return undefined;
    for (; ; this.#top--) {
      const level = this.#levels[this.#top];
      if (level === undefined) continue;
      const suspect = level.suspects.peek();
      const other = level.returned.peek() ?? level.fresh.peek();
      if (suspect === undefined) {
        if (other !== undefined) return other;
      } else return other === undefined || suspect.place < other.place ? suspect : other;
    }
  }

  /** The first that is no suspect. */
  peekOrdinary(): Entry | undefined {
    for (let i = this.#top; i >= 0; i--) {
      const level = this.#levels[i];
      const first = level?.returned.peek() ?? level?.fresh.peek();
      if (first !== undefined) return first;
    }
    return undefined;
  }

  /** Takes out what `peek` or `peekOrdinary` has returned. */
  take(entry: Entry): void {
    const level = this.#levels[this.levelOf(entry.publication)] as Level;
    if (entry.isSuspect) level.suspects.shift();
    else if (level.returned.peek() === entry) level.returned.shift();
    else level.fresh.shift();
    this.#length--;
  }

  clear(): void {
    this.#levels.fill(undefined);
    this.#top = this.#length = 0;
  }

  /** All, in no order that means anything. */
  *[Symbol.iterator](): Generator<Entry, void, undefined> {
    for (const level of this.#levels) {
      if (level === undefined) continue;
      yield* level.suspects;
      yield* level.returned;
      yield* level.fresh;
    }
  }

  /** Its priority here, from 0. */
  levelOf(publication: Publication): number {
    const highest = this.priorities - 1;
    return highest === 0 ? 0 : Math.min(publication.priority, highest);
  }

  /** How many of a priority were never delivered. */
  freshLength(level: number): number {
    return this.#levels[level]?.fresh.length ?? 0;
  }

  /** The nth of them, from 0. */
  freshAt(level: number, n: number): Entry | undefined {
    return this.#levels[level]?.fresh.at(n);
  }

  private levelFor(entry: Entry): Level {
    const i = this.levelOf(entry.publication);
    if (i > this.#top) this.#top = i;
    const level = this.#levels[i];
    if (level !== undefined) return level;
    const made = { fresh: new Fifo(), returned: new PlaceHeap(), suspects: new PlaceHeap() };
    this.#levels[i] = made;
    return made;
  }
}

interface Level {
  /** Never delivered, in the order of places. */
  readonly fresh: Fifo;
  readonly returned: PlaceHeap;
  readonly suspects: PlaceHeap;
}

/** How many taken entries may stand before the first, at least: moving the others is paid by as many shifts. */
const MOST_TAKEN = 1024;

class Fifo {
  #entries: (Entry | undefined)[] = [];
  #first = 0;

  get length(): number {
    return this.#entries.length - this.#first;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  at(n: number): Entry | undefined {
    return this.#entries[this.#first + n];
  }

  peek(): Entry | undefined {
    return this.#entries[this.#first];
  }

  shift(): void {
    this.#entries[this.#first++] = undefined;
    if (this.#first === this.#entries.length) {
      this.#entries.length = 0;
      this.#first = 0;
    } else if (this.#first > MOST_TAKEN && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }

  *[Symbol.iterator](): Generator<Entry, void, undefined> {
    for (let i = this.#first; i < this.#entries.length; i++) yield this.#entries[i] as Entry;
  }
}

/** A binary heap: the lowest place first. */
class PlaceHeap {
  readonly #entries: Entry[] = [];

  peek(): Entry | undefined {
    return this.#entries[0];
  }

  push(entry: Entry): void {
    const heap = this.#entries;
    let i = heap.length;
    heap.push(entry);
    for (
      let up = (i - 1) >> 1;
      i > 0 && (heap[up] as Entry).place > entry.place;
      up = (i - 1) >> 1
    ) {
      heap[i] = heap[up] as Entry;
      i = up;
    }
    heap[i] = entry;
  }

  shift(): void {
    const heap = this.#entries;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return;
    let i = 0;
    for (let down = 1; down < heap.length; down = 2 * i + 1) {
      const right = heap[down + 1];
      if (right !== undefined && right.place < (heap[down] as Entry).place) down++;
      if ((heap[down] as Entry).place >= last.place) break;
      heap[i] = heap[down] as Entry;
      i = down;
    }
    heap[i] = last;
  }

  [Symbol.iterator](): Iterator<Entry> {
    return this.#entries[Symbol.iterator]();
  }
}
