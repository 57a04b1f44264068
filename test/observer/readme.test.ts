/** What the README of the package shows works when pasted, and names what there is. */

import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blocksOf, printedBy } from '../support/programs.ts';

const FOLDER = new URL('../../packages/observer/', import.meta.url);
const README = readFileSync(new URL('README.md', FOLDER), 'utf8');

test('the first program prints what it says', () => {
  expect(printedBy(blocksOf(README, 'ts')[0] as string)).toBe("true\nguest [ 'tea' ]\n");
});

test('its pictures are there', () => {
  const pictures = [...README.matchAll(/!\[.+?\]\((.+?)\)/g)].map(([, path]) => path as string);
  expect(pictures).toHaveLength(4);
  for (const path of pictures)
    expect([path, existsSync(new URL(path, FOLDER))]).toEqual([path, true]);
});

test('OBS-109 the metrics that it names are those that there are', () => {
  const named = new Set(README.match(/beamish_[a-z_]+/g));
  const source = readFileSync(new URL('src/exports/metrics.ts', FOLDER), 'utf8');
  expect([...named].sort()).toEqual([...new Set(source.match(/beamish_[a-z_]+/g))].sort());
});

test('every rule of the doctor has its paragraph', () => {
  const source = readFileSync(new URL('src/terms/happening.ts', FOLDER), 'utf8');
  const rules = [...(/type Rule =([\s\S]*?);/.exec(source)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
    ([, rule]) => rule as string,
  );
  for (const rule of rules.filter((its) => its !== 'big_copy'))
    expect(README).toContain(`### ${rule}\n`);
});
