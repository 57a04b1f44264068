/** The programs of the package's README print what they should when they are pasted. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FROM_SOURCE } from '../support/from-source.ts';

const ROOT = new URL('../../', import.meta.url);
const README = readFileSync(new URL('packages/exchange/README.md', ROOT), 'utf8');
/** The other blocks are parts of programs. */
const PROGRAMS = [...README.matchAll(/^```ts\n(.*?)^```$/gms)]
  .map((block) => block[1] as string)
  .filter((block) => block.startsWith('import'));

function printed(program: string): readonly string[] {
  const folder = mkdtempSync(fileURLToPath(new URL('test/.exchange-readme-', ROOT)));
  try {
    writeFileSync(`${folder}/program.ts`, program);
    const run = [...FROM_SOURCE, `${folder}/program.ts`];
    const text = execFileSync(process.execPath, run, {
      cwd: fileURLToPath(ROOT),
      encoding: 'utf8',
    });
    return text.trimEnd().split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const EXPECTED: readonly (readonly [string, readonly string[]])[] = [
  ['work queue', ['a.txt is done', 'b.txt is done', 'c.txt is done']],
  ['publish and subscribe', ['ann heard 1', 'bob heard 1', '2 queues took it']],
  ['request and reply', ['3']],
  ['topics', ['{"total":5}', 'paid by ann', '{"by":"ann"}']],
];

test('it has four programs', () => {
  expect(PROGRAMS.length).toBe(EXPECTED.length);
});

test.each(EXPECTED.map(([name, lines], i) => [name, i, lines] as const))(
  'the program of %s prints what it should',
  (_, i, lines) => {
    // Two consumers are served side by side.
    expect([...printed(PROGRAMS[i] as string)].sort()).toEqual([...lines].sort());
  },
);
