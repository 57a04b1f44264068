import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryDisk } from '@beamish/journal/testing';
import { file } from '@beamish/tasks';
import { storeContract } from './contract.ts';

storeContract('file on a disk in memory', { make: () => file('tasks', { disk: memoryDisk() }) });

const folders: string[] = [];

storeContract('file in a folder', {
  async make() {
    const folder = await mkdtemp(join(tmpdir(), 'beamish-tasks-'));
    folders.push(folder);
    return file(folder);
  },
  async clear() {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
  },
});
