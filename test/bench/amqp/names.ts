/** What a run declares, by a prefix of its own; and the documents that it reads. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Who takes part in the pipeline, each in a process of its own or all in one. */
export const ROLES = ['addresses', 'words', 'status', 'publisher'] as const;
export type Role = (typeof ROLES)[number];

export interface Run {
  readonly url: string;
  readonly prefix: string;
  readonly folder: string;
  readonly count: number;
  readonly prefetch: number;
}

/** How many to a second of the clock, and, in one process, of the processor. */
export interface Rate {
  readonly wall: number;
  readonly cpu?: number;
}

/** From now on. Returns what so many come to. */
export function stopwatch(): (count: number) => Rate {
  const began = performance.now();
  const used = process.cpuUsage();
  return (count) => {
    const wall = (count / (performance.now() - began)) * 1000;
    const { user, system } = process.cpuUsage(used);
    return { wall, cpu: (count / (user + system)) * 1e6 };
  };
}

export const ADDRESS = /[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g;
export const WORD = /\w+/g;

/** The same documents for everybody: small letters, with a few addresses each. */
export function documents(count: number): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'beamish-documents-'));
  const line = 'Dear Ann, please write to bob@example.org or carol.smith@mail.example.com. ';
  for (let n = 0; n < count; n++)
    writeFileSync(pathOf(folder, n), `${line.repeat(10 + (n % 10))}${n}\n`);
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

export function pathOf(folder: string, n: number): string {
  return join(folder, `${n}.txt`);
}
