/**
 * Where observed programs leave their addresses for `top` to find: a folder of the user's own, that nobody else
 * can look into, with a file for each process. What is not the user's own is not followed, and what a dead
 * process left is not believed.
 */

import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export interface Left {
  readonly url: string;
  readonly name: string;
  readonly pid: number;
}

function folder(): string {
  const { uid, username } = userInfo();
  return join(tmpdir(), `beamish-observer-${uid < 0 ? username : uid}`);
}

/** Leaves an address; returns how to take it away, which the end of the process does, too. */
export function leave(url: string, name: string): () => void {
  const its = folder();
  const file = join(its, `${process.pid}.json`);
  try {
    mkdirSync(its, { mode: 0o700, recursive: true });
    if (!isOwn(its, 'folder')) return () => {};
    chmodSync(its, 0o700);
    rmSync(file, { force: true });
    // A new file of its own, or none: no link of another's is followed.
    writeFileSync(file, JSON.stringify({ url, name, pid: process.pid }), {
      mode: 0o600,
      flag: 'wx',
    });
  } catch {
    // Without it, the address has to be given to `top`.
    return () => {};
  }
  const remove = () => {
    process.off('exit', remove);
    rmSync(file, { force: true });
  };
  process.on('exit', remove);
  return remove;
}

/** Of the programs that run. */
export function observedHere(): readonly Left[] {
  const its = folder();
  try {
    if (!isOwn(its, 'folder')) return [];
    return readdirSync(its).flatMap((name) => readLeft(join(its, name)));
  } catch {
    // There is no such folder: nobody has left anything.
    return [];
  }
}

function readLeft(file: string): Left[] {
  try {
    if (!isOwn(file, 'file')) return [];
    const left = JSON.parse(readFileSync(file, 'utf8')) as Left;
    // Throws if there is no such process.
    process.kill(left.pid, 0);
    return [left];
  } catch {
    return [];
  }
}

/** No link, and of this user. */
function isOwn(path: string, kind: 'folder' | 'file'): boolean {
  const stat = lstatSync(path);
  const { uid } = userInfo();
  return (kind === 'folder' ? stat.isDirectory() : stat.isFile()) && (uid < 0 || stat.uid === uid);
}
