import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { suspects } from './mutation.ts';
import { Noticed } from './noticed.ts';

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

test('what has noticed a mutation is there still, and so is the mutation', () => {
  const noticed = new Noticed();
  const names = new Set(all.map(({ name }) => name));
  expect(noticed.names.filter((name) => !names.has(name))).toEqual([]);
  const root = new URL('../../', import.meta.url);
  const files = new Set(noticed.names.map((name) => noticed.by({ name }) as string));
  expect([...files].filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
});
