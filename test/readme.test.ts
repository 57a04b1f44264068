/** What the README shows works when pasted. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { diagnosticsOf } from './support/compiler.ts';
import { blocksOf, printedBy, printedByFile } from './support/programs.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the first program prints what it says, and has at most 20 lines of code', () => {
  const [program] = blocksOf(README, 'ts') as [string];
  expect(program.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(20);
  expect(printedBy(program)).toBe('42\n');
});

test('of the four mistakes the compiler says what the README says, and of nothing else', async () => {
  const [program, mistakes] = blocksOf(README, 'ts') as [string, string];
  const lines = (program + mistakes).trimEnd().split('\n');
  const first = program.split('\n').length;
  const said = (await diagnosticsOf(lines.join('\n'))).map(({ line, message }) => ({
    mistake: lines[line - 1]?.trim(),
    // The first of several; what follows from it is for those who read on.
    message: message.split('\n')[0],
  }));
  const shown = lines.flatMap((text, i) =>
    i >= first && text.trim().startsWith('// ')
      ? [{ mistake: lines[i - 1]?.trim(), message: text.trim().slice(3) }]
      : [],
  );
  expect(shown).toHaveLength(4);
  expect(said.filter(({ mistake }, i) => said[i - 1]?.mistake !== mistake)).toEqual(shown);
});

test('the program on threads prints what it says', () => {
  const program = blocksOf(README, 'ts').find((text) => text.includes('threads(')) as string;
  expect(printedBy(program)).toBe('[ 5000000050000000, 5000000050000000 ]\n');
});

test('the README of the threads shows the same program', () => {
  const page = readFileSync(new URL('../packages/threads/README.md', import.meta.url), 'utf8');
  expect(blocksOf(README, 'ts')).toContain(blocksOf(page, 'ts')[0]);
});

test('the program of the tasks prints what it says', () => {
  const page = readFileSync(new URL('../packages/tasks/README.md', import.meta.url), 'utf8');
  expect(printedBy(blocksOf(page, 'ts')[0] as string)).toBe('Hello me\n');
});

test('the page of beamish on npm is the README, without the repository', () => {
  const page = readFileSync(new URL('../packages/beamish/README.md', import.meta.url), 'utf8');
  expect(blocksOf(page, 'ts')).toEqual(blocksOf(README, 'ts'));
  expect(page).not.toContain('npm start');
  expect(page.match(/\]\((?!https:)/g)).toBeNull();
});

test('the cruncher prints what the README shows, but for the time', () => {
  const printed = printedByFile('examples/cruncher/src/main.ts');
  const shown = (blocksOf(README, 'console')[0] as string).replace('$ npm start\n', '');
  const timeless = (text: string): string => text.replace(/^Time .*$/m, 'Time');
  expect(timeless(printed)).toBe(timeless(shown));
});
