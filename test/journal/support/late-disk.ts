/** A disk in memory whose answers come late, one at a time, in whatever order the test says. */

import type { Answer, Disk } from '@beamish/journal';
import { type MemoryDisk, memoryDisk } from '@beamish/journal/testing';

type Code = 'ENOSPC' | 'EIO' | 'nothing';

export interface LateDisk extends Disk {
  readonly memory: MemoryDisk;
  /** Does one of those that wait, and answers; false if none does. */
  step(which: number): boolean;
  /** How all fail that are done from now on. */
  fail(code: Code): void;
  /** The machine stops, or the process is killed: what waits is never done. */
  crash(keep?: Parameters<MemoryDisk['crash']>[0]): void;
}

/** At once until it is told to be late, so that a journal is opened at once. */
export function lateDisk(isLate: () => boolean, memory: MemoryDisk = memoryDisk()): LateDisk {
  let waiting: (() => void)[] = [];

  function late<T>(operation: () => Answer<T>): Answer<T> {
    if (!isLate()) return operation();
    return new Promise<T>((resolve, reject) => {
      waiting.push(() => {
        try {
          resolve(operation());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  return {
    memory,
    step(which) {
      const [first] = waiting.splice(which % Math.max(1, waiting.length), 1);
      first?.();
      return first !== undefined;
    },
    fail: (code) => memory.fail(code),
    crash(keep) {
      waiting = [];
      memory.fail('nothing');
      memory.crash(keep);
    },
    list: (folder) => memory.list(folder),
    read: (file, from, length) => late(() => memory.read(file, from, length)),
    write(file, from, bytes) {
      return late(() => memory.write(file, from, bytes));
    },
    sync: (file) => late(() => memory.sync(file)),
    cut: (file, length) => late(() => memory.cut(file, length)),
    remove: (file) => late(() => memory.remove(file)),
    salt: () => memory.salt(),
    lock: (folder) => memory.lock(folder),
  };
}
