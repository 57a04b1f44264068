/**
 * The memory of a recorder. Records are eight numbers each, so that nothing is made per message. Messages that
 * wait for one actor are a list through the ring, in the order of their arrival, and the message itself is held
 * beside it until it is taken: a receive returns nearly always the head of that list, which is one comparison.
 * Because messages are compared as objects, guards and the same object sent twice are right, too.
 */

import type { Pid } from 'beamish';
import { mark, markOf } from 'beamish/observation';
import { show } from 'beamish/transport';
import { cut } from '../terms/text.ts';
import { LONGEST } from '../terms/wire.ts';

/** Places of a record. */
export const FROM = 0;
export const TO = 1;
/** With the kind and the fate in its upper bits. */
export const TAG = 2;
export const CAUSE = 3;
export const SENT = 4;
export const TAKEN = 5;
export const DONE = 6;
export const NEXT = 7;
export const SIZE = 8;

export const TAG_MASK = (1 << 20) - 1;
export const KIND_SHIFT = 20;
export const FATE_SHIFT = 24;

export const KINDS = ['message', 'reply', 'signal', 'timer', 'call', 'cast'] as const;
export const CALL = 4;
export const CAST = 5;
export const FATES = [
  'waiting',
  'taken',
  'dead_letter',
  'late_reply',
  'flushed',
  'unknown',
] as const;
/** It waits, or was taken: whether it has a time of that says which. */
export const OPEN = 0;
const WAS_TAKEN = 1;
export const DEAD = 2;
export const LATE = 3;
export const FLUSHED = 4;
export const UNKNOWN = 5;

/** How far a selective receive is looked for in the list of what waits for its actor. */
const LONGEST_WALK = 256;
/** Tags and strangers that are made up at run time must not fill the memory. */
const MOST_TAGS = 65_536;
const MOST_STRANGERS = 10_000;
/** Parties that are kept before it is looked for those that are in no record any more. */
const FEWEST_PARTIES = 4096;

/** Who is at one end of a message. */
export class Party {
  readonly of: Ring;
  /** Its number in the records; another one once those who are in none are forgotten. */
  id: number;
  readonly pid: Pid | undefined;
  /** What it sends comes from outside of the actors of this system. */
  readonly isOutside: boolean;
  /** An actor of this system, whose takings are heard. */
  readonly isHere: boolean;
  /** In words, of who is nobody of this system. */
  readonly words: string;
  /** First and last of what waits for it; 0 for none. */
  head = 0;
  tail = 0;
  /** What it is handling; 0 for nothing. */
  handling = 0;
  /** In which burst these three are of. */
  burst = 0;
  /** What it sent last, whose number need not be looked up again. */
  tag: unknown = undefined;
  tagId = 0;

  constructor(of: Ring, id: number, pid: Pid | undefined, words: string) {
    this.of = of;
    this.id = id;
    this.pid = pid;
    this.isHere = pid !== undefined && pid.system === of.system;
    this.isOutside = !this.isHere || pid?.serial === 0;
    this.words = words;
  }
}

export class Ring {
  /** How many have been recorded; the number of the last one. */
  count = 0;
  /** What is of another burst is over. */
  burst = 0;
  readonly system: string;
  readonly mask: number;
  readonly numbers: Int32Array;
  readonly held: (object | undefined)[];
  readonly payloads: unknown[] = [];
  parties: Party[] = [];
  readonly names: string[] = [];
  #mostParties = FEWEST_PARTIES;
  readonly #strangers = new Map<string, Party>();
  readonly #tags = new Map<string, number>();

  /** `system` is its name. */
  constructor(system: string, size: number) {
    this.system = system;
    this.mask = size - 1;
    this.numbers = new Int32Array(size * SIZE);
    this.held = new Array(size).fill(undefined);
  }

  /** Whether number `n` is in it still. */
  has(n: number): boolean {
    return n > 0 && n <= this.count && n > this.count - this.mask - 1;
  }

  get(n: number, place: number): number {
    return this.numbers[(n & this.mask) * SIZE + place] as number;
  }

  set(n: number, place: number, value: number): void {
    this.numbers[(n & this.mask) * SIZE + place] = value;
  }

  fate(n: number): number {
    const fate = (this.get(n, TAG) >>> FATE_SHIFT) & 7;
    return fate === OPEN && this.get(n, TAKEN) !== 0 ? WAS_TAKEN : fate;
  }

  setFate(n: number, fate: number): void {
    this.set(n, TAG, (this.get(n, TAG) & ~(7 << FATE_SHIFT)) | (fate << FATE_SHIFT));
  }

  /** Numbers are kept in 32 bits: the one that is meant is the last that can be. */
  whole(low: number): number {
    return low === 0 ? 0 : this.count - ((this.count - low) >>> 0);
  }

  partyOf(pid: Pid): Party {
    // Nobody else keeps anything there: asking what it is would cost as much as the rest.
    const marked = markOf(pid) as Party | undefined;
    if (marked !== undefined && marked.of === this) return marked;
    const made = this.#add(pid, '');
    mark(pid, made);
    return made;
  }

  /** Whoever is known of an actor; undefined of one that had to do with nothing that was recorded in this burst. */
  known(pid: Pid): Party | undefined {
    const marked = markOf(pid) as Party | undefined;
    if (marked === undefined || marked.of !== this) return undefined;
    return marked.burst === this.burst ? marked : undefined;
  }

