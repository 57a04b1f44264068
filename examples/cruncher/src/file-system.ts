// The port through which the cruncher sees files, its implementation on this machine, and the
// reasons of failures in plain words.

import {
  closeSync,
  constants,
  fstatSync,
  opendirSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { type ByteSource, streamSource } from './chunks.ts';

/** Where something is: text as the user typed it, or bytes, since a name need not be UTF-8. */
export type Location = string | Buffer;

/** What can be told from outside; `device` is all that is none of the others. */
export type FileKind = 'file' | 'folder' | 'link' | 'pipe' | 'socket' | 'device';

/** What stands in a folder. */
export interface Entry {
  /** Its bytes, one per character: compares as bytes do. */
  readonly name: string;
  readonly kind: FileKind;
}

/** What a path leads to; `link` never, for links are followed. */
export interface FileInfo {
  readonly kind: FileKind;
  /** The same for two paths that lead to the same file or folder. */
  readonly identity: string;
  readonly size: number;
}

/** A file as it was at one time. */
export interface Edition {
  readonly location: Location;
  /** Differs between two files, and for one that was written to. */
  readonly version: string;
}

export interface FilePart extends Edition {
  readonly position: number;
  readonly length: number;
}

/** An open file. */
export interface OpenFile extends ByteSource {
  /** Its size when it was opened; `undefined` for what has none, such as a pipe. */
  readonly size: number | undefined;
  /** The file as it was when it was opened; `undefined` if what is read once cannot be read again. */
  readonly edition: Edition | undefined;
  /** Ends also a read of a pipe that waits for its writer; it then rejects with an AbortError. */
  close(): void;
}

/**
 * What the cruncher wants of a file system. It answers at once, but for the reading, which may have
 * to wait for a writer. What it throws, or rejects with, are Node's system errors.
 */
export interface FileSystem {
  stat(location: Location): FileInfo;
  list(folder: Location): Entry[];
  open(location: Location): OpenFile;
  openPipe(location: Location): OpenFile;
  /** Reads a part of a file again; `undefined` if the file is no longer as it was. */
  readAgain(part: FilePart): Uint8Array<ArrayBuffer> | undefined;
}

/**
 * The files of this machine, without Node's thread pool: a read of a chunk takes less time than
 * asking for it, and of many small files more than nine tenths was asking.
 */
export const diskFiles: FileSystem = {
  stat(location) {
    const info = statSync(location, { bigint: true });
    return { kind: kindOf(info), identity: `${info.dev}:${info.ino}`, size: Number(info.size) };
  },

  list(folder) {
    const entries: Entry[] = [];
    // Names one by one: Node's records of a million files would take more memory than ours.
    const opened = opendirSync(folder, { ...NAMES_AS_BYTES, bufferSize: 1024 });
    try {
      for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
        entries.push({ name: entry.name, kind: kindOf(entry) });
      }
    } finally {
      opened.closeSync();
    }
    return entries;
  },

  open: (location) => new DiskFile(location),
  openPipe,

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

/** Says in plain words why the system refused; throws again what is not a system error. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    throw error;
  }
  return REASONS[error.code] ?? `cannot be read (${error.code})`;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'in use by another program',
  EINVAL: 'cannot be read: not a valid name or place',
  EIO: 'cannot be read: the device reports an error',
  EISDIR: 'is a folder',
  ELOOP: 'a loop of symbolic links',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'too many files are open',
  ENOENT: 'no such file',
  ENODEV: 'no such device',
  ENOTDIR: 'no such file: a part of the path is not a folder',
  ENXIO: 'no such device',
  EPERM: 'permission denied',
  ERR_INVALID_ARG_VALUE: 'no such file: a name holds no zero byte',
  ESTALE: 'vanished from its server',
  ETIMEDOUT: 'the server did not answer',
};

// Node takes `latin1` for the names of a folder, and so makes one character of each byte.
const NAMES_AS_BYTES = { encoding: 'latin1' } as const;

class DiskFile implements OpenFile {
  readonly size: number | undefined;
  readonly edition: Edition | undefined;
  readonly #descriptor: number;
  readonly #isRegular: boolean;
  #bytesRead = 0;

  constructor(location: Location) {
    this.#descriptor = openSync(location, 'r');
    try {
      const info = fstatSync(this.#descriptor);
      this.#isRegular = info.isFile();
      // Files of /proc and the like say that they are empty, and are not.
      this.size = this.#isRegular && info.size > 0 ? info.size : undefined;
      this.edition = this.size === undefined ? undefined : { location, version: versionOf(info) };
    } catch (error) {
      this.close();
      throw error;
    }
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
      if (!this.#isRegular) break;
    }
    return { length, ended };
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/**
 * Opens a named pipe for the event loop to watch. Read like a file, it would hold a thread of Node's
 * until a writer comes, and Node does not exit before that thread is free: Ctrl-C would hang.
 */
function openPipe(location: Location): OpenFile {
  const fd = openSync(location, constants.O_RDONLY | constants.O_NONBLOCK);
  const closing = new AbortController();
  const source = streamSource(new Socket({ fd, readable: true, writable: false }), closing.signal);
  return {
    size: undefined,
    edition: undefined,
    read: (into) => source.read(into),
    close: () => closing.abort(),
  };
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
}

function kindOf(info: Kinds): FileKind {
  if (info.isFile()) return 'file';
  if (info.isDirectory()) return 'folder';
  if (info.isSymbolicLink()) return 'link';
  if (info.isFIFO()) return 'pipe';
  if (info.isSocket()) return 'socket';
  return 'device';
}
