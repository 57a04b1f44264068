import { crc32 as ofNode } from 'node:zlib';
import { generator } from 'beamish/testing';
import { expect, test } from 'vitest';
import { crc32 } from '../../packages/journal/src/crc32.ts';

test('the CRC-32 is that of zlib, for every length and alignment, in one piece and in two', () => {
  const random = generator(1);
  const bytes = Uint8Array.from({ length: 200 }, () => random() * 256);
  for (let from = 0; from < 10; from++) {
    for (let to = from; to <= bytes.length; to++) {
      const part = bytes.subarray(from, to);
      expect(crc32(part)).toBe(ofNode(part));
      const half = part.length >> 1;
      expect(crc32(part.subarray(half), crc32(part.subarray(0, half)))).toBe(ofNode(part));
    }
  }
});

test('the CRC-32 of "123456789" is the one in the books', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});