  /** An address that is no actor's of this system. */
  stranger(to: unknown): Party {
    const words = show(to);
    const known = this.#strangers.get(words);
    if (known !== undefined) return known;
    const made = this.#add(undefined, words);
    if (this.#strangers.size < MOST_STRANGERS) this.#strangers.set(words, made);
    return made;
  }

  tag(tag: string): number {
    const known = this.#tags.get(tag);
    if (known !== undefined) return known;
    if (this.#tags.size >= MOST_TAGS) return 0;
    const id = this.names.push(cut(tag, LONGEST.tag)) - 1;
    this.#tags.set(tag, id);
    return id;
  }

  /** Puts the last record into the list of what waits for its receiver. */
  wait(party: Party, message: object): void {
    const n = this.count;
    this.held[n & this.mask] = message;
    this.enter(party);
    if (party.tail === 0) party.head = n;
    else this.set(party.tail, NEXT, n);
    party.tail = n;
  }

  /** What was known of it is of an earlier burst. */
  enter(party: Party): void {
    if (party.burst === this.burst) return;
    party.burst = this.burst;
    party.head = party.tail = party.handling = 0;
  }

  /** Takes a message out of the list of its receiver; returns its number, or 0 if it is not there. */
  take(party: Party, message: unknown): number {
    const { head } = party;
    if (head !== 0 && this.held[head & this.mask] === message) return this.#unlink(party, 0, head);
    let before = 0;
    let n = head;
    for (let walked = 0; n !== 0 && walked < LONGEST_WALK; walked++) {
      if (this.held[n & this.mask] === message) return this.#unlink(party, before, n);
      before = n;
      n = this.get(n, NEXT);
    }
    return 0;
  }

  /** The record that was put in last waits for nothing. */
  takeBack(n: number): void {
    if (this.held[n & this.mask] === undefined) return;
    this.held[n & this.mask] = undefined;
    const party = this.parties[this.get(n, TO)] as Party;
    if (party.head === n) {
      party.head = party.tail = 0;
      return;
    }
    let at = party.head;
    for (let next = this.get(at, NEXT); next !== n && next !== 0; next = this.get(at, NEXT))
      at = next;
    this.set(at, NEXT, 0);
    party.tail = at;
  }

  /** The oldest record of all gives way to number `n`. If it waits still, it is the head of its list. */
  makeRoom(n: number): void {
    const i = n & this.mask;
    if (this.held[i] === undefined) return;
    this.held[i] = undefined;
    const party = this.parties[this.get(n, TO)] as Party;
    if (party.burst !== this.burst) return;
    party.head = this.get(n, NEXT);
    if (party.head === 0) party.tail = 0;
  }

  /** Nobody will see what becomes of what waits for it. */
  abandon(party: Party): void {
    for (let n = party.head; n !== 0; n = this.get(n, NEXT)) {
      this.held[n & this.mask] = undefined;
      this.setFate(n, UNKNOWN);
    }
    party.head = party.tail = 0;
  }

  /** The same of everybody, at the end of the burst that began with number `first`. */
  abandonAll(first: number): void {
    for (let n = Math.max(first, this.count - this.mask); n <= this.count; n++) {
      if (this.held[n & this.mask] === undefined) continue;
      this.held[n & this.mask] = undefined;
      this.setFate(n, UNKNOWN);
    }
  }

  /** Whether there are so many parties that it is time to forget some. */
  get isCrowded(): boolean {
    return this.parties.length > this.#mostParties;
  }

  /** Forgets who is in no record any more, and has nothing under way: actors come and go, and the ring goes round. */
  forgetParties(): void {
    const first = Math.max(1, this.count - this.mask);
    const isUsed = new Uint8Array(this.parties.length);
    for (let n = first; n <= this.count; n++)
      isUsed[this.get(n, FROM)] = isUsed[this.get(n, TO)] = 1;
    const ids = new Int32Array(this.parties.length);
    const kept: Party[] = [];
    for (const party of this.parties) {
      const isBusy = party.burst === this.burst && (party.head !== 0 || this.has(party.handling));
      if (isUsed[party.id] === 1 || isBusy) {
        ids[party.id] = kept.length;
        party.id = kept.length;
        kept.push(party);
      } else if (party.pid === undefined) this.#strangers.delete(party.words);
      else if (markOf(party.pid) === party) mark(party.pid, undefined);
    }
    for (let n = first; n <= this.count; n++)
      for (const place of [FROM, TO]) this.set(n, place, ids[this.get(n, place)] as number);
    this.parties = kept;
    this.#mostParties = Math.max(FEWEST_PARTIES, 2 * kept.length);
  }

  /** Leaves no mark on a pid. */
  unmark(): void {
    for (const party of this.parties)
      if (party.pid !== undefined && markOf(party.pid) === party) mark(party.pid, undefined);
  }

  #add(pid: Pid | undefined, words: string): Party {
    const party = new Party(this, this.parties.length, pid, words);
    this.parties.push(party);
    return party;
  }

  #unlink(party: Party, before: number, n: number): number {
    const next = this.get(n, NEXT);
    if (before === 0) party.head = next;
    else this.set(before, NEXT, next);
    if (party.tail === n) party.tail = before;
    this.held[n & this.mask] = undefined;
    return n;
  }
}
