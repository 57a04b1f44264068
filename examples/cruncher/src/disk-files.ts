// The files of this machine, without Node's thread pool: a read of a chunk takes less time than
// asking for it, and of many small files more than nine tenths was asking.

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { sep } from 'node:path';
import { isatty } from 'node:tty';
import type { Buffers } from './buffers.ts';
import type {
  Change,
  Edition,
  Entry,
  FileKind,
  FileSystem,
  Location,
  OpenFile,
} from './file-system.ts';
import { openDevice, openStream } from './live-files.ts';

const STANDARD_INPUT = 0;
const STANDARD_INPUT_AGAIN = '/dev/stdin';

// So that neither the opening of a pipe waits for its writer, nor the reading of a device holds all
// until there is something; and a terminal does not take us for its own. Of no effect on files.
const { O_RDONLY, O_NONBLOCK = 0, O_NOCTTY = 0 } = constants;
const AT_ONCE = O_RDONLY | O_NONBLOCK | O_NOCTTY;

// Buffers for the names of a folder, as they need not be UTF-8; and its path in kind, for Node joins
// the two to look at an entry of which the file system does not tell the type.
const AS_BYTES = { encoding: 'buffer' } as unknown as { encoding: 'latin1' };

export const diskFiles: FileSystem = {
  stat(location) {
    const info = statSync(location, { bigint: true });
    return { kind: kindOf(info), identity: `${info.dev}:${info.ino}`, size: Number(info.size) };
  },

  list(folder) {
    const path = Buffer.from(folder);
    try {
      return typedEntries(path);
    } catch {
      // Whatever it is: if it was but one entry, which Node would have looked at and which is gone
      // meanwhile, this goes well, and otherwise it says what is wrong with the folder.
      return untypedEntries(path);
    }
  },

  open: (location) => opened(openSync(location, AT_ONCE), location),

  openStandardInput() {
    // A device that we were given would let nobody run until it has something.
    const isDevice = kindOf(fstatSync(STANDARD_INPUT)) === 'device' && !isatty(STANDARD_INPUT);
    return opened(isDevice ? standardInputAgain() : STANDARD_INPUT, undefined);
  },

  readAgain({ location, version, position, length }) {
    const descriptor = openSync(location, 'r');
    try {
      const bytes = Buffer.allocUnsafeSlow(length);
      const bytesRead = readSync(descriptor, bytes, 0, length, position);
      // Looked at last, so that what was written during the reading shows.
      const isSame = versionOf(fstatSync(descriptor)) === version;
      return isSame && bytesRead === length ? bytes : undefined;
    } finally {
      closeSync(descriptor);
    }
  },
};

/** All of a file, if it is one, can be read, and has room in one of the buffers with some to spare; else `undefined`. */
export function readSmall(path: string, buffers: Buffers): Buffer<ArrayBuffer> | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, AT_ONCE);
    const info = fstatSync(descriptor);
    if (!info.isFile() || info.size === 0 || info.size >= buffers.bytes) return undefined;
    const buffer = buffers.take();
    const length = readSync(descriptor, buffer, 0, buffer.length, 0);
    if (length === info.size) return buffer.subarray(0, length);
    buffers.giveBack(buffer);
    return undefined;
  } catch {
    // Whoever opens it the other way says why.
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** @param location where it can be opened again; `undefined` if nowhere. */
function opened(descriptor: number, location: Location | undefined): OpenFile {
  try {
    const info = fstatSync(descriptor);
    const kind = kindOf(info);
    if (kind === 'pipe' || kind === 'socket' || isatty(descriptor)) return openStream(descriptor);
    if (kind === 'device') return openDevice(descriptor);
    return new DiskFile(descriptor, info, location);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function standardInputAgain(): number {
  try {
    return openSync(STANDARD_INPUT_AGAIN, AT_ONCE);
  } catch {
    // Not on this system, or not for this user. It may still be read as it is.
    return STANDARD_INPUT;
  }
}

/** A file or a disk; or a folder, which can be opened, and not read. */
class DiskFile implements OpenFile {
  readonly size: number | undefined;
  readonly edition: Edition | undefined;
  readonly #descriptor: number;
  readonly #version: string;
  #bytesRead = 0;

  constructor(descriptor: number, info: Stats, location: Location | undefined) {
    this.#descriptor = descriptor;
    this.#version = versionOf(info);
    // Files of /proc and the like say that they are empty, and are not. Of what we were given open,
    // some may have been read before.
    const hasSize = location !== undefined && info.isFile() && info.size > 0;
    this.size = hasSize ? info.size : undefined;
    this.edition = hasSize ? { location, version: this.#version } : undefined;
  }

  /** Fills the whole buffer, so that only the end of the file makes a small chunk. */
  async read(into: Uint8Array): Promise<{ length: number; ended: boolean }> {
    let length = 0;
    let ended = false;
    while (length < into.length && !ended) {
      const wanted = into.length - length;
      const bytesRead = readSync(this.#descriptor, into, length, wanted, null);
      length += bytesRead;
      this.#bytesRead += bytesRead;
      // Less than wanted, and all that was expected: there is no need to ask once more.
      ended = bytesRead === 0 || (bytesRead < wanted && this.#bytesRead >= (this.size ?? Infinity));
    }
    return { length, ended };
  }

  change(): Change {
    const info = fstatSync(this.#descriptor);
    if (this.size !== undefined && info.size < this.size) return 'shrank';
    return versionOf(info) === this.#version ? 'none' : 'was written to';
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function typedEntries(folder: Buffer): Entry[] {
  const entries: Entry[] = [];
  // Names one by one: Node's records of a million files would take more memory than ours.
  const opened = opendirSync(folder, { ...AS_BYTES, bufferSize: 1024 });
  try {
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
      entries.push({ name: nameOf(entry.name), kind: kindOf(entry) });
    }
  } finally {
    opened.closeSync();
  }
  return entries;
}

function untypedEntries(folder: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (const name of readdirSync(folder, AS_BYTES)) {
    const path = Buffer.concat([folder, Buffer.from(sep), Buffer.from(name)]);
    const info = lstatSync(path, { throwIfNoEntry: false });
    if (info !== undefined) entries.push({ name: nameOf(name), kind: kindOf(info) });
  }
  return entries;
}

/** One character for each byte. */
function nameOf(bytes: string | Buffer): string {
  return (bytes as Buffer).toString('latin1');
}

function versionOf({ dev, ino, size, mtimeMs }: Stats): string {
  return `${dev}:${ino}:${size}:${mtimeMs}`;
}

interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
  isBlockDevice(): boolean;
}

function kindOf(info: Kinds): FileKind {
  if (info.isFile()) return 'file';
  if (info.isDirectory()) return 'folder';
  if (info.isSymbolicLink()) return 'link';
  if (info.isFIFO()) return 'pipe';
  if (info.isSocket()) return 'socket';
  return info.isBlockDevice() ? 'disk' : 'device';
}
