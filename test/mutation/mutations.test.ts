import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MUTATIONS } from './mutations.ts';

test.each(MUTATIONS)('the mutation "$name" still has something to break', ({ file, from, to }) => {
  const source = readFileSync(
    new URL(`../../packages/beamish/src/${file}`, import.meta.url),
    'utf8',
  );
  expect(source.split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
});
