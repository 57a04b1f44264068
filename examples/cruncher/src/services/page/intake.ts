// Takes uploads in: from the request straight to a file, no faster than the disk takes them, so that memory does not
// grow with their size.

import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat, truncate } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Spool } from './desk.ts';

export interface Limits {
  /** Of one upload. */
  readonly bytes: number;
  /** At one time. */
  readonly uploads: number;
}

/** As large as a file gets, in practice; and a browser opens no more than six connections to one server. */
export const LIMITS: Limits = { bytes: 16 * 1024 ** 3, uploads: 16 };

/** An upload on its way. */
export interface Upload {
  readonly id: string;
  readonly name: string;
  /** As it says itself. */
  readonly size: number | undefined;
  readonly beganAt: number;
  received: number;
}

export type Taken =
  | { readonly kind: 'taken'; readonly path: string; readonly bytes: number }
  | { readonly kind: 'too_large'; readonly limit: number }
  | { readonly kind: 'too_many'; readonly limit: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'no_room' };

/** Files that were uploaded, on this disk. */
export const diskSpool: Spool = {
  cut: (path) => truncate(path, 0),
  remove: (path) => rm(path, { force: true }),
};

class TooLarge extends Error {}

const A_DAY_MS = 86_400_000;

export class Intake {
  readonly #folder: string;
  readonly #limits: Limits;
  readonly #uploads = new Map<string, Upload & { readonly cancel: AbortController }>();

  constructor(folder: string, limits: Limits = LIMITS) {
    this.#folder = folder;
    this.#limits = limits;
  }

  get limits(): Limits {
    return this.#limits;
  }

  /** Those that are on their way, the latest last. */
  uploads(): readonly Upload[] {
    return [...this.#uploads.values()];
  }

  /** Makes the folder, and takes away what an earlier program has left there; what its broker still has is younger. */
  async open(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    for (const entry of await readdir(this.#folder)) {
      const path = join(this.#folder, entry);
      const { mtimeMs } = await stat(path);
      if (Date.now() - mtimeMs > A_DAY_MS) await rm(path, { force: true });
    }
  }

  /** Takes the body of a request to a file, under an id that whoever sends it has chosen. */
  async take(request: IncomingMessage, id: string, name: string): Promise<Taken> {
    const { bytes, uploads } = this.#limits;
    const said = request.headers['content-length'];
    const size = said === undefined ? undefined : Number(said);
    if (size !== undefined && size > bytes) return { kind: 'too_large', limit: bytes };
    if (this.#uploads.size >= uploads) return { kind: 'too_many', limit: uploads };
    const cancel = new AbortController();
    const upload = { id, name, size, beganAt: Date.now(), received: 0, cancel };
    this.#uploads.set(id, upload);
    const path = join(this.#folder, randomUUID());
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        upload.received += chunk.length;
        done(upload.received > bytes ? new TooLarge() : null, chunk);
      },
    });
    const { signal } = cancel;
    try {
      await pipeline(request, counted, createWriteStream(path, { mode: 0o600 }), { signal });
      return { kind: 'taken', path, bytes: upload.received };
    } catch (error) {
      await rm(path, { force: true });
      if (error instanceof TooLarge) return { kind: 'too_large', limit: bytes };
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return { kind: 'no_room' };
      // Whoever sent it has gone away, or says that they do not want it.
      return { kind: 'cancelled' };
    } finally {
      this.#uploads.delete(id);
    }
  }

  /** Ends an upload that is on its way. */
  cancel(id: string): boolean {
    const upload = this.#uploads.get(id);
    upload?.cancel.abort();
    return upload !== undefined;
  }
}
