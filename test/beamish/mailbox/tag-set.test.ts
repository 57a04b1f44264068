import { describe, expect, test } from 'vitest';
import {
  accepts,
  largeTagSet,
  type TagSet,
  tagSet,
  tagsOf,
  type Want,
} from '../../../packages/beamish/src/mailbox/tag-set.ts';

const WANTS: readonly (readonly [string, Want, readonly string[], readonly string[]])[] = [
  ['any message', undefined, ['a', 'EXIT', ''], []],
  ['one tag', 'a', ['a'], ['b', '', 'A', 'aa']],
  ['two tags', tagSet(undefined, 'a', 'b'), ['a', 'b'], ['c', 'ab']],
  ['four tags', tagSet(undefined, 'a', 'b', 'c', 'd'), ['a', 'b', 'c', 'd'], ['e']],
  ['five tags', largeTagSet(['a', 'b', 'c', 'd', 'e']), ['a', 'e'], ['f']],
];

describe('a want', () => {
  test.each(WANTS)('of %s accepts these and no others', (_, want, accepted, refused) => {
    for (const tag of accepted) expect(accepts(want, { tag })).toBe(true);
    for (const tag of refused) expect(accepts(want, { tag })).toBe(false);
  });

  test('is told to people as its tags', () => {
    expect(WANTS.map(([, want]) => tagsOf(want))).toEqual([
      ['*'],
      ['a'],
      ['a', 'b'],
      ['a', 'b', 'c', 'd'],
      ['a', 'b', 'c', 'd', 'e'],
    ]);
  });
});

describe('a set of tags', () => {
  test('is made once, whoever asks', () => {
    const set = tagSet(undefined, 'x', 'y', 'z');
    expect(tagSet(undefined, 'x', 'y', 'z')).toBe(set);
    expect(tagSet('x', 'x', 'y', 'z')).toBe(set);
    expect(tagSet(tagSet(undefined, 'x', 'q'), 'x', 'y', 'z')).toBe(set);
    const large = largeTagSet(['x', 'y', 'z', 'p', 'q']);
    expect(largeTagSet(['x', 'y', 'z', 'p', 'q'])).toBe(large);
  });

  test('is the one that was used last, if that has the same tags', () => {
    const last = tagSet(undefined, 'x', 'y');
    expect(tagSet(last, 'x', 'y')).toBe(last);
  });

  test.each([
    ['a longer one', ['x', 'y', 'z']],
    ['one in another order', ['y', 'x']],
    ['one with another end', ['x', 'z']],
    ['one that has it twice', ['x', 'x']],
  ])('is not taken for %s', (_, [a, b, c]) => {
    const set = tagSet(undefined, 'x', 'y');
    const other = tagSet(set, a as string, b as string, c);
    expect(other).not.toBe(set);
    expect(other.tags).toEqual([a, b, c].filter((tag) => tag !== undefined));
    expect(tagSet(other, 'x', 'y').tags).toEqual(['x', 'y']);
  });

  test('of five tags is not taken for one of four, nor the other way round', () => {
    const five = largeTagSet(['x', 'y', 'z', 'p', 'q']);
    const four = tagSet(five, 'x', 'y', 'z', 'p');
    expect(four.tags).toHaveLength(4);
    expect(largeTagSet(['x', 'y', 'z', 'p']).tags).toEqual(four.tags);
  });

  test('made of tags without end is right, and old ones still are what they were', () => {
    const old: TagSet = tagSet(undefined, 'old 0', 'old 1');
    for (let i = 0; i < 10_000; i++) {
      const set = tagSet(old, `first ${i}`, `second ${i}`);
      if (i % 1000 === 0) expect(set.tags).toEqual([`first ${i}`, `second ${i}`]);
    }
    expect(tagSet(old, 'old 0', 'old 1')).toBe(old);
    expect(tagSet(undefined, 'old 0', 'old 1').tags).toEqual(old.tags);
  });
});
