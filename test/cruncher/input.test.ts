import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Buffers } from '../../examples/cruncher/src/buffers.ts';
import { ChunkReader } from '../../examples/cruncher/src/chunks.ts';
import { diskFiles } from '../../examples/cruncher/src/disk-files.ts';
import {
  type FileSystem,
  type Location,
  reasonOf,
} from '../../examples/cruncher/src/file-system.ts';
import {
  type Input,
  inputsOf,
  type NamedPath,
  shortfall,
  sizesOf,
} from '../../examples/cruncher/src/input.ts';

const SYS_FILE = '/sys/class/net/lo/address';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cruncher-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('inputsOf()', () => {
  test('gives files as typed, then those of a folder by the bytes of their names', () => {
    make('z.txt', 'mail/b.txt', 'mail/a/2.txt', 'mail/a/10.txt', 'mail/C.txt', 'mail/ä.txt');
    expect(linesOf('z.txt', 'mail', 'z.txt')).toEqual([
      'file z.txt',
      'file mail/C.txt',
      'file mail/a/10.txt',
      'file mail/a/2.txt',
      'file mail/b.txt',
      'file mail/ä.txt',
      'file z.txt',
    ]);
  });

  test('shows a folder with one slash after it, typed or not', () => {
    make('mail/a.txt');
    expect(linesOf('mail/', './mail')).toEqual(['file mail/a.txt', 'file ./mail/a.txt']);
  });

  test('gives standard input once', () => {
    expect(linesOf('-', '-')).toEqual(['stdin -', 'note -: standard input was read already']);
  });

  test('says that a file is missing, and goes on', () => {
    make('a.txt');
    expect(linesOf('no.txt', 'a.txt/no.txt', 'a.txt')).toEqual([
      'problem no.txt: no such file',
      'problem a.txt/no.txt: no such file: a part of the path is not a folder',
      'file a.txt',
    ]);
  });

  test('gives nothing for an empty folder', () => {
    mkdirSync(join(root, 'empty'));
    expect(linesOf('empty')).toEqual([]);
  });

  test('follows a link that is typed, and none inside a folder', () => {
    make('real/a.txt', 'mail/b.txt');
    symlinkSync('real', join(root, 'typed'));
    symlinkSync('../real', join(root, 'mail', 'folder'));
    symlinkSync('../real/a.txt', join(root, 'mail', 'file'));
    symlinkSync('nowhere', join(root, 'mail', 'broken'));
    expect(linesOf('typed', 'mail')).toEqual(['file typed/a.txt', 'file mail/b.txt']);
  });

  test('notes a link that leads back to a folder being walked', () => {
    make('mail/in/a.txt');
    symlinkSync('../..', join(root, 'mail', 'in', 'up'));
    symlinkSync('..', join(root, 'mail', 'in', 'back'));
    expect(linesOf('mail')).toEqual([
      'file mail/in/a.txt',
      'note mail/in/back: leads back to mail/, not followed',
    ]);
  });

  test('names a typed link that leads to itself as a loop of links', () => {
    symlinkSync('self', join(root, 'self'));
    expect(linesOf('self')).toEqual(['problem self: a loop of symbolic links']);
  });

  test('stops at a folder that contains itself', () => {
    const looping: FileSystem = {
      ...diskFiles,
      stat: () => ({ kind: 'folder', identity: 'the same', size: 0 }),
      list: () => [{ name: 'mail', kind: 'folder' }],
    };
    expect(linesOn(looping, 'mail')).toEqual(['problem mail/mail/: a loop: this is mail/ again']);
  });

  test('passes over what is neither file nor folder inside a folder', async () => {
    make('mail/a.txt');
    fifo('mail/pipe');
    const server = createServer().listen(join(root, 'mail', 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    expect(linesOf('mail')).toEqual(['file mail/a.txt']);
    expect(linesOf('mail/pipe', 'mail/socket')).toEqual([
      'file mail/pipe',
      'problem mail/socket: is a socket, not a file',
    ]);
    await new Promise((resolve) => server.close(resolve));
  });

  test('says which folder denies permission, and goes on', () => {
    make('mail/open/a.txt', 'mail/secret/b.txt', 'mail/shut/c.txt', 'mail/z.txt');
    const denying: FileSystem = {
      ...diskFiles,
      stat: (location) => diskFiles.stat(denied(location, 'shut')),
      list: (location) => diskFiles.list(denied(location, 'secret')),
    };
    expect(linesOn(denying, 'mail')).toEqual([
      'file mail/open/a.txt',
      'problem mail/secret/: permission denied',
      'problem mail/shut/: permission denied',
      'file mail/z.txt',
    ]);
  });

  test.skipIf(process.geteuid?.() !== 0)('is denied for real what another user owns', () => {
    make('mail/a.txt', 'mail/b.txt', 'mail/secret/c.txt');
    chmodSync(root, 0o755);
    chmodSync(join(root, 'mail', 'a.txt'), 0o600);
    chmodSync(join(root, 'mail', 'secret'), 0o700);
    process.seteuid!(65534);
    try {
      expect(linesOf('mail')).toEqual([
        'file mail/a.txt',
        'file mail/b.txt',
        'problem mail/secret/: permission denied',
      ]);
      expect(refusal(join(root, 'mail', 'a.txt'))).toBe('permission denied');
    } finally {
      process.seteuid!(0);
    }
  });

  test('opens a file whose name is not UTF-8', () => {
    writeFileSync(Buffer.from(`${root}/caf\xe9.txt`, 'latin1'), 'a@b.c');
    const inputs = Array.from(inputsOf([{ shown: 'mail', location: root }], diskFiles));
    expect(inputs).toMatchObject([{ kind: 'file', path: 'mail/caf\ufffd.txt' }]);
    const file = diskFiles.open((inputs[0] as Input & { kind: 'file' }).location);
    expect(file.size).toBe(5);
    file.close();
  });

  test('lists a folder only when it comes to it', () => {
    make('mail/a/1.txt', 'mail/b/2.txt');
    const listed: string[] = [];
    const watched: FileSystem = {
      ...diskFiles,
      list: (location) => {
        listed.push(location.toString().slice(root.length + 1));
        return diskFiles.list(location);
      },
    };
    const inputs = inputsOf([named('mail')], watched);
    inputs.next();
    expect(listed).toEqual(['mail', 'mail/a']);
    inputs.return();
  });

  test('does not take a failure of the program for one of the disk', () => {
    const broken: FileSystem = {
      ...diskFiles,
      stat() {
        throw new TypeError('bug');
      },
    };
    expect(() => linesOn(broken, 'mail')).toThrow('bug');
  });
});

describe('sizesOf()', () => {
  test('gives the size of every file that will be read', () => {
    make('mail/a.txt', 'mail/b/c.txt', 'd.txt');
    expect(Array.from(sizesOf([named('mail'), named('no'), named('d.txt')], diskFiles))).toEqual([
      10, 12, 5,
    ]);
  });

  test('gives undefined for what has no size', () => {
    fifo('pipe');
    const paths = [named('pipe'), { shown: '-', location: '-' }];
    expect(Array.from(sizesOf(paths, diskFiles))).toEqual([undefined, undefined]);
  });
});

describe('diskFiles', () => {
  test('a file that shrinks while it is read gives what is left, and the shortfall', async () => {
    const path = join(root, 'mail.txt');
    writeFileSync(path, 'a@b.c\n'.repeat(100));
    const file = diskFiles.open(path);
    const reader = new ChunkReader(file, new Buffers(60));
    await reader.next();
    truncateSync(path, 90);
    while ((await reader.next()) !== undefined);
    expect(reader.bytesRead).toBe(90);
    expect(shortfall(file, 90)).toBe('shrank while it was read: 90 of 600 bytes');
    // As large as it was again, but what was read is not what it had.
    truncateSync(path, 600);
    expect(shortfall(file, 90)).toBe('was written to while it was read: 90 of 600 bytes');
    file.close();
  });

  test.skipIf(!existsSync(SYS_FILE))(
    'a file of /sys gives what is in it, and has not shrunk',
    async () => {
      const file = diskFiles.open(SYS_FILE);
      const reader = new ChunkReader(file, new Buffers(9000));
      while ((await reader.next()) !== undefined);
      expect(file.size).toBeGreaterThan(reader.bytesRead);
      expect(shortfall(file, reader.bytesRead)).toBeUndefined();
      file.close();
    },
  );

  test('a file that vanishes before it is opened is missing', () => {
    make('mail/a.txt');
    for (const input of inputsOf([named('mail')], diskFiles)) {
      if (input.kind !== 'file') continue;
      rmSync(join(root, 'mail', 'a.txt'));
      expect(refusal(input.location)).toBe('no such file');
    }
  });

  test('a file that vanishes while it is read is read to its end', async () => {
    const path = join(root, 'mail.txt');
    writeFileSync(path, 'a@b.c\n'.repeat(100));
    const file = diskFiles.open(path);
    rmSync(path);
    const reader = new ChunkReader(file, new Buffers(60));
    while ((await reader.next()) !== undefined);
    expect(shortfall(file, reader.bytesRead)).toBeUndefined();
    file.close();
  });

  test('a folder cannot be read as a file', async () => {
    const file = diskFiles.open(root);
    await expect(file.read(new Uint8Array(1)).catch(reasonOf)).resolves.toBe('is a folder');
    file.close();
  });

  test('a pipe is read until its writers are gone', async () => {
    fifo('pipe');
    const file = diskFiles.open(join(root, 'pipe'));
    const reader = new ChunkReader(file, new Buffers(60));
    const first = reader.next();
    await writeFile(join(root, 'pipe'), 'a@b.c\n');
    expect(Buffer.from((await first)!.bytes).toString()).toBe('a@b.c\n');
    expect(await reader.next()).toBeUndefined();
    expect(file.size).toBeUndefined();
    file.close();
  });

  test('close() ends a read of a pipe that has no writer', async () => {
    fifo('pipe');
    const file = diskFiles.open(join(root, 'pipe'));
    const read = file.read(new Uint8Array(1));
    file.close();
    await expect(read).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('reasonOf()', () => {
  test('names an unknown failure by its code, without the path', () => {
    expect(reasonOf(Object.assign(new Error('EODD: odd, open x'), { code: 'EODD' }))).toBe(
      'cannot be read (EODD)',
    );
  });
});

/** Writes files that hold their own path. */
function make(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), path);
  }
}

function fifo(path: string): void {
  expect(spawnSync('mkfifo', [join(root, path)]).status).toBe(0);
}

/** The location, if access to it is not to be denied. */
function denied(location: Location, name: string): Location {
  if (!location.toString().endsWith(`/${name}`)) return location;
  throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
}

/** Why a file cannot be opened. */
function refusal(location: Location): string {
  try {
    diskFiles.open(location).close();
  } catch (error) {
    return reasonOf(error);
  }
  throw new Error('Expected the file to be refused, and it was opened');
}

function named(path: string): NamedPath {
  return { shown: path, location: path === '-' ? '-' : join(root, path) };
}

function linesOf(...paths: string[]): string[] {
  return linesOn(diskFiles, ...paths);
}

function linesOn(files: FileSystem, ...paths: string[]): string[] {
  return [...inputsOf(paths.map(named), files)].map((each) =>
    'message' in each ? `${each.kind} ${each.path}: ${each.message}` : `${each.kind} ${each.path}`,
  );
}
