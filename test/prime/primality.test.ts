/** Whether numbers are prime: the table of what has fooled others. */

import { spawnSync } from 'node:child_process';
import { generator } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { isMersennePrime, isStrongLucasProbablePrime } from '../../examples/prime/src/lucas.ts';
import { isStrongProbablePrime, primality } from '../../examples/prime/src/primality.ts';

const isPrime = (n: bigint): boolean => primality(n).isPrime;

test('PRM-01: every number to a million is as the sieve has it', () => {
  const most = 1_000_000;
  const composite = new Uint8Array(most + 1);
  const wrong: number[] = [];
  let primes = 0;
  for (let n = 2; n <= most; n++) {
    if (composite[n] === 0) for (let k = n * n; k <= most; k += n) composite[k] = 1;
    if (composite[n] === 0) primes++;
    if (isPrime(BigInt(n)) !== (composite[n] === 0)) wrong.push(n);
  }
  expect({ wrong, primes }).toEqual({ wrong: [], primes: 78_498 });
});

describe('PRM-01: what is below 2 is not prime, nor is', () => {
  test.each([
    ['nothing, one or less than nothing', [0n, 1n, -1n, -7n]],
    [
      'what the original took for prime',
      [4n, 6n, 8n, 9n, 10n, 14n, 16n, 20n, 22n, 25n, 121n, 169n],
    ],
    ['a Carmichael number', [561n, 1105n, 1729n, 2465n, 2821n, 6601n, 8911n]],
    ['a multiple of two large primes', [2n ** 67n - 1n, 193707721n * 761838257287n]],
    ['what JSON.parse makes of a neighbour', [2n ** 64n - 1n, 2n ** 53n + 1n]],
    [
      'a strong pseudoprime to the first bases',
      [
        25326001n,
        3215031751n,
        2152302898747n,
        3474749660383n,
        341550071728321n,
        3825123056546413051n,
        318665857834031151167461n,
        3317044064679887385961981n,
      ],
    ],
  ])('%s', (_, numbers) => {
    for (const n of numbers) expect(primality(n)).toEqual({ isPrime: false, certainty: 'proven' });
  });
});

test('PRM-01: strong pseudoprimes to base 2 pass that test, and are found out all the same', () => {
  for (const n of [2047n, 3277n, 4033n, 4681n, 8321n, 15841n]) {
    expect(isStrongProbablePrime(n, 2n)).toBe(true);
    expect(isPrime(n)).toBe(false);
  }
  // The first that fools all thirteen bases: the Lucas test knows better.
  expect(isStrongLucasProbablePrime(3317044064679887385961981n)).toBe(false);
});

test('PRM-01: strong Lucas pseudoprimes pass that test, and are found out all the same', () => {
  for (const n of [5459n, 5777n, 10877n, 16109n, 18971n]) {
    expect(isStrongLucasProbablePrime(n)).toBe(true);
    expect(isPrime(n)).toBe(false);
  }
});

test('PRM-01: the Lucas test alone is wrong about no other number to 20,000', () => {
  const liars: number[] = [];
  for (let n = 43; n < 20_000; n += 2)
    if (isStrongLucasProbablePrime(BigInt(n)) !== isPrime(BigInt(n))) liars.push(n);
  expect(liars).toEqual([5459, 5777, 10877, 16109, 18971]);
});

test('PRM-01: squares of primes, neighbours multiplied, and p(2p − 1) are composite', () => {
  const primes: bigint[] = [];
  for (let n = 2n; n < 10_000n; n++) if (isPrime(n)) primes.push(n);
  const made = primes.flatMap((p, i) => [p * p, p * (primes[i + 1] ?? 10_007n), p * (2n * p - 1n)]);
  expect(made.filter(isPrime)).toEqual([]);
});

test.each([61, 89, 107, 127, 521, 1279])('PRM-01: 2^%i − 1 is a proven prime', (k) => {
  expect(primality(2n ** BigInt(k) - 1n)).toEqual({ isPrime: true, certainty: 'proven' });
});

test('PRM-01: of the exponents to 130 those of Mersenne primes are found, and no others', () => {
  const found: number[] = [];
  for (let k = 3; k <= 130; k++) if (isPrime(BigInt(k)) && isMersennePrime(k)) found.push(k);
  expect(found).toEqual([3, 5, 7, 13, 17, 19, 31, 61, 89, 107, 127]);
});

test('PRM-01: beyond what is proven, a yes is probable and a no is a proof', () => {
  expect(primality(2n ** 64n - 59n)).toEqual({ isPrime: true, certainty: 'proven' });
  expect(isPrime(2n ** 53n - 111n)).toBe(true);
  expect(primality(2n ** 128n - 159n)).toEqual({ isPrime: true, certainty: 'probable' });
  expect(primality(2n ** 128n - 161n)).toEqual({ isPrime: false, certainty: 'proven' });
});

test('PRM-01: numbers of 20 to 60 digits are as openssl has them', ({ skip }) => {
  if (spawnSync('openssl', ['version']).status !== 0) {
    if (process.env['BEAMISH_REQUIRE_SERVICES'] === '1')
      throw new Error('There is no openssl here');
    skip('there is no openssl here');
  }
  const random = generator(20);
  const digits = (count: number): string =>
    Array.from({ length: count }, () => Math.floor(random() * 10)).join('');
  const numbers = Array.from({ length: 1000 }, (_, i) => BigInt(`1${digits(19 + (i % 41))}`) | 1n);
  // Those with two large factors, which random ones hardly ever have.
  const primes = numbers.filter(isPrime);
  const products = primes.map((p, i) => p * (primes[i + 1] ?? 1_000_003n));
  const all = [...numbers, ...products];
  const { stdout } = spawnSync('openssl', ['prime', ...all.map(String)], { encoding: 'utf8' });
  const theirs = stdout
    .trim()
    .split('\n')
    .map((line) => line.endsWith('is prime'));
  expect(all.map(isPrime)).toEqual(theirs);
  expect(primes.length).toBeGreaterThan(5);
});
