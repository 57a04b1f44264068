import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { diskFiles } from '../../examples/cruncher/src/disk-files.ts';

let path = '';

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'cruncher-')), 'a.txt');
  writeFileSync(path, 'ann@x.org ben@x.org');
});

afterEach(() => {
  rmSync(join(path, '..'), { recursive: true });
});

test('a part of a file can be read again, after the file was closed too', () => {
  const part = { ...edition(), position: 10, length: 3 };
  expect(Buffer.from(diskFiles.readAgain(part)!).toString()).toBe('ben');
});

test('a file that has changed is not read again, nor is another one in its place', () => {
  const part = { ...edition(), position: 0, length: 3 };
  writeFileSync(path, 'longer than it was before');
  expect(diskFiles.readAgain(part)).toBeUndefined();
  rmSync(path);
  expect(() => diskFiles.readAgain(part)).toThrow('ENOENT');
});

test('what says nothing of its size, as the files of /proc do not, cannot be read again', () => {
  writeFileSync(path, '');
  const file = diskFiles.open(path);
  expect(file.edition).toBeUndefined();
  file.close();
});

function edition() {
  const file = diskFiles.open(path);
  file.close();
  return file.edition!;
}
