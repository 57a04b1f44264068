/** The disk of the host: files of Node. */

import fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Disk, Lock } from './disk.ts';
import { lockFolder } from './host-lock.ts';
import { OpenFile } from './open-file.ts';

const { O_CREAT, O_RDONLY, O_RDWR } = fs.constants;

/**
 * One for each journal: the file that was written last stays open, and so does the one that was read last.
 * A relative path begins at `here`, wherever the process goes meanwhile.
 */
export function hostDisk(here = process.cwd()): Disk {
  return new HostDisk(here);
}

class HostDisk implements Disk {
  readonly #here: string;
  #written: OpenFile | undefined;
  #read: OpenFile | undefined;
  /** Files whose place in their folder was not synced. */
  readonly #unplaced = new Set<string>();

  constructor(here: string) {
    this.#here = here;
  }

  async list(folder: string): Promise<readonly string[]> {
    return await fs.promises.readdir(this.#path(folder));
  }

  async read(file: string, from: number, length: number): Promise<Uint8Array> {
    const path = this.#path(file);
    if (this.#read?.path === path) return await this.#read.read(from, length);
    const opened = await OpenFile.open(path, O_RDONLY);
    void this.#read?.close();
    this.#read = opened;
    return await opened.read(from, length);
  }

  async write(file: string, from: number, bytes: Uint8Array): Promise<void> {
    const path = this.#path(file);
    if (from === 0) this.#unplaced.add(path);
    const opened = await this.#forWriting(path, from === 0 ? O_CREAT : 0);
    await opened.write(from, bytes);
  }

  async sync(file: string): Promise<void> {
    const path = this.#path(file);
    const opened = await this.#forWriting(path);
    const isNew = this.#unplaced.has(path);
    await opened.sync(isNew);
    if (!isNew) return;
    await syncFolder(path);
    this.#unplaced.delete(path);
  }

  async cut(file: string, length: number): Promise<void> {
    const opened = await this.#forWriting(this.#path(file));
    await opened.cut(length);
  }

  async remove(file: string): Promise<void> {
    const path = this.#path(file);
    await this.#close(path);
    await fs.promises.rm(path, { force: true });
    await syncFolder(path);
  }

  salt(): number {
    return crypto.getRandomValues(new Uint32Array(1))[0] as number;
  }

  async lock(folder: string): Promise<Lock | { readonly heldBy: number | undefined }> {
    const path = this.#path(folder);
    await makeFolder(path);
    const lock = await lockFolder(path);
    if ('heldBy' in lock) return lock;
    return {
      free: async () => {
        await Promise.all([this.#written?.close(), this.#read?.close()]);
        await lock.free();
      },
    };
  }

  #path(file: string): string {
    return resolve(this.#here, file);
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

/** With its parents, and all of them for good. */
async function makeFolder(path: string): Promise<void> {
  const first = await fs.promises.mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(made);
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
