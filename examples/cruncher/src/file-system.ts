// The port through which the cruncher sees files, and the reasons of failures in plain words.

import type { ByteSource } from './chunks.ts';

/** Where something is: text as the user typed it, or bytes, since a name need not be UTF-8. */
export type Location = string | Buffer;

/** What can be told from outside. A `disk` is any device of blocks, a `device` one of characters. */
export type FileKind = 'file' | 'folder' | 'link' | 'pipe' | 'socket' | 'disk' | 'device';

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

/** What was done to a file since it was opened. */
export type Change = 'none' | 'shrank' | 'was written to';

/** An open file. */
export interface OpenFile extends ByteSource {
  /** Its size when it was opened; `undefined` for what has none, such as a pipe. */
  readonly size: number | undefined;
  /** The file as it was when it was opened; `undefined` if what is read once cannot be read again. */
  readonly edition: Edition | undefined;
  /** As long as it is open. */
  change(): Change;
  /** Ends also a read that waits for a writer; it then rejects with an AbortError. */
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
  openStandardInput(): OpenFile;
  /** Reads a part of a file again; `undefined` if the file is no longer as it was. */
  readAgain(part: FilePart): Uint8Array<ArrayBuffer> | undefined;
}

/** Says in plain words why the system refused; throws again what is not a system error. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === undefined) throw error;
  return REASONS[code] ?? `cannot be read (${code})`;
}

/** The name of a system error, such as `ENOENT`; `undefined` of what is none. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBADF: 'is not open for reading',
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
  ENOMEDIUM: 'there is no disk in the drive',
  ENOTDIR: 'no such file: a part of the path is not a folder',
  ENXIO: 'no such device',
  EPERM: 'permission denied',
  ERR_INVALID_ARG_VALUE: 'no such file: a name holds no zero byte',
  ESTALE: 'vanished from its server',
  ETIMEDOUT: 'the server did not answer',
};
