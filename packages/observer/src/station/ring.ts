/**
 * The memory of a recorder. Records are eight numbers each, so that nothing is made per message. Messages that
 * wait for one actor are a list through the ring, in the order of their arrival, and the message itself is held
 * until it is taken, with its receiver if nothing else waits there, or else beside the ring: a receive returns nearly
 * always the head of that list, which is one comparison.
 * Because messages are compared as objects, guards and the same object sent twice are right, too.
 */

import type { Pid } from 'beamish';
import { show } from 'beamish/transport';
import { cut } from '../terms/text.ts';
import { LONGEST } from '../terms/wire.ts';
import { forget, keep, Party, partyOn } from './party.ts';

/**
 * Places of a record of eight, put to where it begins by `|`, which cannot overflow. None is exported: what is can
 * change, for all that V8 knows, and would be looked up at each use.
 */
const SIZE_SHIFT = 3;
const FROM = 0;
const TO = 1;
/** With the kind and the fate in its upper bits. */
const TAG = 2;
const CAUSE = 3;
const SENT = 4;
const TAKEN = 5;
const DONE = 6;
const NEXT = 7;

/** Numbers below it are what is kept of them. */
const WHOLE = 2 ** 31;

const TAG_MASK = (1 << 20) - 1;
const KIND_SHIFT = 20;
const FATE_SHIFT = 24;

export const KINDS = ['message', 'reply', 'signal', 'timer', 'call', 'cast'] as const;
export const REPLY = 1;
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
const OPEN = 0;
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

/** Of all rings: a number of one is no other's. */
let bursts = 0;

/** A record, as it is read. */
export interface Entry {
  readonly from: Party;
  readonly to: Party;
  readonly tag: string;
  readonly kind: number;
  readonly cause: number;
  readonly sent: number;
  readonly taken: number;
  readonly done: number;
  readonly fate: number;
}

export class Ring {
  /** How many have been recorded; the number of the last one. */
  count = 0;
  /** What is of another burst is over. No other ring has this number. */
  burst = ++bursts;
  readonly system: string;
  readonly mask: number = 0;
  readonly #numbers: Int32Array;
  /** Messages that wait, but for those that their receivers have. */
  readonly #held: (object | undefined)[];
  readonly payloads: unknown[] = [];
  parties: Party[] = [];
  readonly #names: string[] = [];
  #mostParties = FEWEST_PARTIES;
  readonly #strangers = new Map<string, Party>();
  readonly #tags = new Map<string, number>();

  /** `system` is its name. */
  constructor(system: string, size: number) {
    this.system = system;
    this.mask = size - 1;
    this.#numbers = new Int32Array(size << SIZE_SHIFT);
    this.#held = new Array(size).fill(undefined);
  }

  /** What was before is over. */
  beginBurst(): void {
    this.burst = ++bursts;
  }

  /** Whether number `n` is in it still. */
  has(n: number): boolean {
    return n > 0 && n <= this.count && n > this.count - this.mask - 1;
  }

