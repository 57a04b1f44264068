/** What the README shows works when pasted. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = new URL('../', import.meta.url);
const README = readFileSync(new URL('README.md', ROOT), 'utf8');

/** The fenced blocks of one language. */
function blocks(language: string): string[] {
  return [...README.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, its]) => its === language)
    .map(([, , text]) => text as string);
}

test('the first program prints what it says, and has at most 20 lines of code', () => {
  const [program] = blocks('ts') as [string];
  expect(program.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(20);
  const folder = mkdtempSync(fileURLToPath(new URL('test/.readme-', ROOT)));
  try {
    writeFileSync(`${folder}/first.ts`, program);
    const run = ['--conditions=beamish-source', '--import', 'tsx', `${folder}/first.ts`];
    const printed = execFileSync(process.execPath, run, {
      cwd: fileURLToPath(ROOT),
      encoding: 'utf8',
    });
    expect(printed).toBe('42\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the program on threads prints what it says', () => {
  const program = blocks('ts')[1] as string;
  const folder = mkdtempSync(fileURLToPath(new URL('test/.readme-', ROOT)));
  try {
    writeFileSync(`${folder}/sums.ts`, program);
    const run = ['--conditions=beamish-source', '--import', 'tsx', `${folder}/sums.ts`];
    const printed = execFileSync(process.execPath, run, {
      cwd: fileURLToPath(ROOT),
      encoding: 'utf8',
    });
    expect(printed).toBe('[ 5000000050000000, 5000000050000000 ]\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the cruncher prints what the README shows, but for the time', () => {
  const run = ['--conditions=beamish-source', '--import', 'tsx', 'examples/cruncher/src/main.ts'];
  const printed = execFileSync(process.execPath, run, {
    cwd: fileURLToPath(ROOT),
    encoding: 'utf8',
  });
  const shown = (blocks('console')[0] as string).replace('$ npm start\n', '');
  const timeless = (text: string): string => text.replace(/^Time .*$/m, 'Time');
  expect(timeless(printed)).toBe(timeless(shown));
});
