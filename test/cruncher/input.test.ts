import { spawnSync } from 'node:child_process';
import {
  chmodSync,
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
import { ChunkReader } from '../../examples/cruncher/src/chunks.ts';
import { diskFiles, type FileSystem, reasonOf } from '../../examples/cruncher/src/file-system.ts';
import {
  type Input,
  inputsOf,
  type NamedPath,
  shortfall,
  sizesOf,
} from '../../examples/cruncher/src/input.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cruncher-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('inputsOf()', () => {
  test('gives files as typed, then those of a folder by the bytes of their names', async () => {
    make('z.txt', 'mail/b.txt', 'mail/a/2.txt', 'mail/a/10.txt', 'mail/C.txt', 'mail/ä.txt');
    expect(await linesOf('z.txt', 'mail', 'z.txt')).toEqual([
      'file z.txt',
      'file mail/C.txt',
      'file mail/a/10.txt',
      'file mail/a/2.txt',
      'file mail/b.txt',
      'file mail/ä.txt',
      'file z.txt',
    ]);
  });

  test('shows a folder with one slash after it, typed or not', async () => {
    make('mail/a.txt');
    expect(await linesOf('mail/', './mail')).toEqual(['file mail/a.txt', 'file ./mail/a.txt']);
  });

  test('gives standard input once', async () => {
    expect(await linesOf('-', '-')).toEqual(['stdin -', 'note -: standard input was read already']);
  });

  test('says that a file is missing, and goes on', async () => {
    make('a.txt');
    expect(await linesOf('no.txt', 'a.txt/no.txt', 'a.txt')).toEqual([
      'problem no.txt: no such file',
      'problem a.txt/no.txt: no such file: a part of the path is not a folder',
      'file a.txt',
    ]);
  });

  test('gives nothing for an empty folder', async () => {
    mkdirSync(join(root, 'empty'));
    expect(await linesOf('empty')).toEqual([]);
  });

  test('follows a link that is typed, and none inside a folder', async () => {
    make('real/a.txt', 'mail/b.txt');
    symlinkSync('real', join(root, 'typed'));
    symlinkSync('../real', join(root, 'mail', 'folder'));
    symlinkSync('../real/a.txt', join(root, 'mail', 'file'));
    symlinkSync('nowhere', join(root, 'mail', 'broken'));
    expect(await linesOf('typed', 'mail')).toEqual(['file typed/a.txt', 'file mail/b.txt']);
  });

  test('notes a link that leads back to a folder being walked', async () => {
    make('mail/in/a.txt');
    symlinkSync('../..', join(root, 'mail', 'in', 'up'));
    symlinkSync('..', join(root, 'mail', 'in', 'back'));
    expect(await linesOf('mail')).toEqual([
      'file mail/in/a.txt',
      'note mail/in/back: leads back to mail/, not followed',
    ]);
  });

  test('names a typed link that leads to itself as a loop of links', async () => {
    symlinkSync('self', join(root, 'self'));
    expect(await linesOf('self')).toEqual(['problem self: a loop of symbolic links']);
  });

  test('stops at a folder that contains itself', async () => {
    const looping: FileSystem = {
      ...diskFiles,
      stat: async () => ({ kind: 'folder', identity: 'the same', size: 0 }),
      list: async () => [{ name: 'mail', kind: 'folder' }],
    };
    expect(await linesOn(looping, 'mail')).toEqual([
      'problem mail/mail/: a loop: this is mail/ again',
    ]);
  });

  test('passes over what is neither file nor folder inside a folder', async () => {
    make('mail/a.txt');
    fifo('mail/pipe');
    const server = createServer().listen(join(root, 'mail', 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await linesOf('mail')).toEqual(['file mail/a.txt']);
    expect(await linesOf('mail/pipe', 'mail/socket')).toEqual([
      'pipe mail/pipe',
      'problem mail/socket: is a socket, not a file',
    ]);
    await new Promise((resolve) => server.close(resolve));
  });

  test('says which folder denies permission, and goes on', async () => {
    make('mail/open/a.txt', 'mail/secret/b.txt', 'mail/shut/c.txt', 'mail/z.txt');
    const denying: FileSystem = {
      ...diskFiles,
      stat: (location) => deny(location, 'shut') ?? diskFiles.stat(location),
      list: (location) => deny(location, 'secret') ?? diskFiles.list(location),
    };
    expect(await linesOn(denying, 'mail')).toEqual([
      'file mail/open/a.txt',
      'problem mail/secret/: permission denied',
      'problem mail/shut/: permission denied',
      'file mail/z.txt',
    ]);
  });

  test.skipIf(process.geteuid?.() !== 0)('is denied for real what another user owns', async () => {
    make('mail/a.txt', 'mail/b.txt', 'mail/secret/c.txt');
    chmodSync(root, 0o755);
    chmodSync(join(root, 'mail', 'a.txt'), 0o600);
    chmodSync(join(root, 'mail', 'secret'), 0o700);
    process.seteuid!(65534);
    try {
      expect(await linesOf('mail')).toEqual([
        'file mail/a.txt',
        'file mail/b.txt',
        'problem mail/secret/: permission denied',
      ]);
      const reason = await diskFiles.open(join(root, 'mail', 'a.txt')).catch(reasonOf);
      expect(reason).toBe('permission denied');
    } finally {
      process.seteuid!(0);
    }
  });

  test('opens a file whose name is not UTF-8', async () => {
    writeFileSync(Buffer.from(`${root}/caf\xe9.txt`, 'latin1'), 'a@b.c');
    const inputs = await collect(inputsOf([{ shown: 'mail', location: root }], diskFiles));
    expect(inputs).toMatchObject([{ kind: 'file', path: 'mail/caf\ufffd.txt' }]);
    const file = await diskFiles.open((inputs[0] as Input & { kind: 'file' }).location);
    expect(file.size).toBe(5);
    await file.close();
  });

  test('lists a folder only when it comes to it', async () => {
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
    await inputs.next();
    expect(listed).toEqual(['mail', 'mail/a']);
    await inputs.return();
  });

  test('does not take a failure of the program for one of the disk', async () => {
    const broken: FileSystem = { ...diskFiles, stat: () => Promise.reject(new TypeError('bug')) };
    await expect(linesOn(broken, 'mail')).rejects.toThrow('bug');
  });
});

