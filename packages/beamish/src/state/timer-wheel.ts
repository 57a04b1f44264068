/**
 * Timers by the millisecond in which they are due: a hierarchical timing wheel (Varghese and Lauck).
 * Starting and cancelling take a few nanoseconds whatever their number, where a heap takes longer the
 * more there are and a host timer each costs a microsecond.
 *
 * A timer stands in the lowest level that has not to go round before it is due, and in one slot above
 * them all if the highest has (`wheel-slots.ts`). When a level has gone round, the next slot above is
 * dealt out to those below. So at any moment all timers of one millisecond stand in one slot, in the
 * order in which they were added.
 *
 * Over 300 lines: each method moves the same places through the same rings, and keeps what the others rely on.
 */

import { Rings } from './rings.ts';
import {
  FAR_LEVEL,
  FRESH_SLOT,
  HIGH_SLOTS,
  LOW_SLOTS,
  levelOf,
  levelOfSlot,
  SLOTS,
  slotOf,
  UNITS,
} from './wheel-slots.ts';

export interface WheelNode {
  /** Where the wheel keeps it, also when it is paused; `NOWHERE` when it is in none. Set by the wheel. */
  place: number;
}

/** The place of what is in no wheel, and the ring of an owner who has had nothing in it. */
export const NOWHERE = 0;

/** Of what is paused. */
const NO_SLOT = -1;
/** Of what was paused before it had a time: it stands among the fresh until they are settled, or it is started again. */
const LEFT_FRESH = -2;
const NONE: readonly never[] = [];
// Of all wheels that nothing was put into.
const NO_SLOTS: number[] = new Array<number>(SLOTS).fill(NOWHERE);
const NO_RINGS = emptyRings();
const NO_NUMBERS = [0];
const NO_NODES = [undefined];

function emptyRings(): Rings {
  const rings = new Rings();
  rings.begin(NOWHERE);
  return rings;
}

export class TimerWheel<T extends WheelNode> {
  /** How many are pending. */
  length = 0;
  /** The first millisecond that may have something due in it. */
  #time: number;
  /** Where each slot's ring begins, once it had a node: a place that is no node's. */
  #slots = NO_SLOTS;
  /** How many stand in each level. */
  readonly #inLevel = [0, 0, 0, 0, 0, 0];
  // By place, of which the first is nobody's, and a ring without a node. Its own from its first node on.
  #rings = NO_RINGS;
  #owned = NO_RINGS;
  #nodes: (T | undefined)[] = NO_NODES;
  #due = NO_NUMBERS;
  #slot = NO_NUMBERS;
  /** The first of the places that are free, each of which has the next one for its neighbour. */
  #free = NOWHERE;

  constructor(now: number) {
    this.#time = Math.floor(now);
  }

  /** Starts `node`; it comes out once `now` has reached `at`, never before. Equal times come out in order. */
  add(node: T, at: number): void {
    const place = this.settleIn(node);
    this.length++;
    this.putByTime(place, Math.ceil(at));
  }

  /**
   * Starts `node` at the next `settle`, for `ms`. Of the many time-outs that are taken back before
   * that, none costs a look at the clock or a slot by its time.
   */
  addFresh(node: T, ms: number): void {
    let { place } = node;
    if (place === NOWHERE) place = this.settleIn(node);
    this.length++;
    this.#due[place] = ms;
    if (this.#slot[place] === LEFT_FRESH) {
      // Still the last of those that came since the last `settle`: it has not to be put there again.
      if (this.#rings.next[place] === this.#slots[FRESH_SLOT]) {
        this.#slot[place] = FRESH_SLOT;
        return;
      }
      this.#rings.takeOut(place);
    }
    this.putInto(FRESH_SLOT, place);
  }

  /** Whether it has been added without a time, and not settled since. */
  isFresh({ place }: T): boolean {
    return place !== NOWHERE && this.#slot[place] === FRESH_SLOT;
  }

  /** The millisecond in which one that is pending is due; of a fresh one, in how many. */
  dueOf({ place }: T): number {
    return this.#due[place] as number;
  }

