/** Whether a built program may run instead of its sources. */

import { mkdirSync, mkdtempSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isCurrent } from '../../scripts/built.mjs';

function ground() {
  const root = mkdtempSync(join(tmpdir(), 'built-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const at = (path: string): string => join(root, path);
  const write = (path: string, second: number): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), '');
    utimesSync(at(path), second, second);
    for (let folder = dirname(at(path)); folder !== root; folder = dirname(folder))
      utimesSync(folder, second, second);
  };
  return { at, write, isCurrent: () => isCurrent(at('built.js'), [at('src'), at('package.json')]) };
}

test('what was built after the last change of its sources is current', () => {
  const { write, isCurrent } = ground();
  write('src/a/one.ts', 1000);
  write('src/two.ts', 1000);
  write('package.json', 1000);
  write('built.js', 2000);
  expect(isCurrent()).toBe(true);
});

test.each(['src/a/one.ts', 'package.json'])('it is not once %s has changed', (path) => {
  const { at, write, isCurrent } = ground();
  write('src/a/one.ts', 1000);
  write('package.json', 1000);
  write('built.js', 2000);
  utimesSync(at(path), 3000, 3000);
  expect(isCurrent()).toBe(false);
});

test('nor once a source is gone', () => {
  const { at, write, isCurrent } = ground();
  write('src/a/one.ts', 1000);
  write('built.js', 2000);
  unlinkSync(at('src/a/one.ts'));
  expect(isCurrent()).toBe(false);
});

test('nor while nothing has been built', () => {
  const { write, isCurrent } = ground();
  write('src/one.ts', 1000);
  expect(isCurrent()).toBe(false);
});
