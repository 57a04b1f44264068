import { expect, test } from 'vitest';
import { bytes, count, countOf, duration, rate } from '../../examples/cruncher/src/units.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1234567, '1,234,567'],
])('count(%d) groups the digits', (value, text) => {
  expect(count(value)).toBe(text);
});

test('countOf() takes the singular for one only', () => {
  expect(countOf(0, 'file')).toBe('0 files');
  expect(countOf(1, 'file')).toBe('1 file');
  expect(countOf(2000, 'address', 'addresses')).toBe('2,000 addresses');
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [4096, '4.1 kB'],
  [9_949, '9.9 kB'],
  [9_960, '10 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [10_000_000_000, '10 GB'],
  [5e18, '5,000 PB'],
])('bytes(%d) takes the largest unit that fits', (value, text) => {
  expect(bytes(value)).toBe(text);
});

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [999.6, '1.0 s'],
  [3400, '3.4 s'],
  [9960, '10 s'],
  [59_600, '1 min'],
  [125_000, '2 min 5 s'],
  [4_800_000, '1 h 20 min'],
])('duration(%d) takes at most two units', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('rate() is in MB/s, and is nothing without time', () => {
  expect(rate(1_290_000_000, 1000)).toBe('1,290 MB/s');
  expect(rate(260_000, 1000)).toBe('0.26 MB/s');
  expect(rate(10, 0)).toBe('');
});
