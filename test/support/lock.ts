/** One at a time on this machine: for what would hurt others, or be hurt by them. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const CHECK_MS = 100;

/** Waits for it. Returns how to give it back; with the end of the process it is free, too. */
export async function lock(name: string): Promise<() => void> {
  const file = join(tmpdir(), `${name}.lock`);
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!isAlive(ownerOf(file))) rmSync(file, { force: true });
    await setTimeout(CHECK_MS);
  }
}

/** NaN if it is just being written, or is gone. */
function ownerOf(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8') || Number.NaN);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return Number.NaN;
  }
}

function isAlive(pid: number): boolean {
  if (Number.isNaN(pid)) return true;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
