/** A socket that only a living process answers on, in a folder. */

import fs from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Systems take no longer paths, of some 104 bytes, and cut others off without a word. */
const LONGEST_PATH = 100;
/** How a connection fails where nobody lives. Whatever else keeps it from being made, somebody may. */
const NOBODY: readonly unknown[] = ['ECONNREFUSED', 'ENOENT'];

export class LivingSocket {
  /** Its name in the folder, or a whole address. */
  readonly name: string;
  readonly #folder: string;
  readonly #server: Server;

  private constructor(folder: string, name: string, server: Server) {
    this.#folder = folder;
    this.name = name;
    this.#server = server;
  }

  /** `id` is unique. It keeps no program running. */
  static async listen(folder: string, id: string): Promise<LivingSocket> {
    const name = nameFor(folder, `lock-${id}`);
    const server = createServer((connection) => connection.destroy());
    await withAddress(folder, name, (path) => {
      return new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ path, exclusive: true }, resolve);
      });
    });
    server.unref();
    return new LivingSocket(folder, name, server);
  }

  /** Whether whoever listened there lives: also if it is busy, or was stopped. */
  static async lives(folder: string, name: string): Promise<boolean> {
    return await withAddress(folder, name, (path) => {
      return new Promise<boolean>((resolve) => {
        const connection = connect(path);
        connection.once('connect', () => {
          connection.destroy();
          resolve(true);
        });
        connection.once('error', (error) => {
          resolve(!('code' in error && NOBODY.includes(error.code)));
        });
      });
    });
  }

  /** What a dead one has left; but nothing else, whatever a lock file says. */
  static async clear(folder: string, name: string): Promise<void> {
    if (/^lock-[\w-]+$/.test(name)) await fs.promises.rm(join(folder, name), { force: true });
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
    await LivingSocket.clear(this.#folder, this.name);
  }
}

function nameFor(folder: string, name: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\beamish-${name}`;
  const isShort = Buffer.byteLength(join(folder, name)) <= LONGEST_PATH;
  return isShort || process.platform === 'linux' ? name : join(tmpdir(), name);
}

/** Linux has a short path for whatever lies in an open folder. */
async function withAddress<T>(
  folder: string,
  name: string,
  use: (address: string) => Promise<T>,
): Promise<T> {
  const path = isAbsolute(name) ? name : join(folder, name);
  if (Buffer.byteLength(path) <= LONGEST_PATH || process.platform !== 'linux') {
    return await use(path);
  }
  const handle = await fs.promises.open(folder, fs.constants.O_RDONLY);
  try {
    return await use(`/proc/self/fd/${handle.fd}/${name}`);
  } finally {
    await handle.close();
  }
}
