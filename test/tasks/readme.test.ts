/** The first program of the package's README prints what it says. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FROM_SOURCE } from '../support/from-source.ts';

const ROOT = new URL('../../', import.meta.url);
const README = readFileSync(new URL('packages/tasks/README.md', ROOT), 'utf8');

test('the first program prints what it says, and has at most ten lines of code', () => {
  const [, program = ''] = /^```ts\n(.*?)^```$/ms.exec(README) ?? [];
  expect(program.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(10);
  const folder = mkdtempSync(fileURLToPath(new URL('test/.tasks-readme-', ROOT)));
  try {
    writeFileSync(`${folder}/first.ts`, program);
    const run = [...FROM_SOURCE, `${folder}/first.ts`];
    expect(execFileSync(process.execPath, run, { cwd: folder, encoding: 'utf8' })).toBe(
      'Hello me\n',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
