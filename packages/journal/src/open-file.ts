/** A file of Node that is open, and closes when the last who uses it has done. */

import fs from 'node:fs';
import { promisify } from 'node:util';

const open = promisify(fs.open);
const read = promisify(fs.read);
const write = promisify(fs.write);
const cut = promisify(fs.ftruncate);
const sync = promisify(fs.fsync);
const syncData = promisify(fs.fdatasync);
const close = promisify(fs.close);

export class OpenFile {
  readonly path: string;
  readonly #descriptor: number;
  #size: number;
  #users = 0;
  #isClosing = false;
  #closed: (() => void) | undefined;

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
    this.#size = fs.fstatSync(descriptor).size;
  }

  static async open(path: string, flags: number): Promise<OpenFile> {
    return new OpenFile(path, await open(path, flags, 0o666));
  }

  async read(from: number, length: number): Promise<Uint8Array> {
    return await this.#use(async (file) => {
      const rest = Math.max(0, fs.fstatSync(file).size - from);
      // Not a Buffer, whose slices are views.
      const bytes = new Uint8Array(Math.min(length, rest));
      let done = 0;
      while (done < bytes.length) {
        const { bytesRead } = await read(file, bytes, done, bytes.length - done, from + done);
        if (bytesRead === 0) return bytes.subarray(0, done);
        done += bytesRead;
      }
      return bytes;
    });
  }

  async write(from: number, bytes: Uint8Array): Promise<void> {
    await this.#use(async (file) => {
      const end = from + bytes.length;
      const isLonger = this.#size > end;
      // Until it is written, there is no telling how much of it is there.
      this.#size = Number.POSITIVE_INFINITY;
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await write(file, bytes, done, bytes.length - done, from + done);
        done += bytesWritten;
      }
      // Last, so that what is written again, as it was, is always there.
      if (isLonger) await cut(file, end);
      this.#size = end;
      this.#checkThatItIsThere(file);
    });
  }

  async cut(length: number): Promise<void> {
    await this.#use(async (file) => {
      await cut(file, length);
      this.#size = length;
    });
  }

  /** `isWhole`: with what is not data, too. */
  async sync(isWhole: boolean): Promise<void> {
    await this.#use(async (file) => {
      await (isWhole ? sync(file) : syncData(file));
      this.#checkThatItIsThere(file);
    });
  }

  /** Answers when it is closed. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (this.#users > 0) {
      await new Promise<void>((resolve) => {
        this.#closed = resolve;
      });
    }
    // What matters of it was synced.
    await close(this.#descriptor).catch(() => undefined);
  }

  /** A file whose folder was deleted can be written to, but nobody will ever read it. */
  #checkThatItIsThere(file: number): void {
    if (fs.fstatSync(file).nlink > 0) return;
    throw Object.assign(new Error(`ENOENT: "${this.path}" was deleted`), { code: 'ENOENT' });
  }

  async #use<T>(work: (descriptor: number) => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work(this.#descriptor);
    } finally {
      this.#users--;
      if (this.#users === 0) this.#closed?.();
    }
  }
}
