import { expect, test } from 'vitest';
import { hashOf, randomKey } from '../../examples/cruncher/src/keyed-hash.ts';

// The first of `test_vectors_hsiphash` in Linux's lib/siphash_kunit.c, for machines of 32 bits.
const VECTORS = [
  0x5814c896, 0xe7e864ca, 0xbc4b0e30, 0x01539939, 0x7e059ea6, 0x88e3d89b, 0xa0080b65, 0x9d38d9d6,
  0x577999b1, 0xc839caed,
];

test('the hash is HalfSipHash-1-3, if the last word has the length in its highest byte', () => {
  const key = { low: 0x03020100, high: 0x07060504 };
  for (const [length, expected] of VECTORS.entries()) {
    const bytes = new Uint8Array((length & ~3) + 4);
    for (let i = 0; i < length; i++) bytes[i] = i;
    bytes[bytes.length - 1] = length;
    const words = new Int32Array(bytes.buffer);
    expect(hashOf(words, 0, words.length, key) >>> 0, `${length}`).toBe(expected);
  }
});

test('with another key there is another hash', () => {
  const words = Int32Array.of(1, 2, 3);
  const hashes = Array.from({ length: 20 }, () => hashOf(words, 0, 3, randomKey()));
  expect(new Set(hashes).size).toBe(20);
});
