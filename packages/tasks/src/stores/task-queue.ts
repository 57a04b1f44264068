/**
 * One queue: a line for each priority and key, so that a key whose limit is reached holds up nobody else,
 * and nobody is looked at twice in vain.
 */

import { Heap } from './heap.ts';
import { isBefore, Line, type Place } from './line.ts';
import type { Held } from './store.ts';

/** What may be taken. */
export interface Wanted {
  readonly now: number;
  readonly names: ReadonlySet<string> | 'all';
  readonly held: Held;
}

const PRIORITIES = 10;

export class TaskQueue {
  readonly #levels: (Level | undefined)[] = new Array(PRIORITIES).fill(undefined);
  /** Tasks of names that this process does not know. */
  readonly #unknown = new Map<string, { readonly priority: number; readonly place: Place }[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(priority: number, place: Place): void {
    this.#size++;
    this.#level(priority).push(place);
  }

  /** It does not wait any more; its place is passed over. */
  leave(place: Place): void {
    this.#size--;
    place.isLeft = true;
  }

  /** The next one, which leaves. */
  take(wanted: Wanted): Place | undefined {
    this.#recall(wanted.names);
    for (let priority = PRIORITIES - 1; priority >= 0; priority--) {
      const level = this.#levels[priority];
      if (level === undefined) continue;
      for (;;) {
        const place = level.take(wanted.held);
        if (place === undefined) break;
        if (!isWanted(wanted.names, place.name)) this.#setAside(priority, place);
        // One that has expired stays known to those who count moments.
        else if (place.expiresAt === undefined || place.expiresAt > wanted.now) {
          this.leave(place);
          return place;
        } else this.leave(place);
      }
    }
    return undefined;
  }

  oldestAt(): number | undefined {
    let oldest: Place | undefined;
    const look = (place: Place | undefined): void => {
      if (place !== undefined && (oldest === undefined || isBefore(place, oldest))) oldest = place;
    };
    for (const level of this.#levels) level?.heads(look);
    for (const list of this.#unknown.values())
      for (const { place } of list) if (!place.isLeft) look(place);
    return oldest?.queuedAt;
  }

  #level(priority: number): Level {
    const level = this.#levels[priority] ?? new Level();
    this.#levels[priority] = level;
    return level;
  }

  #setAside(priority: number, place: Place): void {
    const list = this.#unknown.get(place.name);
    if (list === undefined) this.#unknown.set(place.name, [{ priority, place }]);
    else list.push({ priority, place });
  }

  /** Those whose names are known after all. */
  #recall(names: Wanted['names']): void {
    if (this.#unknown.size === 0) return;
    for (const [name, list] of this.#unknown) {
      if (!isWanted(names, name)) continue;
      this.#unknown.delete(name);
      for (const { priority, place } of list) if (!place.isLeft) this.#level(priority).push(place);
    }
  }
}

function isWanted(names: Wanted['names'], name: string): boolean {
  return names === 'all' || names.has(name);
}

/** One priority. */
class Level {
  readonly #plain = new Line();
  readonly #keyed = new Map<string, Line>();
  /** The head of each line of a key that may be taken from; and some that it had. */
  readonly #heads = new Heap<Place>(isBefore);
  /** Keys that were found held, and since when. */
  readonly #parked = new Set<string>();
  #freed = -1;

  push(place: Place): void {
    const { key } = place;
    if (key === undefined) {
      this.#plain.push(place);
      return;
    }
    const line = this.#keyed.get(key) ?? new Line();
    this.#keyed.set(key, line);
    line.push(place);
    if (line.peek() === place && !this.#parked.has(key)) this.#heads.push(place);
  }

  take(held: Held): Place | undefined {
    this.#unpark(held);
    const plain = this.#plain.peek();
    const keyed = this.#nextKeyed(held);
    if (keyed !== undefined && (plain === undefined || isBefore(keyed, plain))) {
      const key = keyed.key as string;
      const line = this.#keyed.get(key) as Line;
      this.#heads.pop();
      line.pop();
      const next = line.peek();
      if (next === undefined) this.#keyed.delete(key);
      else this.#heads.push(next);
      return keyed;
    }
    if (plain !== undefined) this.#plain.pop();
    return plain;
  }

  heads(look: (place: Place | undefined) => void): void {
    look(this.#plain.peek());
    for (const line of this.#keyed.values()) look(line.peek());
  }

  #nextKeyed(held: Held): Place | undefined {
    for (;;) {
      const place = this.#heads.peek();
      if (place === undefined) return undefined;
      const key = place.key as string;
      const line = this.#keyed.get(key);
      const head = line?.peek();
      if (head !== place || held.has(key)) {
        this.#heads.pop();
        if (head === undefined) this.#keyed.delete(key);
        else if (held.has(key)) this.#parked.add(key);
        else if (place.isLeft) this.#heads.push(head);
        continue;
      }
      return place;
    }
  }

  #unpark(held: Held): void {
    if (this.#parked.size === 0 || held.freed === this.#freed) return;
    this.#freed = held.freed;
    for (const key of this.#parked) {
      if (held.has(key)) continue;
      this.#parked.delete(key);
      const head = this.#keyed.get(key)?.peek();
      if (head === undefined) this.#keyed.delete(key);
      else this.#heads.push(head);
    }
  }
}
