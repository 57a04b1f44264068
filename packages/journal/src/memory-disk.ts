/**
 * A disk in memory: every answer comes at once, and all that can happen to a disk can be made to happen.
 * It is as unkind as disks may be: a write that fails has written half, what was cut comes back after a
 * crash unless it was synced, and after a sync that failed, what it should have kept is gone at the next
 * crash, whatever later syncs say.
 */

import type { Disk, Lock } from './disk.ts';

export interface MemoryDisk extends Disk {
  /**
   * The machine stops, and starts again: what was synced is there, and of each file's rest what `keep`
   * says, in bytes of those that there are. Default none. Locks are free. With `'process'` in place of it,
   * everything that was written is there.
   */
  crash(keep?: 'process' | ((file: string, unsynced: number) => number)): void;
  /** From now on, until it is told otherwise, writing and syncing fail so; `'nothing'`: they succeed. */
  fail(code: 'ENOSPC' | 'EIO' | 'EROFS' | 'ENOENT' | 'nothing'): void;
  /** Flips a bit: the lowest of this byte, or the one of eight that `bit` names. */
  flip(file: string, offset: number, bit?: number): void;
  /** As they are now, by their paths. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Answers at once, and so does a journal on it: no promise, no clock, nothing that is not said.
 *
 * ```ts
 * const disk = memoryDisk();
 * const journal = openJournal('data', owner, { disk }) as Journal;
 * journal.append(bytes);
 * journal.commit();
 * disk.crash();
 * ```
 */
export function memoryDisk(): MemoryDisk {
  return new Memory();
}

type Code = 'ENOSPC' | 'EIO' | 'EROFS' | 'ENOENT';

/** Fail with what else changes the folder; a full disk, and a sick one, can still be cut and removed from. */
const NOTHING_WORKS: readonly string[] = ['EROFS', 'ENOENT'];

/** Odd, so that no salt comes twice: a disk has other salts than all before it in this program. */
const SPREAD = 0x9e3779b1;
let drawn = 0;

class Memory implements MemoryDisk {
  readonly #files = new Map<string, MemoryFile>();
  readonly #locks = new Map<string, object>();
  #failure: Code | undefined;

  get files(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#files].map(([file, { bytes }]) => [file, bytes]));
  }

  list(folder: string): string[] {
    const path = `${folder}/`;
    return [...this.#files.keys()]
      .filter((file) => file.startsWith(path))
      .map((file) => file.slice(path.length));
  }

  read(file: string, from: number, length: number): Uint8Array {
    return this.#found(file).bytes.slice(from, from + length);
  }

  write(file: string, from: number, bytes: Uint8Array): void {
    if (NOTHING_WORKS.includes(this.#failure ?? '')) this.#check();
    const found = this.#files.get(file) ?? new MemoryFile();
    this.#files.set(file, found);
    const { length } = found.bytes;
    if (from > length) {
      throw new RangeError(`Cannot write "${file}" from byte ${from}: it has only ${length}`);
    }
    found.cut(from);
    found.append(this.#failure === undefined ? bytes : bytes.subarray(0, bytes.length >> 1));
    this.#check();
  }

  sync(file: string): void {
    const found = this.#found(file);
    if (this.#failure !== undefined) found.lose();
    this.#check();
    found.sync();
  }

  cut(file: string, length: number): void {
    if (NOTHING_WORKS.includes(this.#failure ?? '')) this.#check();
    this.#found(file).cut(length);
  }

  remove(file: string): void {
    if (NOTHING_WORKS.includes(this.#failure ?? '')) this.#check();
    this.#files.delete(file);
  }

  salt(): number {
    drawn++;
    return Math.imul(drawn, SPREAD) >>> 0;
  }

  lock(folder: string): Lock | { readonly heldBy: undefined } {
    if (NOTHING_WORKS.includes(this.#failure ?? '')) this.#check();
    if (this.#locks.has(folder)) return { heldBy: undefined };
    const mine = {};
    this.#locks.set(folder, mine);
    return {
      free: () => {
        if (this.#locks.get(folder) === mine) this.#locks.delete(folder);
      },
    };
  }

  crash(keep: 'process' | ((file: string, unsynced: number) => number) = () => 0): void {
    this.#locks.clear();
    for (const [path, file] of this.#files) {
      if (keep === 'process') continue;
      const kept = file.unsynced === 0 ? 0 : keep(path, file.unsynced);
      if (!file.crash(kept)) this.#files.delete(path);
    }
  }

  fail(code: Code | 'nothing'): void {
    this.#failure = code === 'nothing' ? undefined : code;
  }

  flip(file: string, offset: number, bit = 0): void {
    this.#found(file).flip(offset, bit);
  }

  #found(file: string): MemoryFile {
    const found = this.#files.get(file);
    if (found === undefined) throw failure('ENOENT', file);
    return found;
  }

  #check(): void {
    if (this.#failure !== undefined) throw failure(this.#failure, 'the disk');
  }
}

class MemoryFile {
  #memory = new Uint8Array(64);
  #length = 0;
  /** Bytes from here on were not synced; whether it has a place in the folder is known when anything was. */
  #synced = 0;
  #hasPlace = false;
  /** What was synced, where some of it was cut since. */
  #cutOff: Uint8Array | undefined;
  /** Where a sync that failed has lost what it should have kept. */
  #lost: { readonly from: number; readonly to: number }[] = [];

  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length);
  }

  get unsynced(): number {
    return this.#length - this.#synced;
  }

  append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#memory.length) this.#move(Math.max(length, this.#memory.length * 2));
    this.#memory.set(bytes, this.#length);
    this.#length = length;
  }

  cut(length: number): void {
    if (length >= this.#length) return;
    if (length < this.#synced) {
      this.#cutOff ??= this.bytes.slice(0, this.#synced);
      this.#synced = length;
    }
    this.#lost = this.#lost.map(({ from, to }) => ({ from, to: Math.min(to, length) }));
    this.#length = length;
    // Who has looked at the bytes still has them.
    this.#move(this.#memory.length);
  }

  sync(): void {
    this.#synced = this.#length;
    this.#hasPlace = true;
    this.#cutOff = undefined;
  }

  lose(): void {
    this.#lost.push({ from: this.#synced, to: this.#length });
  }

  /** Keeps so many of what was not synced; false if the file is not there any more. */
  crash(kept: number): boolean {
    const end = this.#synced + Math.min(Math.max(0, Math.trunc(kept)), this.unsynced);
    const isWhole = end === this.#length && this.unsynced > 0;
    const behind = isWhole ? undefined : this.#cutOff?.subarray(end);
    this.#length = end;
    this.#move(this.#memory.length);
    if (behind !== undefined) this.append(behind);
    for (const { from, to } of this.#lost) {
      if (from < to) this.#memory.fill(0, from, Math.min(to, this.#length));
    }
    this.#lost = [];
    const isThere = this.#hasPlace || end > 0;
    this.sync();
    return isThere;
  }

  flip(offset: number, bit: number): void {
    if (offset >= this.#length) {
      throw new RangeError(`Cannot flip a bit at byte ${offset}: there are ${this.#length}`);
    }
    this.#move(this.#memory.length);
    this.#memory[offset] = (this.#memory[offset] as number) ^ (1 << bit);
  }

  #move(size: number): void {
    const memory = new Uint8Array(size);
    memory.set(this.bytes);
    this.#memory = memory;
  }
}

function failure(code: Code, file: string): Error {
  return Object.assign(new Error(`${code}: ${file}`), { code });
}
