/** What the README shows works when pasted. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blocksOf, printedBy } from '../support/programs.ts';
import { temporaryFolder } from './support/places.ts';

const README = readFileSync(new URL('../../packages/journal/README.md', import.meta.url), 'utf8');

test('the first program remembers how often it has run', () => {
  const [program] = blocksOf(README, 'ts') as [string];
  const folder = temporaryFolder();
  const its = program.replace("'.data/settings'", JSON.stringify(`${folder}/settings`));
  expect(its).not.toBe(program);
  expect(printedBy(its)).toBe('This program has run 1 times\n');
  expect(printedBy(its)).toBe('This program has run 2 times\n');
});

test('the program for tests prints what it says', () => {
  const program = blocksOf(README, 'ts')[1] as string;
  expect(printedBy(program)).toBe("[ 'kept' ]\n");
});
