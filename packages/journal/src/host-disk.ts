/** The disk of the host: files of Node. */

import fs from 'node:fs';
import { dirname } from 'node:path';
import type { Disk, Lock } from './disk.ts';
import { lockFolder } from './host-lock.ts';
import { OpenFile } from './open-file.ts';

const { O_CREAT, O_RDONLY, O_RDWR } = fs.constants;

/** One for each journal: the file that was written last stays open, and so does the one that was read last. */
export function hostDisk(): Disk {
  return new HostDisk();
}

class HostDisk implements Disk {
  #written: OpenFile | undefined;
  #read: OpenFile | undefined;
  /** Files whose place in their folder was not synced. */
  readonly #unplaced = new Set<string>();

  async list(folder: string): Promise<readonly string[]> {
    return await fs.promises.readdir(folder);
  }

  async read(path: string, from: number, length: number): Promise<Uint8Array> {
    if (this.#read?.path === path) return await this.#read.read(from, length);
    const opened = await OpenFile.open(path, O_RDONLY);
    void this.#read?.close();
    this.#read = opened;
    return await opened.read(from, length);
  }

  async write(path: string, from: number, bytes: Uint8Array): Promise<void> {
    if (from === 0) this.#unplaced.add(path);
    const file = await this.#forWriting(path, from === 0 ? O_CREAT : 0);
    await file.write(from, bytes);
  }

  async sync(path: string): Promise<void> {
    const file = await this.#forWriting(path);
    const isNew = this.#unplaced.has(path);
    await file.sync(isNew);
    if (!isNew) return;
    await syncFolder(path);
    this.#unplaced.delete(path);
  }

  async cut(path: string, length: number): Promise<void> {
    const file = await this.#forWriting(path);
    await file.cut(length);
  }

  async remove(path: string): Promise<void> {
    await this.#close(path);
    await fs.promises.rm(path, { force: true });
    await syncFolder(path);
  }

  salt(): number {
    return crypto.getRandomValues(new Uint32Array(1))[0] as number;
  }

  async lock(folder: string): Promise<Lock | { readonly heldBy: number | undefined }> {
    const lock = await lockFolder(folder);
    if ('heldBy' in lock) return lock;
    return {
      free: async () => {
        await Promise.all([this.#written?.close(), this.#read?.close()]);
        await lock.free();
      },
    };
  }

  async #forWriting(path: string, flags = 0): Promise<OpenFile> {
    if (this.#written?.path === path) return this.#written;
    const opened = await OpenFile.open(path, O_RDWR | flags);
    void this.#written?.close();
    this.#written = opened;
    return opened;
  }

  /** Windows removes no file that is open. */
  async #close(path: string): Promise<void> {
    if (this.#written?.path === path) {
      await this.#written.close();
      this.#written = undefined;
    }
    if (this.#read?.path === path) {
      await this.#read.close();
      this.#read = undefined;
    }
  }
}

/** What was made in it or removed from it stays so. Windows syncs no folders, and needs no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await OpenFile.open(dirname(path), O_RDONLY);
  try {
    await folder.sync(true);
  } finally {
    await folder.close();
  }
}
