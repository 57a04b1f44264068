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

/** With which ways of use these ways clash. */
function against(ways: number): number {
  let mask = 0;
  for (const [one, others] of CLASHES) {
    if ((ways & one) !== 0) mask |= others;
    if ((ways & others) !== 0) mask |= one;
  }
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

/** By thing, how it was used. A step uses few things: looking through them is faster than any map. */
export class Touches {
  readonly #things: number[] = [];
  readonly #ways: number[] = [];
  /** Of each thing, the ways that clash; made when they are asked for, of as many things as there were. */
  #masks: number[] | undefined;

  add(thing: number, way: number): void {
    this.#masks = undefined;
    const i = this.#things.indexOf(thing);
    if (i >= 0) this.#ways[i] = (this.#ways[i] as number) | way;
    else {
      this.#things.push(thing);
      this.#ways.push(way);
    }
  }

  has(thing: number, way: number): boolean {
    const i = this.#things.indexOf(thing);
    return i >= 0 && ((this.#ways[i] as number) & way) !== 0;
  }

  /** Both together. */
  and(other: Touches): Touches {
    const both = new Touches();
    for (const { things, ways } of [this.#lists(), other.#lists()])
      for (const [i, thing] of things.entries()) both.add(thing, ways[i] as number);
    return both;
  }

  clashesWith(other: Touches): boolean {
    this.#masks ??= this.#ways.map(against);
    for (let i = 0; i < this.#things.length; i++) {
      const at = other.#things.indexOf(this.#things[i] as number);
      if (at >= 0 && ((this.#masks[i] as number) & (other.#ways[at] as number)) !== 0) return true;
    }
    return false;
  }

  #lists(): { readonly things: readonly number[]; readonly ways: readonly number[] } {
    return { things: this.#things, ways: this.#ways };
  }
}
