import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { suspects } from './mutation.ts';

const all = (await suspects()).flatMap(({ short, mutations }) =>
  mutations.map((mutation) => ({ short, ...mutation })),
);

test.each(all)('the mutation $name still has something to break', ({ short, file, from, to }) => {
  const source = readFileSync(
    new URL(`../../packages/${short}/src/${file}`, import.meta.url),
    'utf8',
  );
  expect(source.split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
});

test('no two mutations have the same name', () => {
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});
