/** What the README shows works when pasted. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blocksOf, printedBy, printedByFile } from './support/programs.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the first program prints what it says, and has at most 20 lines of code', () => {
  const [program] = blocksOf(README, 'ts') as [string];
  expect(program.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(20);
  expect(printedBy(program)).toBe('42\n');
});

test('the program on threads prints what it says', () => {
  const program = blocksOf(README, 'ts')[1] as string;
  expect(printedBy(program)).toBe('[ 5000000050000000, 5000000050000000 ]\n');
});

test('the cruncher prints what the README shows, but for the time', () => {
  const printed = printedByFile('examples/cruncher/src/main.ts');
  const shown = (blocksOf(README, 'console')[0] as string).replace('$ npm start\n', '');
  const timeless = (text: string): string => text.replace(/^Time .*$/m, 'Time');
  expect(timeless(printed)).toBe(timeless(shown));
});
