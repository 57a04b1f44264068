/** The two places that a journal can be in, under one face. */

import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Disk,
  type Journal,
  type JournalOptions,
  type Owner,
  openJournal,
} from '@beamish/journal';
import { type MemoryDisk, memoryDisk } from '@beamish/journal/testing';
import { onTestFinished } from 'vitest';
import { hostDisk } from '../../../packages/journal/src/host-disk.ts';

export interface Place {
  readonly folder: string;
  /** Whether everything can be tried, not only some of it. */
  readonly isQuick: boolean;
  /** As a journal has it that is opened now. */
  disk(): Disk;
  open(owner: Owner, options?: JournalOptions): Promise<Journal>;
  /** By their names, without the lock. */
  files(): Map<string, Uint8Array>;
  put(name: string, bytes: Uint8Array): void;
  remove(name: string): void;
}

/** For `describe.each`: a name, and what makes a fresh one for a test. */
export const PLACES: readonly (readonly [string, () => Place])[] = [
  ['on a memoryDisk', memoryPlace],
  ['in a folder of the host', hostPlace],
];

export function memoryPlace(): Place & { readonly memory: MemoryDisk } {
  const memory = memoryDisk();
  const folder = 'data/journal';
  return {
    folder,
    isQuick: true,
    memory,
    disk: () => memory,
    async open(owner, options) {
      return await openJournal(folder, owner, { ...options, disk: memory });
    },
    files() {
      const names = [...memory.files].map(([path, bytes]) => [
        path.slice(folder.length + 1),
        bytes,
      ]);
      return new Map(names as [string, Uint8Array][]);
    },
    put(name, bytes) {
      memory.remove(`${folder}/${name}`);
      memory.write(`${folder}/${name}`, 0, bytes);
      memory.sync(`${folder}/${name}`);
    },
    remove(name) {
      memory.remove(`${folder}/${name}`);
    },
  };
}

export function hostPlace(): Place {
  const folder = join(temporaryFolder(), 'data', 'journal');
  return {
    folder,
    isQuick: false,
    disk: hostDisk,
    async open(owner, options) {
      return await openJournal(folder, owner, options);
    },
    files() {
      const names = fs.readdirSync(folder).filter((name) => !name.startsWith('lock'));
      return new Map(
        names.map((name) => [name, new Uint8Array(fs.readFileSync(join(folder, name)))]),
      );
    },
    put(name, bytes) {
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(join(folder, name), bytes);
    },
    remove(name) {
      fs.rmSync(join(folder, name));
    },
  };
}

/** Gone when the test is. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(join(tmpdir(), 'journal-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}
