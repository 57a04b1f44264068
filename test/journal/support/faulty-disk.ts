/** Any disk, with faults and an account of what it was asked. */

import type { Answer, Disk } from '@beamish/journal';

type Operation = 'read' | 'write' | 'sync' | 'cut' | 'remove';

export interface FaultyDisk extends Disk {
  /** How these operations fail from now on; a write that fails has written half. */
  readonly faults: { [operation in Operation]?: string | undefined };
  /** The operations that change anything, as `write FILE`, without the folder. */
  readonly done: string[];
  /** What a sync waits for. */
  gate: Promise<void> | undefined;
}

export function faultyDisk(disk: Disk): FaultyDisk {
  const faults: FaultyDisk['faults'] = {};
  const done: string[] = [];
  function told<T>(what: Operation, file: string, work: () => Answer<T>): Answer<T> {
    if (what !== 'read') done.push(`${what} ${file.slice(file.lastIndexOf('/') + 1)}`);
    const code = faults[what];
    return code === undefined ? work() : failed(code);
  }
  /** As the disk does: at once, or later. */
  let isLater = false;
  function failed(code: string): Answer<never> {
    const error = Object.assign(new Error(`${code}: for a test`), { code });
    if (isLater) return Promise.reject(error);
    throw error;
  }
  const faulty: FaultyDisk = {
    faults,
    done,
    gate: undefined,
    list(folder) {
      const names = disk.list(folder);
      isLater = names instanceof Promise;
      return names;
    },
    read: (file, from, length) => told('read', file, () => disk.read(file, from, length)),
    write(file, from, bytes) {
      if (faults.write === undefined)
        return told('write', file, () => disk.write(file, from, bytes));
      const half = disk.write(file, from, bytes.subarray(0, bytes.length >> 1));
      if (half instanceof Promise) return half.then(() => told('write', file, () => undefined));
      return told('write', file, () => undefined);
    },
    sync(file) {
      const sync = (): Answer<void> => told('sync', file, () => disk.sync(file));
      return faulty.gate === undefined ? sync() : faulty.gate.then(sync);
    },
    cut: (file, length) => told('cut', file, () => disk.cut(file, length)),
    remove: (file) => told('remove', file, () => disk.remove(file)),
    salt: () => disk.salt(),
    lock: (folder) => disk.lock(folder),
  };
  return faulty;
}
