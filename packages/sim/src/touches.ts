/**
 * What a step has touched, so that one can tell whether two steps commute: for each thing, the ways in which
 * it was used, as bits. Two steps of different movers clash if they use the same thing in ways that clash.
 */

/** A step of the actor itself. */
export const STEP = 1 << 0;
/** It ended. */
export const END = 1 << 1;
export const DOOM = 1 << 2;
/** What it waits for came, or would have. */
export const WAKE = 1 << 3;
export const REPLY = 1 << 4;
export const ABANDON = 1 << 5;
export const LOOK = 1 << 6;
export const BOND = 1 << 7;
export const WATCH = 1 << 8;
export const SIGNAL = 1 << 9;
export const TRAP = 1 << 10;
export const INSPECT = 1 << 11;
/** A message reached its mailbox, or would have. */
export const ARRIVE = 1 << 12;
/** Of a pair of actors: their link. Of a name: a change. Of a moment: a timer is due then. */
export const CHANGE = 1 << 14;
/** Of a name. */
export const USE = 1 << 15;
/** Of an actor with a bounded mailbox: something came, or may have been taken. */
export const BOX = 1 << 13;
/** Of the clock. */
export const START = 1 << 16;
export const RING = 1 << 17;
/** Of a way between two systems: something is put on it, behind all else. */
export const POST = 1 << 18;

const CLASHES: readonly (readonly [number, number])[] = [
  // A fault can make a step of an actor, too.
  [STEP, STEP | DOOM | WAKE | REPLY | INSPECT],
  [END, LOOK | BOND | WATCH | SIGNAL | DOOM | REPLY],
  [DOOM, LOOK | BOND | WATCH | SIGNAL | DOOM | REPLY | WAKE],
  [TRAP, SIGNAL],
  [REPLY, ABANDON | WAKE],
  [ARRIVE, INSPECT],
  [BOX, BOX],
  [CHANGE, CHANGE | USE | POST],
  [POST, POST],
  [START, RING],
];

/** By the number of its bit, with which ways of use each way clashes. */
const AGAINST: readonly number[] = Array.from({ length: 32 }, (_, bit) => {
  const way = 1 << bit;
  let mask = 0;
  for (const [one, others] of CLASHES) {
    if (way === one) mask |= others;
    if ((way & others) !== 0) mask |= one;
  }
  return mask;
});

function against(ways: number): number {
  let mask = 0;
  for (let left = ways; left !== 0; left &= left - 1)
    mask |= AGAINST[31 - Math.clz32(left & -left)] as number;
  return mask;
}

/** Numbers for the things that steps use, the same in all runs of an exploration. */
export class Things {
  readonly #numbers = new Map<string, number>();
  readonly #actors = new Map<string, number>();

  of(thing: string): number {
    const known = this.#numbers.get(thing);
    if (known !== undefined) return known;
    const made = this.#numbers.size + this.#actors.size;
    this.#numbers.set(thing, made);
    return made;
  }

  ofActor(path: string): number {
    const known = this.#actors.get(path);
    if (known !== undefined) return known;
    const made = this.#numbers.size + this.#actors.size;
    this.#actors.set(path, made);
    return made;
  }
}

const NO_THING = -1;

/** By thing, how it was used. A step uses few things: looking through them is faster than any map. */
export class Touches {
  /** Each thing, and behind it its ways. Room for four: the host makes room for seventeen when the first one is pushed. */
  readonly #uses = [NO_THING, 0, NO_THING, 0, NO_THING, 0, NO_THING, 0];
  /** Where the next one comes. */
  #end = 0;

  add(thing: number, way: number): void {
    const uses = this.#uses;
    const i = this.#at(thing);
    if (i >= 0) uses[i + 1] = (uses[i + 1] as number) | way;
    else {
      uses[this.#end++] = thing;
      uses[this.#end++] = way;
    }
  }

  has(thing: number, way: number): boolean {
    const i = this.#at(thing);
    return i >= 0 && ((this.#uses[i + 1] as number) & way) !== 0;
  }

  /** Both together. */
  and(other: Touches): Touches {
    const both = new Touches();
    for (const each of [this, other])
      for (let i = 0; i < each.#end; i += 2)
        both.add(each.#uses[i] as number, each.#uses[i + 1] as number);
    return both;
  }

  clashesWith(other: Touches): boolean {
    for (let i = 0; i < this.#end; i += 2) {
      const at = other.#at(this.#uses[i] as number);
      if (at < 0) continue;
      if ((against(this.#uses[i + 1] as number) & (other.#uses[at + 1] as number)) !== 0)
        return true;
    }
    return false;
  }

  #at(thing: number): number {
    for (let i = 0; i < this.#end; i += 2) if (this.#uses[i] === thing) return i;
    return -1;
  }
}
