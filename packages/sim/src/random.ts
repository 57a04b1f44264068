/** Numbers of chance that are the same for the same seed (mulberry32). */

/** Returns numbers from 0 up to, not including, `below`. */
export function randomly(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Numbers of chance of each mover, its own: they do not depend on who else has drawn. */
export class Chances {
  /** Made by the first. */
  #chances: Map<string, (below: number) => number> | undefined;

  /** From 0 up to, not including, 1. */
  of(mover: string): number {
    this.#chances ??= new Map();
    let chance = this.#chances.get(mover);
    if (chance === undefined) {
      let seed = 1;
      for (const char of mover) seed = (Math.imul(seed, 31) + char.charCodeAt(0)) | 0;
      chance = randomly(seed);
      this.#chances.set(mover, chance);
    }
    return chance(2 ** 30) / 2 ** 30;
  }
}
