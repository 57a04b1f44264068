/** Chance from a seed: the same seed gives the same schedule, another seed another one. */

import type { Decisions } from '../seams/decisions.ts';

/** Decisions for a system, which replay with the same seed. Turns are short, so that actors interrupt each other as often as they can. */
export function seededDecisions(seed: number): Decisions {
  const random = generator(seed);
  return {
    choose: (count) => Math.floor(random() * count),
    // Short turns, of different lengths, so that actors interrupt each other at every receive.
    budget: () => 1 + Math.floor(random() * 8),
    random,
    incarnation: () => 1 + Math.floor(random() * 1e9),
  };
}

/** Numbers from 0 up to, not including, 1 (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
