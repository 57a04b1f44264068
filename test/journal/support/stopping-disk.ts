/** A disk that stops, as a machine does, after so many operations. */

import type { Disk } from '@beamish/journal';
import { type MemoryDisk, memoryDisk } from '@beamish/journal/testing';

export interface StoppingDisk extends Disk {
  readonly memory: MemoryDisk;
  /** How many operations there were. */
  readonly operations: number;
  /** Whether it has. Nothing that is asked since then is done. */
  readonly hasStopped: boolean;
}

export class Stopped extends Error {
  readonly code = 'STOPPED';
}

/** Does `after` operations, and no more. */
export function stoppingDisk(
  after = Number.POSITIVE_INFINITY,
  memory: MemoryDisk = memoryDisk(),
): StoppingDisk {
  let operations = 0;
  let hasStopped = false;
  function counted<T>(operation: () => T): T {
    if (operations >= after) {
      hasStopped = true;
      throw new Stopped(`It stopped after ${after} operations`);
    }
    operations++;
    return operation();
  }
  return {
    memory,
    get operations() {
      return operations;
    },
    get hasStopped() {
      return hasStopped;
    },
    list: (folder) => counted(() => memory.list(folder)),
    read: (file, from, length) => counted(() => memory.read(file, from, length)),
    write: (file, from, bytes) => counted(() => memory.write(file, from, bytes)),
    sync: (file) => counted(() => memory.sync(file)),
    cut: (file, length) => counted(() => memory.cut(file, length)),
    remove: (file) => counted(() => memory.remove(file)),
    salt: () => memory.salt(),
    lock: (folder) => counted(() => memory.lock(folder)),
  };
}

/** What is left of what was not synced: all that can be, for short files; the row's five for others. */
export const REMAINDERS: readonly (readonly [
  string,
  (file: string, unsynced: number) => number,
])[] = [
  ['nothing', () => 0],
  ['one byte', () => 1],
  ['half', (_, unsynced) => unsynced >> 1],
  ['all but one byte', (_, unsynced) => unsynced - 1],
  ['all', (_, unsynced) => unsynced],
];
