/**
 * Where the messages of each tag stand in a mailbox, in order. Made when scanning a long backlog has
 * cost as much as making it; dropped when the mailbox is empty or its messages move.
 *
 * A message that a guard took from behind others of its tag leaves its place here; the place is then
 * a hole that is never filled again, and is dropped when it comes to the front.
 */

import type { Message } from '../terms/pid.ts';
import { Deque } from './deque.ts';
import type { TagSet } from './tag-set.ts';

/** A run of places of a mailbox. */
export interface Chunk {
  /** Number of the chunk's first place since the mailbox was made or last moved up. */
  readonly base: number;
  readonly messages: (Message | undefined)[];
  next: Chunk | undefined;
}

interface Place {
  readonly chunk: Chunk;
  readonly slot: number;
}

export class TagIndex {
  readonly #places = new Map<string, Deque<Place>>();

  add(tag: string, chunk: Place['chunk'], slot: number): void {
    const places = this.#places.get(tag);
    if (places !== undefined) {
      places.push({ chunk, slot });
      return;
    }
    const made = new Deque<Place>();
    made.push({ chunk, slot });
    this.#places.set(tag, made);
  }

  /** Forgets a place; false if it is not the first of its tag, and so stays until it is. */
  removeFirst(tag: string, chunk: Place['chunk'], slot: number): boolean {
    const places = this.#places.get(tag);
    const first = places?.peek();
    if (first === undefined || first.chunk !== chunk || first.slot !== slot) return false;
    places?.shift();
    if (places?.length === 0) this.#places.delete(tag);
    return true;
  }

  /** The foremost place of a wanted message. */
  first(want: string | TagSet): Place | undefined {
    if (typeof want === 'string') return this.#firstOf(want);
    let foremost: Place | undefined;
    for (const tag of want.tags) {
      const place = this.#firstOf(tag);
      if (place === undefined) continue;
      if (foremost === undefined || position(place) < position(foremost)) foremost = place;
    }
    return foremost;
  }

  #firstOf(tag: string): Place | undefined {
    const places = this.#places.get(tag);
    if (places === undefined) return undefined;
    for (let place = places.peek(); place !== undefined; place = places.peek()) {
      if (place.chunk.messages[place.slot] !== undefined) return place;
      places.shift();
    }
    this.#places.delete(tag);
    return undefined;
  }
}

function position(place: Place): number {
  return place.chunk.base + place.slot;
}