  /** What is known of number `n`; times are as they were given, 0 for none. */
  at(n: number): Entry {
    const packed = this.#get(n, TAG);
    const fate = (packed >>> FATE_SHIFT) & 7;
    const taken = this.#get(n, TAKEN);
    const to = this.parties[this.#get(n, TO)] as Party;
    return {
      from: this.parties[this.#get(n, FROM)] as Party,
      to,
      tag: this.#names[packed & TAG_MASK] ?? '',
      kind: (packed >>> KIND_SHIFT) & 7,
      cause: this.#whole(this.#get(n, CAUSE)),
      sent: this.#get(n, SENT),
      taken,
      done: this.#isHandling(to, n) ? 0 : this.#get(n, DONE),
      fate: fate === OPEN && taken !== 0 ? WAS_TAKEN : fate,
    };
  }

  /** To whom number `n` is, unless it waits there. */
  takerOf(n: number): Pid | undefined {
    const fate = (this.#get(n, TAG) >>> FATE_SHIFT) & 7;
    if (fate === OPEN && this.#get(n, TAKEN) === 0) return undefined;
    return this.parties[this.#get(n, TO)]?.pid;
  }

  #isHandling(party: Party, n: number): boolean {
    return party.burst === this.burst && (party.handling | 0) === (n | 0);
  }

  #get(n: number, place: number): number {
    return this.#numbers[((n & this.mask) << SIZE_SHIFT) | place] as number;
  }

  #set(n: number, place: number, value: number): void {
    this.#numbers[((n & this.mask) << SIZE_SHIFT) | place] = value;
  }

  setFate(n: number, fate: number): void {
    this.#set(n, TAG, (this.#get(n, TAG) & ~(7 << FATE_SHIFT)) | (fate << FATE_SHIFT));
  }

  /** When the handling of number `n` was over. */
  setDone(n: number, at: number): void {
    if (this.has(n)) this.#set(n, DONE, at);
  }

  /**
   * Numbers are kept in 32 bits, and in lists come from there: the one that is meant is the last that can be. As 0 is
   * none, what becomes of one message in 2³² is not seen.
   */
  #whole(low: number): number {
    return low === 0 || this.count < WHOLE ? low : this.count - ((this.count - low) >>> 0);
  }

  partyOf(pid: Pid): Party {
    const known = partyOn(pid, this);
    if (known !== undefined) return known;
    const made = this.#add(pid, '');
    keep(made, pid);
    return made;
  }

  /** Whoever is known of an actor; undefined of one that had to do with nothing that was recorded in this burst. */
  known(pid: Pid): Party | undefined {
    const party = partyOn(pid, this);
    return party?.burst === this.burst ? party : undefined;
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

  /** A tag with a kind. */
  what(tag: string, kind: number): number {
    return this.#tag(tag) | (kind << KIND_SHIFT);
  }

  #tag(tag: string): number {
    const known = this.#tags.get(tag);
    if (known !== undefined) return known;
    if (this.#tags.size >= MOST_TAGS) return 0;
    const id = this.#names.push(cut(tag, LONGEST.tag)) - 1;
    this.#tags.set(tag, id);
    return id;
  }

  /** A message, with its tag and kind, caused by what its sender is handling. The oldest record of all gives way to it. */
  add(from: Party, to: Party, what: number, sent: number): void {
    const n = ++this.count;
    const i = n & this.mask;
    const numbers = this.#numbers;
    const at = i << SIZE_SHIFT;
    if (numbers[at | TAKEN] === 0 && n > this.mask) this.#makeRoom(n);
    numbers[at | FROM] = from.id;
    numbers[at | TO] = to.id;
    // As whole numbers: by way of fractions, each takes three times as long.
    numbers[at | TAG] = what | 0;
    numbers[at | CAUSE] = from.handling;
    numbers[at | SENT] = sent | 0;
    numbers[at | TAKEN] = 0;
    numbers[at | DONE] = 0;
    numbers[at | NEXT] = 0;
  }

  /** Puts the last record into the list of what waits for its receiver, which is an actor here. */
  wait(party: Party, message: object): void {
    const n = this.count;
    if (party.head === 0) {
      party.head = n;
      party.first = message;
    } else {
      this.#held[n & this.mask] = message;
      this.#set(party.tail, NEXT, n);
    }
    party.tail = n;
  }

  /** What was known of it is of an earlier burst. */
  enter(party: Party): void {
    if (party.burst === this.burst) return;
    party.burst = this.burst;
    party.head = party.handling = 0;
    party.first = undefined;
  }

  /**
   * Takes a message out of the list of its receiver; returns its number, or 0 if it is not there. Times do not
   * change in the middle of a turn, so that it is done with is written here, too: it holds once that is no more
   * what its receiver is handling, unless the turn ended before.
   */
  take(party: Party, message: unknown, now: number): number {
    if (party.first !== message) return this.#search(party, message, now);
    party.first = undefined;
    const n = party.head;
    const numbers = this.#numbers;
    const at = (n & this.mask) << SIZE_SHIFT;
    party.head = numbers[at | NEXT] as number;
    numbers[at | TAKEN] = now | 0;
    numbers[at | DONE] = now | 0;
    return this.#whole(n);
  }

  #search(party: Party, message: unknown, now: number): number {
    let before = 0;
    let n = party.head;
    for (let walked = 0; n !== 0 && walked < LONGEST_WALK; walked++) {
      if (this.#held[n & this.mask] === message) break;
      before = n;
      n = this.#get(n, NEXT);
    }
    if (n === 0 || this.#held[n & this.mask] !== message) return 0;
    const next = this.#get(n, NEXT);
    if (before === 0) party.head = next;
    else this.#set(before, NEXT, next);
    if ((party.tail | 0) === (n | 0)) party.tail = before;
    this.#held[n & this.mask] = undefined;
    this.#set(n, TAKEN, now);
    this.#set(n, DONE, now);
    return this.#whole(n);
  }

  /** The last record is of a reply, which its receiver has at once. */
  answered(now: number): void {
    this.#set(this.count, TAKEN, now);
  }

  /** Number `n` reached nobody. */
  lose(n: number, fate: number): void {
    this.setFate(n, fate);
    this.#set(n, TAKEN, 0);
    this.#set(n, DONE, 0);
    this.#takeBack(n);
  }

  /** What a reply of `from` to `to` is called: as what it answers, if what its sender is handling came from there. */
  question(from: Party, to: Party): number {
    const n = from.handling;
    if (!this.has(n) || this.#get(n, FROM) !== to.id) return this.what('reply', REPLY);
    const packed = this.#get(n, TAG);
    // Whoever is answered has asked.
    if (((packed >>> KIND_SHIFT) & 7) === 0) this.#set(n, TAG, packed | (CALL << KIND_SHIFT));
    return (packed & TAG_MASK) | (REPLY << KIND_SHIFT);
  }

  /** The message of number `n`, as long as it waits. */
  messageOf(n: number): object | undefined {
    const party = this.parties[this.#get(n, TO)];
    const isFirst = party !== undefined && (party.head | 0) === (n | 0);
    return (
      (isFirst && party.burst === this.burst ? party.first : undefined) ?? this.#held[n & this.mask]
    );
  }

  /** The record that was put in last waits for nothing. */
  #takeBack(n: number): void {
    if (this.messageOf(n) === undefined) return;
    this.#held[n & this.mask] = undefined;
    const party = this.parties[this.#get(n, TO)] as Party;
    if ((party.head | 0) === (n | 0)) {
      party.head = 0;
      party.first = undefined;
      return;
    }
    let at = party.head;
    for (let next = this.#get(at, NEXT); next !== (n | 0) && next !== 0; next = this.#get(at, NEXT))
      at = next;
    this.#set(at, NEXT, 0);
    party.tail = at;
  }

  /** If what number `n` takes the place of waits still, it is the head of its list. */
  #makeRoom(n: number): void {
    if (this.messageOf(n - this.mask - 1) === undefined) return;
    this.#held[n & this.mask] = undefined;
    const party = this.parties[this.#get(n, TO)] as Party;
    if (party.burst !== this.burst) return;
    party.head = this.#get(n, NEXT);
    party.first = undefined;
  }

  /** Nobody will see what becomes of what waits for it. */
  abandon(party: Party): void {
    for (let n = party.head; n !== 0; n = this.#get(n, NEXT)) {
      this.#held[n & this.mask] = undefined;
      this.setFate(n, UNKNOWN);
    }
    party.head = 0;
    party.first = undefined;
  }

  /** The same of everybody, at the end of the burst that began with number `first`. */
  abandonAll(first: number): void {
    for (let n = Math.max(first, this.count - this.mask); n <= this.count; n++) {
      const party = this.parties[this.#get(n, TO)] as Party;
      if (this.#isHandling(party, n)) this.#set(n, DONE, 0);
      if (party.head !== 0 && party.burst === this.burst) this.abandon(party);
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
      isUsed[this.#get(n, FROM)] = isUsed[this.#get(n, TO)] = 1;
    const ids = new Int32Array(this.parties.length);
    const kept: Party[] = [];
    for (const party of this.parties) {
      const isBusy = party.burst === this.burst && (party.head !== 0 || this.has(party.handling));
      if (isUsed[party.id] === 1 || isBusy) {
        ids[party.id] = kept.length;
        party.id = kept.length;
        kept.push(party);
      } else if (party.pid === undefined) this.#strangers.delete(party.words);
      else forget(party, party.pid);
    }
    for (let n = first; n <= this.count; n++)
      for (const place of [FROM, TO]) this.#set(n, place, ids[this.#get(n, place)] as number);
    this.parties = kept;
    this.#mostParties = Math.max(FEWEST_PARTIES, 2 * kept.length);
  }

  /** Leaves no mark on a pid. */
  unmark(): void {
    for (const party of this.parties) if (party.pid !== undefined) forget(party, party.pid);
  }

  #add(pid: Pid | undefined, words: string): Party {
    const party = new Party(this, this.parties.length, pid, words);
    this.parties.push(party);
    return party;
  }
}
