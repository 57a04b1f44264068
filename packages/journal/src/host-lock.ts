/**
 * The lock of a folder: a socket that only a living process answers on, named in the file `lock` beside the
 * process id. A pid alone would lie: it is used again, and in a container it is always 1. The socket lies in
 * the folder itself, so that whoever shares the folder, from another container too, finds it.
 *
 * The file appears with all its content at once, as a hard link to one that was written before. One that a
 * dead process has left is removed by the only one who holds the right to do so, which is a lock of the same
 * kind, named after the content of the dead one: whoever comes later finds another content, and lets it be.
 */

import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lock } from './disk.ts';
import { LivingSocket } from './living-socket.ts';

/** What a lock file says. */
interface Holder {
  readonly pid: number;
  readonly socket: string;
}

/** Of this process. */
interface Claim {
  readonly folder: string;
  /** Has the content that the lock is to have. */
  readonly file: string;
}

export async function lockFolder(
  folder: string,
): Promise<Lock | { readonly heldBy: number | undefined }> {
  await mkdir(folder, { recursive: true });
  const id = randomUUID();
  const socket = await LivingSocket.listen(folder, id);
  try {
    const lock = join(folder, 'lock');
    const content = JSON.stringify({ pid: process.pid, socket: socket.name });
    const rival = await claimed(join(folder, `lock-${id}.claim`), content, (file) => {
      return take(lock, { folder, file });
    });
    if (rival === undefined) return { free: () => free(lock, content, socket) };
    await socket.close();
    return { heldBy: rival.pid };
  } catch (error) {
    await socket.close();
    throw error;
  }
}

async function free(lock: string, content: string, socket: LivingSocket): Promise<void> {
  // Somebody may have removed it by hand, and another one taken the folder.
  if ((await contentOf(lock)) === content) await rm(lock, { force: true });
  await socket.close();
}

async function claimed<T>(
  file: string,
  content: string,
  use: (file: string) => Promise<T>,
): Promise<T> {
  try {
    await writeFile(file, content);
    return await use(file);
  } finally {
    await rm(file, { force: true });
  }
}

/** Undefined if the lock is the claim's now; otherwise who has it, or is about to have it, and lives. */
async function take(lock: string, claim: Claim): Promise<Holder | undefined> {
  for (;;) {
    if (await isLinked(claim.file, lock)) return undefined;
    const content = await contentOf(lock);
    if (content === undefined) continue;
    const holder = holderOf(content);
    if (holder !== undefined && (await LivingSocket.lives(claim.folder, holder.socket))) {
      return holder;
    }
    const itsRight = right(lock, content);
    const rival = await take(itsRight, claim);
    if (rival !== undefined) return rival;
    // Nobody else may remove this one, and no other has this content. But it may have been removed before.
    if ((await contentOf(lock)) === content) {
      await rm(lock, { force: true });
      if (holder !== undefined) await LivingSocket.clear(claim.folder, holder.socket);
    }
    await rm(itsRight, { force: true });
  }
}

async function isLinked(file: string, path: string): Promise<boolean> {
  try {
    await link(file, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Undefined for what no process has written here, as a file is that the machine's end has left empty. */
function holderOf(content: string): Holder | undefined {
  try {
    const said: unknown = JSON.parse(content);
    if (typeof said !== 'object' || said === null) return undefined;
    if (!('pid' in said && typeof said.pid === 'number')) return undefined;
    if (!('socket' in said && typeof said.socket === 'string')) return undefined;
    return { pid: said.pid, socket: said.socket };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The file that gives the right to remove a lock with this content. */
export function right(lock: string, content: string): string {
  return `${lock}-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
