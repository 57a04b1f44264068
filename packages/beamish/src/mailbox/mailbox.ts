/**
 * Messages in arrival order, and the cursor of the receive in progress.
 *
 * A mailbox is a list of chunks: one huge array is copied whenever it grows, again and again by the
 * garbage collector, and can bring the process down when a thread runs out of memory. A message that
 * is taken from the middle leaves a hole, so that nothing moves; once the holes outnumber the
 * messages, the messages move up. When receives by tag keep skipping the same long backlog, an index
 * of places by tag takes over from scanning (`tag-index.ts`).
 *
 * Over 300 lines: each method moves the same slots and the same cursor, and keeps what the others rely on.
 */

import type { Message } from '../terms/pid.ts';
import { type Chunk, TagIndex } from './tag-index.ts';
import { accepts, type Want } from './tag-set.ts';

/** Messages in one chunk. More make each collection copy more; fewer make more chunks. */
export const CHUNK = 512;
/** A mailbox that drops nothing. A small integer, to keep the comparison in `push`'s callers cheap. */
export const UNBOUNDED = 0x3fffffff;
/** Skipping this often the length of the mailbox costs about what its index does. */
const SCANS_WORTH_AN_INDEX = 6;
/** Below this length, scanning is as fast as looking up. */
const SHORTEST_INDEXED = 64;

/** Between two alarms. Each counts all that is there: the more seldom, the less of that for each message. */
const UNTIL_NEXT_ALARM = 4;

export type Guard = (message: never) => boolean;

function chunk(base: number): Chunk {
  return { base, messages: [], next: undefined };
}

/**
 * Copied for each further chunk. It has no holes, as the array of a first chunk has none: the places of
 * all chunks are then of one kind, and copying them takes one piece of memory.
 */
const EMPTY_PLACES: undefined[] = [];
for (let i = 0; i < CHUNK; i++) EMPTY_PLACES.push(undefined);

export class Mailbox {
  /** Messages that are there; set by push and remove. */
  length = 0;
  /** Most messages that a sender may put in; set once, by `configure`. */
  readonly limit: number;
  /** The length from which a sender looks first: of the limit, or of the next alarm. Moved on by `rings`. */
  attention: number;
  /** The length at which it is told of as long. */
  readonly #alarm: number;
  #head: Chunk;
  #headSlot = 0;
  #tail: Chunk;
  #tailSlot = 0;
  /** Where a receive in progress goes on: everything before it was looked at. */
  #cursor: Chunk;
  #cursorSlot = 0;
  #holes = 0;
  /** Messages that receives by tag have skipped since there was last an index. */
  #skipped = 0;
  #index: TagIndex | undefined;
  /** The places of the chunk that the head has left, all empty. */
  #spare: (Message | undefined)[] | undefined;

  constructor(limit: number = UNBOUNDED, alarm: number = UNBOUNDED) {
    this.limit = limit;
    this.#alarm = alarm;
    this.attention = Math.min(limit, alarm);
    this.#head = this.#tail = this.#cursor = chunk(0);
  }

