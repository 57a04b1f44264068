/**
 * Whether a number is prime, and how sure that is. A "no" is always a proof. A "yes" is one up to 3.3 · 10²⁴
 * (Miller–Rabin to the prime bases up to 41: Sorenson and Webster, 2015) and of Mersenne numbers; beyond, it is
 * that of Baillie, Pomerance, Selfridge and Wagstaff: no composite is known that passes, and nobody has proven
 * that there is none.
 */

import { isMersennePrime, isStrongLucasProbablePrime } from './lucas.ts';

export interface Verdict {
  readonly isPrime: boolean;
  readonly certainty: 'proven' | 'probable';
}

const BASES = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n];
/** The smallest composite that passes for all of these. */
const FIRST_LIAR = 3_317_044_064_679_887_385_961_981n;

const PRIME: Verdict = { isPrime: true, certainty: 'proven' };
const COMPOSITE: Verdict = { isPrime: false, certainty: 'proven' };

export function primality(n: bigint): Verdict {
  if (n < 2n) return COMPOSITE;
  for (const p of BASES) if (n % p === 0n) return n === p ? PRIME : COMPOSITE;
  if (n < 43n * 43n) return PRIME;
  if (n < FIRST_LIAR)
    return BASES.every((base) => isStrongProbablePrime(n, base)) ? PRIME : COMPOSITE;
  if ((n & (n + 1n)) === 0n) return mersenne(n.toString(2).length);
  if (!isStrongProbablePrime(n, 2n) || !isStrongLucasProbablePrime(n)) return COMPOSITE;
  return { isPrime: true, certainty: 'probable' };
}

/** Whether an odd `n` passes the test of Miller and Rabin to this base. */
export function isStrongProbablePrime(n: bigint, base: bigint): boolean {
  let odd = n - 1n;
  let twos = 0;
  for (; (odd & 1n) === 0n; twos++) odd >>= 1n;
  let x = power(base, odd, n);
  if (x === 1n || x === n - 1n) return true;
  for (let r = 1; r < twos; r++) {
    x = (x * x) % n;
    if (x === n - 1n) return true;
  }
  return false;
}

function mersenne(k: number): Verdict {
  // 2^(ab) − 1 is a multiple of 2^a − 1.
  return primality(BigInt(k)).isPrime && isMersennePrime(k) ? PRIME : COMPOSITE;
}

function power(base: bigint, exponent: bigint, n: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % n;
    if (bit === '1') result = (result * base) % n;
  }
  return result;
}
