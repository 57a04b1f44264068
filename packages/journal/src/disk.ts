/** What a journal needs of its host: the port, and how its failures are told. */

import { type Answer, type Steps, wait } from './answer.ts';
import { JournalFailed } from './errors.ts';

/** Every file is named by its path. Failures are errors with a `code`. */
export interface Disk {
  /** The names of what is in a folder, in any order. */
  list(folder: string): Answer<readonly string[]>;
  /** Fewer bytes than `length` only where the file ends. What it answers with is never changed later. */
  read(file: string, from: number, length: number): Answer<Uint8Array>;
  /** Appends, at `from`, which is the end that the journal knows of; what lies behind `bytes` is cut. Makes the file if there is none, but no folder. `bytes` are the journal's again when it has answered. */
  write(file: string, from: number, bytes: Uint8Array): Answer<void>;
  /** The file's data, and of a new file its place in the folder. */
  sync(file: string): Answer<void>;
  /** Makes a file as long as `length`, which is shorter than it is. */
  cut(file: string, length: number): Answer<void>;
  /** When it answers, the file does not come back, not even after the machine has stopped. One that is not there is no failure. */
  remove(file: string): Answer<void>;
  /** 32 bits that nobody can guess, for a new segment. */
  salt(): number;
  /** Until it is freed, or whoever has it is dead, nobody else gets it. Makes the folder if there is none. */
  lock(folder: string): Answer<Lock | { readonly heldBy: number | undefined }>;
}

/** That this process, and no other, has the folder. */
export interface Lock {
  /** Of the folder's files nothing is kept open. Again does nothing. */
  readonly free: () => Answer<void>;
}

/** @throws JournalFailed, which says that `doing` it to `file` failed. */
export function* ask<T>(doing: string, file: string, question: () => Answer<T>): Steps<T> {
  try {
    return yield* wait(question());
  } catch (error) {
    throw new JournalFailed(doing, file, error);
  }
}
