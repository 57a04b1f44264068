/**
 * Timers by the millisecond in which they are due: a hierarchical timing wheel (Varghese and Lauck).
 * Starting and cancelling take a few nanoseconds whatever their number, where a heap takes longer the
 * more there are and a host timer each costs a microsecond.
 *
 * The lowest level has a slot for each of 256 ms; each of the four higher ones has 64 slots, of which
 * each is as long as the level below is in all. A timer stands in the lowest level that has not to go
 * round before it is due, and in one slot above them all if the highest has. When a level has gone
 * round, the next slot above is dealt out to those below. So at any moment all timers of one
 * millisecond stand in one slot, in the order in which they were added.
 */

export interface WheelNode {
  /** The millisecond in which it is due; set by `add`. */
  due: number;
  /** Neighbours in the slot's ring; undefined when it is not in the wheel. */
  nextInSlot: WheelNode | undefined;
  previousInSlot: WheelNode | undefined;
  /** The slot that it is in. */
  slot: number;
}

const LOW_SLOTS = 256;
const HIGH_SLOTS = 64;
const HIGH_LEVELS = 4;
/** Of the one slot for what is due after this round of the highest level. */
const FAR_LEVEL = HIGH_LEVELS + 1;
const FAR_SLOT = LOW_SLOTS + HIGH_SLOTS * HIGH_LEVELS;
/** Of no level: the slot for what has no time yet. */
const FRESH_SLOT = FAR_SLOT + 1;
const NONE: readonly never[] = [];
/** Of all wheels that nothing was put into. */
const NO_SLOTS = emptySlots();

function emptySlots(): (WheelNode | undefined)[] {
  return new Array(FRESH_SLOT + 1).fill(undefined);
}

/** What a slot of each level spans, in ms; the last is the round of the highest, some 50 days. */
const UNITS = [
  1,
  LOW_SLOTS,
  LOW_SLOTS * 64,
  LOW_SLOTS * 64 ** 2,
  LOW_SLOTS * 64 ** 3,
  LOW_SLOTS * 64 ** 4,
] as const;

export class TimerWheel<T extends WheelNode> {
  /** How many are pending. */
  length = 0;
  /** The first millisecond that may have something due in it. */
  #time: number;
  /** The last node of each slot's ring, whose next is the first. Its own from its first node on. */
  #slots = NO_SLOTS;
  /** How many stand in each level. */
  readonly #inLevel = [0, 0, 0, 0, 0, 0];

  constructor(now: number) {
    this.#time = Math.floor(now);
  }

  /** Starts `node`; it comes out once `now` has reached `at`, never before. Equal times come out in order. */
  add(node: T, at: number): void {
    node.due = Math.ceil(at);
    this.place(node);
    this.length++;
  }

  /**
   * Starts `node` at the next `settle`, for `ms`. Of the many time-outs that are taken back before
   * that, none costs a look at the clock or a place in the wheel.
   */
  addFresh(node: T, ms: number): void {
    node.due = ms;
    this.putInto(FRESH_SLOT, node);
    this.length++;
  }

  /** Whether it has been added without a time, and not settled since. */
  isFresh(node: T): boolean {
    return node.slot === FRESH_SLOT && node.nextInSlot !== undefined;
  }

  /** Places what has been added without a time: `now` is not before it was. */
  settle(now: number): void {
    const last = this.#slots[FRESH_SLOT];
    if (last === undefined) return;
    for (let node = last.nextInSlot as WheelNode; ; ) {
      const next = node.nextInSlot as WheelNode;
      const isLast = node === last;
      this.takeOut(node);
      node.due = Math.ceil(now + node.due);
      this.place(node);
      if (isLast) return;
      node = next;
    }
  }

  /** False if it was not in the wheel. */
  remove(node: T): boolean {
    if (node.nextInSlot === undefined) return false;
    this.unplace(node);
    this.length--;
    return true;
  }