describe('sizesOf()', () => {
  test('gives the size of every file that will be read', async () => {
    make('mail/a.txt', 'mail/b/c.txt', 'd.txt');
    expect(await collect(sizesOf([named('mail'), named('no'), named('d.txt')], diskFiles))).toEqual(
      [10, 12, 5],
    );
  });

  test('gives undefined for what has no size', async () => {
    fifo('pipe');
    const paths = [named('pipe'), { shown: '-', location: '-' }];
    expect(await collect(sizesOf(paths, diskFiles))).toEqual([undefined, undefined]);
  });
});

describe('diskFiles', () => {
  test('a file that shrinks while it is read gives what is left, and the shortfall', async () => {
    const path = join(root, 'mail.txt');
    writeFileSync(path, 'a@b.c\n'.repeat(100));
    const file = await diskFiles.open(path);
    const reader = new ChunkReader(file, { chunkBytes: 60 });
    await reader.next();
    truncateSync(path, 90);
    while ((await reader.next()) !== undefined);
    await file.close();
    expect(reader.bytesRead).toBe(90);
    expect(shortfall(file.size, reader.bytesRead)).toBe(
      'shrank while it was read: 90 of 600 bytes',
    );
  });

  test('a file that vanishes before it is opened is missing', async () => {
    make('mail/a.txt');
    for await (const input of inputsOf([named('mail')], diskFiles)) {
      if (input.kind !== 'file') continue;
      rmSync(join(root, 'mail', 'a.txt'));
      expect(await diskFiles.open(input.location).catch(reasonOf)).toBe('no such file');
    }
  });

  test('a file that vanishes while it is read is read to its end', async () => {
    const path = join(root, 'mail.txt');
    writeFileSync(path, 'a@b.c\n'.repeat(100));
    const file = await diskFiles.open(path);
    rmSync(path);
    const reader = new ChunkReader(file, { chunkBytes: 60 });
    while ((await reader.next()) !== undefined);
    await file.close();
    expect(shortfall(file.size, reader.bytesRead)).toBeUndefined();
  });

  test('a folder cannot be read as a file', async () => {
    const file = await diskFiles.open(root);
    await expect(file.read(new Uint8Array(1)).catch(reasonOf)).resolves.toBe('is a folder');
    await file.close();
  });

  test('a pipe is read until its writers are gone', async () => {
    fifo('pipe');
    const file = await diskFiles.openPipe(join(root, 'pipe'));
    const reader = new ChunkReader(file);
    const first = reader.next();
    await writeFile(join(root, 'pipe'), 'a@b.c\n');
    expect(Buffer.from((await first)!.bytes).toString()).toBe('a@b.c\n');
    expect(await reader.next()).toBeUndefined();
    expect(file.size).toBeUndefined();
    await file.close();
  });

  test('close() ends a read of a pipe that has no writer', async () => {
    fifo('pipe');
    const file = await diskFiles.openPipe(join(root, 'pipe'));
    const read = file.read(new Uint8Array(1));
    await file.close();
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

function deny(location: string | Buffer, name: string): Promise<never> | undefined {
  if (!location.toString().endsWith(`/${name}`)) return undefined;
  return Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' }));
}

function named(path: string): NamedPath {
  return { shown: path, location: path === '-' ? '-' : join(root, path) };
}

function linesOf(...paths: string[]): Promise<string[]> {
  return linesOn(diskFiles, ...paths);
}

async function linesOn(files: FileSystem, ...paths: string[]): Promise<string[]> {
  const inputs = await collect(inputsOf(paths.map(named), files));
  return inputs.map((each) =>
    'message' in each ? `${each.kind} ${each.path}: ${each.message}` : `${each.kind} ${each.path}`,
  );
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
