/** The recipes run as they stand, and print what is below them. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { printedBy } from './support/programs.ts';

const RECIPES = readFileSync(new URL('../docs/recipes.md', import.meta.url), 'utf8');
const sections = [
  ...RECIPES.matchAll(/^## (.*?)\n.*?^```ts\n(.*?)^```\n\n^```text\n(.*?)^```$/gms),
].map(([, title, program, printed]) => [title, program, printed] as [string, string, string]);

test('each recipe has a program and what it prints', () => {
  expect(sections.map(([title]) => title)).toEqual(
    [...RECIPES.matchAll(/^## (.*)$/gm)].map(([, title]) => title),
  );
});

test.each(sections)('%s', (_, program, printed) => {
  expect(printedBy(program)).toBe(printed);
});