  /** Takes out the next one that is due; undefined when none is left that is. */
  takeDue(now: number): T | undefined {
    const last = Math.floor(now);
    if (this.length === 0) {
      if (this.#time < last) this.#time = last;
      return undefined;
    }
    for (;;) {
      const ring = this.#slots[this.#time & (LOW_SLOTS - 1)];
      if (ring !== undefined) {
        const first = ring.nextInSlot as T;
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
      const ring = this.#slots[slot];
      if (ring === undefined) continue;
      const all: T[] = [];
      for (let node = ring.nextInSlot as T; ; node = node.nextInSlot as T) {
        all.push(node);
        if (node === ring) break;
      }
      const soonest = Math.min(...all.map((node) => node.due));
      return level === 0 ? all : all.filter((node) => node.due === soonest);
    }
    return [];
  }

  /** Somebody asks for a timer that is over, of whom `ref` was: nothing to do, but for who watches. */
  missed(_ref: unknown): void {}

  /** Takes out whatever is pending, in no order. */
  takeAll(): T[] {
    const all: T[] = [];
    for (const last of [...this.#slots])
      for (let node = last; node?.nextInSlot !== undefined; ) {
        const next: WheelNode = node.nextInSlot;
        this.remove(node as T);
        all.push(node as T);
        node = next;
      }
    return all;
  }

  /** When to look again: not after the next one is due. `Infinity` when nothing is pending. */
  nextLook(): number {
    if (this.length === 0) return Number.POSITIVE_INFINITY;
    if (this.#inLevel[0] === 0) return this.nextDeal();
    let time = this.#time;
    while (this.#slots[time & (LOW_SLOTS - 1)] === undefined) time++;
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
    while (time % round !== 0 && this.#slots[slotOf(level, time)] === undefined) time += unit;
    return time;
  }

  private goTo(time: number): void {
    this.#time = time;
    for (let level = 1; level <= FAR_LEVEL; level++) {
      const unit = UNITS[level] as number;
      if (time % unit !== 0) return;
      this.dealOut(slotOf(level, time));
    }
  }

  private dealOut(slot: number): void {
    const last = this.#slots[slot];
    if (last === undefined) return;
    for (let node = last.nextInSlot as WheelNode; ; ) {
      const next = node.nextInSlot as WheelNode;
      const isLast = node === last;
      this.unplace(node);
      this.place(node);
      if (isLast) return;
      node = next;
    }
  }

  private place(node: WheelNode): void {
    const at = node.due < this.#time ? this.#time : node.due;
    const level = levelOf(at, this.#time);
    (this.#inLevel[level] as number)++;
    this.putInto(slotOf(level, at), node);
  }

  private putInto(slot: number, node: WheelNode): void {
    node.slot = slot;
    if (this.#slots === NO_SLOTS) this.#slots = emptySlots();
    const last = this.#slots[slot];
    if (last === undefined) {
      node.nextInSlot = node.previousInSlot = node;
    } else {
      const first = last.nextInSlot as WheelNode;
      node.previousInSlot = last;
      node.nextInSlot = first;
      last.nextInSlot = first.previousInSlot = node;
    }
    this.#slots[slot] = node;
  }

  private unplace(node: WheelNode): void {
    const { slot } = node;
    if (slot !== FRESH_SLOT) (this.#inLevel[levelOfSlot(slot)] as number)--;
    this.takeOut(node);
  }

  private takeOut(node: WheelNode): void {
    const { slot, nextInSlot, previousInSlot } = node;
    if (nextInSlot === node) {
      this.#slots[slot] = undefined;
    } else {
      (previousInSlot as WheelNode).nextInSlot = nextInSlot;
      (nextInSlot as WheelNode).previousInSlot = previousInSlot;
      if (this.#slots[slot] === node) this.#slots[slot] = previousInSlot;
    }
    node.nextInSlot = node.previousInSlot = undefined;
  }
}

/** The lowest level in whose present round `at` lies. */
function levelOf(at: number, now: number): number {
  let level = 0;
  while (level < FAR_LEVEL) {
    const round = UNITS[level + 1] as number;
    if (Math.floor(at / round) === Math.floor(now / round)) return level;
    level++;
  }
  return level;
}

function levelOfSlot(slot: number): number {
  return slot < LOW_SLOTS ? 0 : 1 + Math.floor((slot - LOW_SLOTS) / HIGH_SLOTS);
}

function slotOf(level: number, at: number): number {
  if (level === FAR_LEVEL) return FAR_SLOT;
  if (level === 0) return at & (LOW_SLOTS - 1);
  const place = Math.floor(at / (UNITS[level] as number)) & (HIGH_SLOTS - 1);
  return LOW_SLOTS + (level - 1) * HIGH_SLOTS + place;
}