  /** Places what has been added without a time: `now` is not before it was. */
  settle(now: number): void {
    const first = this.#slots[FRESH_SLOT] as number;
    const { next } = this.#rings;
    let place = next[first] as number;
    if (place === first) return;
    this.#rings.begin(first);
    while (place !== first) {
      const following = next[place] as number;
      if (this.#slot[place] === LEFT_FRESH) this.#slot[place] = NO_SLOT;
      else this.putByTime(place, Math.ceil(now + (this.#due[place] as number)));
      place = following;
    }
  }

  /** Whether it is to come out. */
  isPending({ place }: T): boolean {
    return place !== NOWHERE && (this.#slot[place] as number) >= 0;
  }

  /** Stops `node`, which is nobody's, and has its place kept: it will be started again, or removed. */
  pause(node: T): void {
    const { place } = node;
    if (place === NOWHERE) return;
    const slot = this.#slot[place] as number;
    if (slot === FRESH_SLOT) {
      this.#slot[place] = LEFT_FRESH;
      this.length--;
    } else if (slot >= 0) {
      this.#slot[place] = NO_SLOT;
      this.unplace(place, slot);
    }
  }

  /** Stops it, and forgets it. False if it was not pending. */
  remove(node: T): boolean {
    const { place } = node;
    if (place === NOWHERE) return false;
    node.place = NOWHERE;
    // No further than the last that is owned: deadlines are not.
    if ((this.#owned.next[place] ?? NOWHERE) !== NOWHERE) this.disown(place);
    const slot = this.#slot[place] as number;
    this.#slot[place] = NO_SLOT;
    if (slot === LEFT_FRESH) this.#rings.takeOut(place);
    else if (slot >= 0) this.unplace(place, slot);
    this.release(place);
    return slot >= 0;
  }

  /** Makes one that is pending the last of an owner's, whose ring it returns: at first, of `NOWHERE`, a new one. */
  own({ place }: T, ring: number): number {
    let first = ring;
    if (first === NOWHERE) {
      first = this.freePlace();
      this.#owned.begin(first);
    }
    this.#owned.putBefore(place, first);
    return first;
  }

  private disown(place: number): void {
    this.#owned.takeOut(place);
    this.#owned.next[place] = NOWHERE;
  }

  /** An owner's, in the order in which they became so. */
  ownedIn(ring: number): T[] {
    return this.allIn(this.#owned, ring);
  }

  /** Ends the ring of an owner, all of whose nodes are taken out. */
  endRing(ring: number): void {
    this.#owned.next[ring] = NOWHERE;
    this.release(ring);
  }

  /** Takes out the next one that is due; undefined when none is left that is. */
  takeDue(now: number): T | undefined {
    const last = Math.floor(now);
    if (this.length === 0) {
      if (this.#time < last) this.#time = last;
      return undefined;
    }
    for (;;) {
      const first = this.firstIn(this.#time & (LOW_SLOTS - 1));
      if (first !== undefined) {
        this.remove(first);
        return first;
      }
      if (this.#time >= last) return undefined;
      this.goTo(Math.min(this.#inLevel[0] === 0 ? this.nextDeal() : this.#time + 1, last));
    }
  }

  /** All that is due next: in the first millisecond in which anything is, in order. Nothing is taken out. */
  soonest(): readonly T[] {
    if (this.length === 0) return NONE;
    const level = this.#inLevel.findIndex((count) => count > 0);
    if (level < 0) return NONE;
    const first = slotOf(level, 0);
    const last = level === 0 ? LOW_SLOTS : level === FAR_LEVEL ? 1 : HIGH_SLOTS;
    for (let slot = first; slot < first + last; slot++) {
      if (this.isEmpty(slot)) continue;
      const all = this.allIn(this.#rings, this.#slots[slot] as number);
      const soonest = Math.min(...all.map((node) => this.dueOf(node)));
      return level === 0 ? all : all.filter((node) => this.dueOf(node) === soonest);
    }
    return [];
  }

  /** Somebody asks for a timer that is over, of whom `ref` was: nothing to do, but for who watches. */
  missed(_ref: unknown): void {}

  /** Takes out whatever is pending, in no order. */
  takeAll(): T[] {
    const all = this.#nodes.filter((node) => node !== undefined);
    for (const node of all) this.remove(node);
    return all;
  }

  /** When to look again: not after the next one is due. `Infinity` when nothing is pending. */
  nextLook(): number {
    if (this.length === 0) return Number.POSITIVE_INFINITY;
    if (this.#inLevel[0] === 0) return this.nextDeal();
    let time = this.#time;
    while (this.isEmpty(time & (LOW_SLOTS - 1))) time++;
    return time;
  }

  /**
   * When a slot above the lowest level is to be dealt out: the next that has anything in the lowest level
   * that has, or the end of that level's round. Nothing happens before, so nobody is woken.
   */
  private nextDeal(): number {
    let level = 1;
    while (level < FAR_LEVEL && this.#inLevel[level] === 0) level++;
    const unit = UNITS[level] as number;
    let time = (Math.floor(this.#time / unit) + 1) * unit;
    if (level === FAR_LEVEL) return time;
    const round = UNITS[level + 1] as number;
    while (time % round !== 0 && this.isEmpty(slotOf(level, time))) time += unit;
    return time;
  }

  private goTo(time: number): void {
    this.#time = time;
    for (let level = 1; level <= FAR_LEVEL; level++) {
      const unit = UNITS[level] as number;
      if (time % unit !== 0) return;
      this.dealOut(level, slotOf(level, time));
    }
  }

  private dealOut(level: number, slot: number): void {
    const first = this.#slots[slot] as number;
    const { next } = this.#rings;
    let place = next[first] as number;
    this.#rings.begin(first);
    while (place !== first) {
      const following = next[place] as number;
      (this.#inLevel[level] as number)--;
      this.putByTime(place, this.#due[place] as number);
      place = following;
    }
  }

  /** Gives a node its place. */
  private settleIn(node: T): number {
    const place = this.freePlace();
    this.#nodes[place] = node;
    node.place = place;
    return place;
  }

  private freePlace(): number {
    const place = this.#free;
    if (place === NOWHERE) return this.newPlace();
    this.#free = this.#rings.next[place] as number;
    return place;
  }

  private newPlace(): number {
    if (this.#slots === NO_SLOTS) this.open();
    const place = this.#nodes.push(undefined) - 1;
    this.#due.push(0);
    this.#slot.push(0);
    this.#rings.begin(place);
    return place;
  }

  private open(): void {
    this.#slots = NO_SLOTS.slice();
    this.#rings = emptyRings();
    this.#owned = emptyRings();
    this.#nodes = [undefined];
    this.#due = [0];
    this.#slot = [0];
  }

  private release(place: number): void {
    this.#nodes[place] = undefined;
    this.#rings.next[place] = this.#free;
    this.#free = place;
  }

  private putByTime(place: number, due: number): void {
    this.#due[place] = due;
    const at = due < this.#time ? this.#time : due;
    const level = levelOf(at, this.#time);
    (this.#inLevel[level] as number)++;
    this.putInto(slotOf(level, at), place);
  }

  private putInto(slot: number, place: number): void {
    this.#slot[place] = slot;
    const first = this.#slots[slot] as number;
    this.#rings.putBefore(place, first === NOWHERE ? this.beginSlot(slot) : first);
  }

  private beginSlot(slot: number): number {
    const first = this.freePlace();
    this.#slots[slot] = first;
    this.#rings.begin(first);
    return first;
  }

  private unplace(place: number, slot: number): void {
    if (slot !== FRESH_SLOT) this.leaveLevel(slot);
    this.#rings.takeOut(place);
    this.length--;
  }

  private leaveLevel(slot: number): void {
    (this.#inLevel[levelOfSlot(slot)] as number)--;
  }

  private isEmpty(slot: number): boolean {
    const first = this.#slots[slot] as number;
    return this.#rings.next[first] === first;
  }

  private firstIn(slot: number): T | undefined {
    return this.#nodes[this.#rings.next[this.#slots[slot] as number] as number];
  }

  private allIn({ next }: Rings, first: number): T[] {
    const all: T[] = [];
    for (let place = next[first]; place !== first; place = next[place as number])
      all.push(this.#nodes[place as number] as T);
    return all;
  }
}
