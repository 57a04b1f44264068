/** What the host is asked for, so that what is told to be kept is. */

import fs from 'node:fs';
import { basename, join } from 'node:path';
import type { Disk } from '@beamish/journal';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from './support/places.ts';
import { bytesOf, textOf } from './support/recorder.ts';

/** What was synced, and how. */
const syncs: string[] = [];
/** What stood in a file when it was to be cut. */
const beforeCuts: string[] = [];
let folder: string;
let disk: Disk;

beforeEach(async () => {
  vi.restoreAllMocks();
  vi.resetModules();
  syncs.length = 0;
  beforeCuts.length = 0;
  folder = temporaryFolder();
  const paths = new Map<number, string>();
  const { open, fsync, fdatasync, ftruncate } = fs;
  vi.spyOn(fs, 'open').mockImplementation(((path: string, flags: number, mode: number, done) => {
    open(path, flags, mode, (error, descriptor) => {
      if (error === null) paths.set(descriptor, path === folder ? 'folder' : basename(path));
      done(error, descriptor);
    });
  }) as typeof fs.open);
  vi.spyOn(fs, 'fsync').mockImplementation((descriptor, done) => {
    syncs.push(`all of ${paths.get(descriptor)}`);
    fsync(descriptor, done);
  });
  vi.spyOn(fs, 'fdatasync').mockImplementation((descriptor, done) => {
    syncs.push(`data of ${paths.get(descriptor)}`);
    fdatasync(descriptor, done);
  });
  vi.spyOn(fs, 'ftruncate').mockImplementation(((descriptor: number, length: number, done) => {
    beforeCuts.push(fs.readFileSync(join(folder, paths.get(descriptor) as string), 'utf8'));
    ftruncate(descriptor, length, done);
  }) as typeof fs.ftruncate);
  const { hostDisk } = await import('../../packages/journal/src/host-disk.ts');
  disk = hostDisk();
});

describe('sync', () => {
  test('of a new file keeps its place in the folder, too, and once', async () => {
    const file = join(folder, 'a');
    await disk.write(file, 0, bytesOf('one'));
    expect(syncs).toEqual([]);
    await disk.sync(file);
    expect(syncs).toEqual(['all of a', 'all of folder']);
    await disk.write(file, 3, bytesOf('two'));
    await disk.sync(file);
    expect(syncs.slice(2)).toEqual(['data of a']);
  });

  test('that fails for the folder is not done for the file', async () => {
    const file = join(folder, 'a');
    await disk.write(file, 0, bytesOf('one'));
    const fails = vi.mocked(fs.fsync);
    const works = fails.getMockImplementation() as typeof fs.fsync;
    fails.mockImplementationOnce(works).mockImplementationOnce((_, done) => {
      done(Object.assign(new Error('EIO'), { code: 'EIO' }));
    });
    await expect(disk.sync(file)).rejects.toMatchObject({ code: 'EIO' });
    syncs.length = 0;
    await disk.sync(file);
    expect(syncs).toEqual(['all of a', 'all of folder']);
  });
});

test('remove is for good: the folder is synced, and a file that is not there is no failure', async () => {
  const file = join(folder, 'a');
  await disk.write(file, 0, bytesOf('one'));
  await disk.remove(file);
  expect(syncs).toEqual(['all of folder']);
  expect(fs.readdirSync(folder)).toEqual([]);
  await disk.remove(file);
  await expect(disk.remove(join(folder, 'none', 'a'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('write cuts what lies behind it, but not before it is there', async () => {
  const file = join(folder, 'a');
  await disk.write(file, 0, bytesOf('one two three'));
  await disk.write(file, 4, bytesOf('2'));
  expect(fs.readFileSync(file, 'utf8')).toBe('one 2');
  expect(beforeCuts).toEqual(['one 2wo three']);
  await disk.write(file, 5, bytesOf(' and more'));
  await disk.cut(file, 3);
  await disk.write(file, 3, bytesOf(' 4'));
  expect(fs.readFileSync(file, 'utf8')).toBe('one 4');
});

test('read answers with what there is, of files that are written, too', async () => {
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  await disk.write(a, 0, bytesOf('one'));
  const [all, part, none] = await Promise.all([
    disk.read(a, 0, 100),
    disk.read(a, 1, 1),
    disk.read(a, 7, 5),
  ]);
  expect([all, part, none].map(textOf)).toEqual(['one', 'n', '']);
  await disk.write(a, 3, bytesOf(' two'));
  await disk.write(b, 0, bytesOf('other'));
  // Files are opened and closed while others are read.
  const read = await Promise.all(
    Array.from({ length: 20 }, (_, i) => disk.read(i % 2 === 0 ? a : b, 0, 100)),
  );
  expect(new Set(read.map(textOf))).toEqual(new Set(['one two', 'other']));
  await expect(disk.read(join(folder, 'c'), 0, 1)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('writing and syncing fail once the file was deleted', async () => {
  const file = join(folder, 'a');
  await disk.write(file, 0, bytesOf('one'));
  fs.rmSync(file);
  await expect(disk.sync(file)).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(disk.write(file, 3, bytesOf('two'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('salts differ', () => {
  expect(new Set(Array.from({ length: 100 }, () => disk.salt())).size).toBeGreaterThan(95);
});

test('JRN-01: a folder is made for good: so are its parents, each synced in its own', async () => {
  const path = join(folder, 'a', 'b');
  const lock = await disk.lock(path);
  expect(syncs).toEqual(['all of a', 'all of folder']);
  await freed(lock);
  syncs.length = 0;
  await freed(await disk.lock(path));
  expect(syncs).toEqual([]);
});

async function freed(lock: Awaited<ReturnType<Disk['lock']>>): Promise<void> {
  if ('free' in lock) await lock.free();
}
