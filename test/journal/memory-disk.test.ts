/** The disk in memory is as unkind as disks may be. */

import { type MemoryDisk, memoryDisk } from '@beamish/journal/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { bytesOf, textOf } from './support/recorder.ts';

const FILE = 'data/a';
let disk: MemoryDisk;

beforeEach(() => {
  disk = memoryDisk();
});

function content(file = FILE): string | undefined {
  const bytes = disk.files.get(file);
  return bytes === undefined ? undefined : textOf(bytes);
}

/** Synced, with three bytes behind it that are not. */
function prepare(): void {
  disk.write(FILE, 0, bytesOf('one'));
  disk.sync(FILE);
  disk.write(FILE, 3, bytesOf('two'));
}

describe('a crash', () => {
  test('keeps what was synced, and of the rest what it is told, none by default', () => {
    prepare();
    disk.crash();
    expect(content()).toBe('one');
    disk.write(FILE, 3, bytesOf('two'));
    disk.crash((file, unsynced) => {
      expect([file, unsynced]).toEqual([FILE, 3]);
      return 2;
    });
    expect(content()).toBe('onetw');
  });

  test('of the process keeps everything', () => {
    prepare();
    disk.crash('process');
    expect(content()).toBe('onetwo');
    // Nor has it been synced by that.
    disk.crash();
    expect(content()).toBe('one');
  });

  test('loses a file that never was synced, unless some of it is kept', () => {
    disk.write(FILE, 0, bytesOf('one'));
    disk.write('data/b', 0, bytesOf('two'));
    disk.crash((file) => (file === FILE ? 0 : 1));
    expect(content()).toBe(undefined);
    expect(content('data/b')).toBe('t');
  });

  test('brings back what was cut and not synced, under what was written in its place', () => {
    disk.write(FILE, 0, bytesOf('one two'));
    disk.sync(FILE);
    disk.cut(FILE, 3);
    disk.crash();
    expect(content()).toBe('one two');
    disk.cut(FILE, 3);
    disk.write(FILE, 3, bytesOf('...'));
    disk.crash(() => 2);
    expect(content()).toBe('one..wo');
    disk.cut(FILE, 3);
    disk.write(FILE, 3, bytesOf('!'));
    disk.crash(() => 1);
    expect(content()).toBe('one!');
  });

  test('does not bring back what was cut and synced, or removed', () => {
    prepare();
    disk.cut(FILE, 1);
    disk.sync(FILE);
    disk.crash();
    expect(content()).toBe('o');
    disk.remove(FILE);
    disk.crash();
    expect(content()).toBe(undefined);
  });

  test('shows that a sync which failed has lost something, whatever a later one has said', () => {
    prepare();
    disk.fail('EIO');
    expect(() => disk.sync(FILE)).toThrow('EIO');
    disk.fail('nothing');
    disk.sync(FILE);
    disk.write(FILE, 6, bytesOf('three'));
    disk.sync(FILE);
    expect(content()).toBe('onetwothree');
    disk.crash();
    expect(content()).toBe('one\0\0\0three');
  });

  test('leaves no harm where what a sync has lost was written again', () => {
    prepare();
    disk.fail('EIO');
    expect(() => disk.sync(FILE)).toThrow('EIO');
    disk.fail('nothing');
    disk.write(FILE, 3, bytesOf('two'));
    disk.sync(FILE);
    disk.crash();
    expect(content()).toBe('onetwo');
  });
});

describe('a failure', () => {
  test('of a write has written half of it', () => {
    prepare();
    disk.fail('ENOSPC');
    expect(() => disk.write(FILE, 6, bytesOf('four'))).toThrow(
      expect.objectContaining({ code: 'ENOSPC' }) as Error,
    );
    expect(content()).toBe('onetwofo');
    disk.cut(FILE, 6);
    disk.remove('data/b');
    expect(content()).toBe('onetwo');
  });

  test.each(['EROFS', 'ENOENT'] as const)('with %s changes nothing at all', (code) => {
    prepare();
    disk.fail(code);
    const failing = expect.objectContaining({ code }) as Error;
    expect(() => disk.write(FILE, 6, bytesOf('four'))).toThrow(failing);
    expect(() => disk.sync(FILE)).toThrow(failing);
    expect(() => disk.cut(FILE, 1)).toThrow(failing);
    expect(() => disk.remove(FILE)).toThrow(failing);
    expect(() => disk.lock('data')).toThrow(failing);
    disk.fail('nothing');
    expect(content()).toBe('onetwo');
  });
});

test('a bit is flipped, for whoever reads from then on', () => {
  prepare();
  const before = disk.files;
  disk.flip(FILE, 0);
  disk.flip(FILE, 1, 5);
  expect(content()).toBe('nNetwo');
  expect(textOf(before.get(FILE) as Uint8Array)).toBe('onetwo');
  expect(() => disk.flip(FILE, 6)).toThrow(RangeError);
});

test('a file cannot be written behind its end, nor can one that is not there be read', () => {
  prepare();
  expect(() => disk.write(FILE, 7, bytesOf('four'))).toThrow(RangeError);
  expect(() => disk.read('data/b', 0, 1)).toThrow('ENOENT');
  expect(textOf(disk.read(FILE, 2, 100) as Uint8Array)).toBe('etwo');
});

test('a folder is locked until it is freed, and a crash frees it', () => {
  const lock = disk.lock('data') as { free(): void };
  expect(disk.lock('data')).toEqual({ heldBy: undefined });
  lock.free();
  const second = disk.lock('data') as { free(): void };
  // It is not the first one's any more.
  lock.free();
  expect(disk.lock('data')).toEqual({ heldBy: undefined });
  second.free();
  disk.lock('data');
  disk.crash();
  expect(disk.lock('data')).toHaveProperty('free');
});

test('no two disks draw the same salts', () => {
  const draw = (its: MemoryDisk): number[] => Array.from({ length: 100 }, () => its.salt());
  expect(new Set([...draw(disk), ...draw(memoryDisk())]).size).toBe(200);
});
