// From the paths of the command line to the files behind them, one at a time and in an order that
// does not depend on the disk: as typed, and by the bytes of the names within a folder.
//
// As with `grep -r`, a link that is typed is followed, one that is met inside a folder is not, and
// what is met there and is neither file nor folder is passed over.

import { sep } from 'node:path';
import { isatty } from 'node:tty';
import {
  type Entry,
  type FileSystem,
  type Location,
  type OpenFile,
  reasonOf,
} from './file-system.ts';

/** A path as it is shown, and where it is. */
export interface NamedPath {
  readonly shown: string;
  readonly location: Location;
}

/** The path, and the location, that mean standard input. */
export const STANDARD_INPUT = '-';

export type Input =
  | { readonly kind: 'file'; readonly path: string; readonly location: Location }
  | { readonly kind: 'stdin'; readonly path: typeof STANDARD_INPUT }
  /** Some input cannot be had: a failure. */
  | { readonly kind: 'problem'; readonly path: string; readonly message: string }
  /** Worth a line, but nothing is missing from the count. */
  | { readonly kind: 'note'; readonly path: string; readonly message: string };

/** A folder that is being walked: one level is in memory, not what is below it. */
interface Folder {
  readonly path: string;
  readonly location: Location;
  readonly identity: string;
  readonly entries: readonly Entry[];
  next: number;
}

/**
 * Finds what there is to read. It opens no file: whether a file can be read is known when it is
 * opened, and it may vanish until then.
 */
export function* inputsOf(paths: Iterable<NamedPath>, files: FileSystem): Generator<Input, void> {
  let stdinTaken = false;
  for (const { shown, location } of paths) {
    if (location !== STANDARD_INPUT) {
      yield* inputsAt(shown, location, files);
    } else if (stdinTaken) {
      yield { kind: 'note', path: shown, message: 'standard input was read already' };
    } else {
      stdinTaken = true;
      yield { kind: 'stdin', path: STANDARD_INPUT };
    }
  }
}

/**
 * The sizes of the files that `inputsOf` finds, as far as they have one: their sum, once this has
 * ended, is what there is to read in all. It looks at every file, so with many files take it beside
 * the reading, and say no time left until it has ended. Standard input and pipes have no size, so
 * there it yields `undefined`: the sum cannot be known.
 */
export function* sizesOf(
  paths: Iterable<NamedPath>,
  files: FileSystem,
): Generator<number | undefined, void> {
  for (const input of inputsOf(paths, files)) {
    if (input.kind === 'stdin') yield undefined;
    if (input.kind !== 'file') continue;
    const info = orReason(() => files.stat(input.location));
    // What cannot be seen is reported by the one who opens it.
    if (typeof info !== 'string') yield info.kind === 'file' ? info.size : undefined;
  }
}

/**
 * Says that a file ended before the size that it had when it was opened, if something was done to it;
 * else `undefined`. Some files of the system, as those of `/sys`, say that they are larger than they are.
 */
export function shortfall(file: OpenFile, bytesRead: number): string | undefined {
  if (file.size === undefined || bytesRead >= file.size) return undefined;
  const change = file.change();
  if (change === 'none') return undefined;
  return `${change} while it was read: ${bytesRead} of ${file.size} bytes`;
}

/** Whether somebody may be typing what is read here: a terminal is a device, too. */
export function isTyped({ location }: NamedPath, files: FileSystem): boolean {
  if (location === STANDARD_INPUT) return isatty(0);
  const info = orReason(() => files.stat(location));
  return typeof info !== 'string' && info.kind === 'device';
}

function* inputsAt(path: string, location: Location, files: FileSystem): Generator<Input, void> {
  const info = orReason(() => files.stat(location));
  if (typeof info === 'string') {
    yield { kind: 'problem', path, message: info };
    return;
  }
  switch (info.kind) {
    case 'folder':
      return yield* inputsBelow(path, location, info.identity, files);
    case 'socket':
      yield { kind: 'problem', path, message: 'is a socket, not a file' };
      return;
    case 'file':
    case 'pipe':
    case 'disk':
    case 'device':
    case 'link':
      yield { kind: 'file', path, location };
  }
}

/** Walks a folder with a stack of its own, so that its depth is bounded by the system alone. */
function* inputsBelow(
  path: string,
  location: Location,
  identity: string,
  files: FileSystem,
): Generator<Input, void> {
  const walked: Folder[] = [];
  const top = enter(path, location, identity, files);
  if (top.kind === 'problem') yield top;
  else walked.push(top.folder);

  for (let folder = walked.at(-1); folder !== undefined; folder = walked.at(-1)) {
    const entry = folder.entries[folder.next++];
    if (entry === undefined) {
      walked.pop();
      continue;
    }
    const child = childOf(folder, entry);
    if (entry.kind === 'file') yield { kind: 'file', ...child };
    if (entry.kind !== 'folder' && entry.kind !== 'link') continue;

    const info = orReason(() => files.stat(child.location));
    if (typeof info === 'string') {
      // A link that leads nowhere is not followed anyway.
      if (entry.kind === 'folder') yield { kind: 'problem', path: `${child.path}/`, message: info };
      continue;
    }
    const ancestor = walked.find((each) => each.identity === info.identity);
    if (entry.kind === 'link') {
      if (ancestor === undefined) continue;
      const message = `leads back to ${asFolder(ancestor.path)}, not followed`;
      yield { kind: 'note', path: child.path, message };
    } else if (ancestor !== undefined) {
      const message = `a loop: this is ${asFolder(ancestor.path)} again`;
      yield { kind: 'problem', path: asFolder(child.path), message };
    } else {
      const entered = enter(child.path, child.location, info.identity, files);
      if (entered.kind === 'problem') yield entered;
      else walked.push(entered.folder);
    }
  }
}

type Entered =
  | { readonly kind: 'folder'; readonly folder: Folder }
  | { readonly kind: 'problem'; readonly path: string; readonly message: string };

function enter(path: string, location: Location, identity: string, files: FileSystem): Entered {
  const entries = orReason(() => files.list(location));
  if (typeof entries === 'string') {
    return { kind: 'problem', path: asFolder(path), message: entries };
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { kind: 'folder', folder: { path, location, identity, entries, next: 0 } };
}

function childOf(folder: Folder, entry: Entry): { path: string; location: Buffer } {
  const name = Buffer.from(entry.name, 'latin1');
  const parent =
    typeof folder.location === 'string' ? Buffer.from(folder.location) : folder.location;
  return {
    path: `${asFolder(folder.path)}${name.toString()}`,
    location: Buffer.concat([parent, Buffer.from(sep), name]),
  };
}

function asFolder(path: string): string {
  return path.endsWith('/') || path.endsWith(sep) ? path : `${path}/`;
}

/** What the file system answers, or in plain words why it does not. */
function orReason<T>(ask: () => T): T | string {
  try {
    return ask();
  } catch (error) {
    return reasonOf(error);
  }
}
