/** Chance from a seed: the same seed, the same run. */

import type { Decisions } from 'beamish';
import { customRandom, urlAlphabet } from 'nanoid';

export interface Chance {
  readonly decisions: Decisions;
  /** A fresh id. */
  readonly fresh: () => string;
}

const ID_LENGTH = 21;

export function chanceOf(seed: number): Chance {
  const random = numbers(seed);
  const fresh = customRandom(urlAlphabet, ID_LENGTH, (size) =>
    Uint8Array.from({ length: size }, () => Math.floor(random() * 256)),
  );
  return {
    decisions: {
      choose: (count) => Math.floor(random() * count),
      random,
      incarnation: () => 1 + Math.floor(random() * 1e9),
    },
    fresh,
  };
}

/** Numbers from 0 up to, not including, 1: a linear congruence of 64 bits, of which the upper half is used. */
function numbers(seed: number): () => number {
  let state = BigInt.asUintN(64, BigInt(seed) * 0x9e3779b97f4a7c15n + 1n);
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 32n) / 2 ** 32;
  };
}