  push(message: Message): void {
    if (this.#tailSlot === CHUNK) this.grow();
    if (this.#index !== undefined) this.#index.add(message.tag, this.#tail, this.#tailSlot);
    const { messages } = this.#tail;
    if (this.#tailSlot < messages.length) messages[this.#tailSlot] = message;
    else messages.push(message);
    this.#tailSlot++;
    this.length++;
  }

  /** Whether it is longer than ever since it was last short, so that somebody should be told; then again at so many times the length. */
  rings(): boolean {
    if (this.attention === this.limit || this.length < this.attention) return false;
    this.attention = Math.min(this.limit, UNTIL_NEXT_ALARM * this.length);
    return true;
  }

  /** Begins a receive that will look later. */
  rewind(): void {
    if (this.length > 0) this.findFront();
    this.#cursor = this.#head;
    this.#cursorSlot = this.#headSlot;
  }

  /** Begins a receive: the first message that is wanted. */
  take(want: Want, guard: Guard | undefined): Message | undefined {
    if (this.length === 0) return undefined;
    const front = this.findFront();
    if (guard === undefined && accepts(want, front)) {
      if (this.#index === undefined) this.dropFront();
      else this.remove(this.#head, this.#headSlot, front);
      return front;
    }
    this.#cursor = this.#head;
    this.#cursorSlot = this.#headSlot;
    return this.takeNew(want, guard);
  }

  /** Goes on with a receive: the first wanted among the messages that it has not yet looked at. */
  takeNew(want: Want, guard: Guard | undefined): Message | undefined {
    if (want !== undefined && guard === undefined && this.#index !== undefined) {
      return this.takeIndexed(this.#index, want);
    }
    let at = this.#cursor;
    let slot = this.#cursorSlot;
    let looked = 0;
    for (;;) {
      const { messages } = at;
      for (; at === this.#tail ? slot < this.#tailSlot : slot < CHUNK; slot++) {
        const message = messages[slot];
        if (message === undefined) continue;
        if (accepts(want, message) && (guard === undefined || guard(message as never))) {
          this.remove(at, slot, message);
          if (looked > SHORTEST_INDEXED) this.consider(looked);
          return message;
        }
        looked++;
      }
      if (at.next === undefined) break;
      at = at.next;
      slot = 0;
    }
    this.#cursor = at;
    this.#cursorSlot = slot;
    if (looked > SHORTEST_INDEXED) this.consider(looked);
    return undefined;
  }

  /** Whether `takeNew` would find one. Nothing moves. */
  hasNew(want: Want, guard: Guard | undefined): boolean {
    let slot = this.#cursorSlot;
    for (let at: Chunk | undefined = this.#cursor; at !== undefined; at = at.next) {
      const to = at === this.#tail ? this.#tailSlot : CHUNK;
      for (; slot < to; slot++) {
        const message = at.messages[slot];
        if (message === undefined || !accepts(want, message)) continue;
        if (guard === undefined || guard(message as never)) return true;
      }
      slot = 0;
    }
    return false;
  }

  /** Takes out the first message of which `is` is true, as a flush or an overflow does. */
  removeFirst(is: (message: Message) => boolean): Message | undefined {
    this.rewind();
    const removed = this.takeNew(undefined, is as Guard);
    // A receive that gave way begins at the front again.
    this.rewind();
    return removed;
  }

  /** How many messages there are of each tag, the most frequent first. */
  byTag(): { readonly tag: string; readonly count: number }[] {
    const counts = new Map<string, { readonly tag: string; count: number }>();
    // Most often the next one has the same tag: then nothing is looked up.
    let last = { tag: '', count: 0 };
    for (let at: Chunk | undefined = this.#head; at !== undefined; at = at.next) {
      for (const message of at.messages) {
        if (message === undefined) continue;
        const { tag } = message;
        if (tag !== last.tag || last.count === 0) {
          last = counts.get(tag) ?? { tag, count: 0 };
          counts.set(tag, last);
        }
        last.count++;
      }
    }
    return [...counts.values()].sort((one, other) => other.count - one.count);
  }

  /** A copy of what is there, in order. */
  toArray(): Message[] {
    return [...this];
  }

  /** What is there, in order; nothing may be put in or taken out meanwhile. */
  *[Symbol.iterator](): Generator<Message, void> {
    for (let at: Chunk | undefined = this.#head; at !== undefined; at = at.next) {
      const from = at === this.#head ? this.#headSlot : 0;
      const to = at === this.#tail ? this.#tailSlot : CHUNK;
      for (let slot = from; slot < to; slot++) {
        const message = at.messages[slot];
        if (message !== undefined) yield message;
      }
    }
  }

  /** One more chunk: the one that was left last, or a new one, made whole since it will be filled. */
  private grow(): void {
    // It was short, and is to be told of when it is long again.
    if (this.length <= CHUNK) this.attention = Math.min(this.limit, this.#alarm);
    const base = this.#tail.base + CHUNK;
    const messages = this.#spare ?? EMPTY_PLACES.slice();
    this.#spare = undefined;
    const next: Chunk = { base, messages, next: undefined };
    this.#tail.next = next;
    this.#tail = next;
    this.#tailSlot = 0;
  }

  /** Moves the head to the first message, over the holes before it. There must be one. */
  private findFront(): Message {
    for (;;) {
      if (this.#headSlot === CHUNK) {
        // An index may name its places still.
        if (this.#index === undefined) this.#spare = this.#head.messages;
        this.#head = this.#head.next as Chunk;
        this.#headSlot = 0;
      }
      const front = this.#head.messages[this.#headSlot];
      if (front !== undefined) return front;
      this.#headSlot++;
      this.#holes--;
    }
  }

  /** Takes out the first message of a mailbox without an index: what nearly every receive does. */
  private dropFront(): void {
    this.#head.messages[this.#headSlot] = undefined;
    this.#headSlot++;
    if (--this.length === 0) this.reset();
  }

  /** Takes the message at a place out of the mailbox and, where it stands in front, out of the index. */
  private remove(at: Chunk, slot: number, message: Message): void {
    at.messages[slot] = undefined;
    this.length--;
    const exact = this.#index === undefined || this.#index.removeFirst(message.tag, at, slot);
    if (this.length === 0) this.reset();
    else if (at === this.#head && slot === this.#headSlot) this.#headSlot++;
    // A place may be used again only if the index does not name it any more.
    else if (exact && at === this.#tail && slot === this.#tailSlot - 1) this.#tailSlot--;
    else if (++this.#holes > CHUNK && this.#holes > this.length) this.moveUp();
  }

  private reset(): void {
    this.#index = undefined;
    this.#skipped = 0;
    this.#holes = 0;
    this.#head = this.#cursor = this.#tail;
    this.#headSlot = this.#cursorSlot = this.#tailSlot = 0;
  }

  /** Closes the holes: the messages move to the front of the chunks that there are. */
  private moveUp(): void {
    let to = this.#head;
    let toSlot = 0;
    for (let at: Chunk | undefined = this.#head; at !== undefined; at = at.next) {
      const end = at === this.#tail ? this.#tailSlot : CHUNK;
      for (let slot = at === this.#head ? this.#headSlot : 0; slot < end; slot++) {
        const message = at.messages[slot];
        if (message === undefined) continue;
        at.messages[slot] = undefined;
        if (toSlot === CHUNK) {
          to = to.next as Chunk;
          toSlot = 0;
        }
        to.messages[toSlot++] = message;
      }
    }
    this.#spare ??= to.next?.messages;
    to.next = undefined;
    this.#tail = to;
    this.#tailSlot = toSlot;
    this.#cursor = this.#head;
    this.#headSlot = this.#cursorSlot = this.#holes = this.#skipped = 0;
    this.#index = undefined;
  }

  /** Counts skipped messages, and makes the index once they have cost as much as it will. */
  private consider(skipped: number): void {
    this.#skipped += skipped;
    if (this.#index !== undefined || this.length < SHORTEST_INDEXED) return;
    if (this.#skipped < SCANS_WORTH_AN_INDEX * this.length) return;
    this.#index = new TagIndex();
    for (let at: Chunk | undefined = this.#head; at !== undefined; at = at.next) {
      const to = at === this.#tail ? this.#tailSlot : CHUNK;
      for (let slot = at === this.#head ? this.#headSlot : 0; slot < to; slot++) {
        const message = at.messages[slot];
        if (message !== undefined) this.#index.add(message.tag, at, slot);
      }
    }
  }

  private takeIndexed(
    index: TagIndex,
    want: string | Exclude<Want, undefined | string>,
  ): Message | undefined {
    const place = index.first(want);
    if (place === undefined) return undefined;
    const message = place.chunk.messages[place.slot] as Message;
    this.remove(place.chunk, place.slot, message);
    return message;
  }
}
