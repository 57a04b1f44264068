/** Files in memory, behind the port of the real ones, and a log of what is done with them. */

import type {
  Change,
  FilePart,
  FileSystem,
  Location,
  OpenFile,
} from '../../examples/cruncher/src/file-system.ts';
import type { NamedPath } from '../../examples/cruncher/src/input.ts';

/** A file's text, or how it misbehaves. */
export type MemoryFile =
  | string
  | {
      readonly text: string;
      /** What it says its size is. */
      readonly size?: number;
      /** What was done to it while it was read. Default: it shrank, if its text is shorter than its size. */
      readonly change?: Change;
      /** The system's error code, after the text. */
      readonly failsWith?: string;
      /** It cannot be read twice. */
      readonly isPipe?: boolean;
    };

/** Files by their paths. */
export type Contents = Readonly<Record<string, MemoryFile>>;

export interface MemoryFiles extends FileSystem {
  /** All of them, as typed on a command line, in order. */
  readonly paths: readonly NamedPath[];
  reads: number;
  /** Parts that were read again. */
  readonly readAgainParts: FilePart[];
  opened: number;
  closed: number;
}

export function memoryFiles(contents: Contents): MemoryFiles {
  const find = (location: Location) => {
    const file = contents[location.toString()];
    if (file === undefined) throw systemError('ENOENT');
    return typeof file === 'string' ? { text: file } : file;
  };
  const files: MemoryFiles = {
    paths: Object.keys(contents).map((path) => ({ shown: path, location: path })),
    reads: 0,
    readAgainParts: [],
    opened: 0,
    closed: 0,
    stat(location) {
      const { text, size = text.length } = find(location);
      return { kind: 'file', identity: location.toString(), size };
    },
    list() {
      throw systemError('ENOTDIR');
    },
    open(location): OpenFile {
      const { text, size = text.length, change, failsWith, isPipe = false } = find(location);
      const bytes = Buffer.from(text, 'latin1');
      let at = 0;
      files.opened++;
      return {
        size,
        change: () => change ?? (text.length < size ? 'shrank' : 'none'),
        edition: isPipe ? undefined : { location, version: text },
        async read(into) {
          files.reads++;
          const piece = bytes.subarray(at, at + into.length);
          if (piece.length === 0 && failsWith !== undefined) throw systemError(failsWith);
          into.set(piece);
          at += piece.length;
          const ended = piece.length < into.length && failsWith === undefined;
          return { length: piece.length, ended };
        },
        close() {
          files.closed++;
        },
      };
    },
    readAgain(part) {
      files.readAgainParts.push(part);
      const { location, version, position, length } = part;
      const { text } = find(location);
      return text === version
        ? new Uint8Array(Buffer.from(text, 'latin1').subarray(position, position + length))
        : undefined;
    },
    openStandardInput() {
      throw systemError('EBADF');
    },
  };
  return files;
}

export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
