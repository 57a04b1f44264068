/** What was answered for by the system alone, and what becomes of it when a sync fails and the process is killed then. */

import { type Disk, type Journal, openJournal } from '@beamish/journal';
import { type MemoryDisk, memoryDisk } from '@beamish/journal/testing';
import { expect, test } from 'vitest';
import { faultyDisk } from './support/faulty-disk.ts';
import { bytesOf, recorder } from './support/recorder.ts';

function textsIn(disk: Disk): readonly string[] {
  const owner = recorder();
  (openJournal('data', owner, { disk }) as Journal).close();
  return owner.texts;
}

/** The process is killed when the second segment has so many bytes. */
function killedInRescue(memory: MemoryDisk, bytesWritten: number): Disk {
  return {
    ...faultyDisk(memory),
    write(file, from, bytes) {
      if (!file.endsWith('2.log')) return memory.write(file, from, bytes);
      memory.write(file, from, bytes.subarray(0, Math.max(0, bytesWritten - from)));
      if (from + bytes.length > bytesWritten) throw new Error('Killed');
    },
  };
}

test('JRN-22: of what is written anew nothing is missed, wherever in that the process is killed', () => {
  let isKilled = true;
  for (let bytesWritten = 0; isKilled; bytesWritten++) {
    const memory = memoryDisk();
    const disk = killedInRescue(memory, bytesWritten);
    const journal = openJournal('data', recorder(), { disk }) as Journal;
    journal.append(bytesOf('one'));
    journal.commit();
    for (const text of ['two', 'three']) {
      journal.append(bytesOf(text));
      journal.commit('os');
    }
    memory.fail('EIO');
    expect(() => journal.commit()).toThrow();
    memory.fail('nothing');
    journal.append(bytesOf('four'));
    try {
      journal.commit();
      isKilled = false;
    } catch {}
    memory.crash('process');
    const found = textsIn(memory).slice(0, 3);
    expect([bytesWritten, found]).toEqual([bytesWritten, ['one', 'two', 'three']]);
  }
});

/** The process is killed by the sync of that number, which fails. */
function killedBySync(memory: MemoryDisk, number: number): Disk {
  let syncs = 0;
  return {
    ...faultyDisk(memory),
    sync(file) {
      if (++syncs === number) memory.fail('EIO');
      memory.sync(file);
    },
  };
}

test('JRN-22: what was opened after a sync had failed misses nothing when the machine stops, whichever sync it was', () => {
  let isKilled = true;
  for (let number = 1; isKilled; number++) {
    const memory = memoryDisk();
    const disk = killedBySync(memory, number);
    const options = { disk, segmentBytes: 64 };
    try {
      const journal = openJournal('data', recorder(), options) as Journal;
      for (const text of ['one', 'two', 'three', 'four']) {
        journal.append(bytesOf(text.repeat(8)));
        journal.commit();
      }
      isKilled = false;
    } catch {}
    memory.fail('nothing');
    memory.crash('process');
    const owner = recorder();
    const journal = openJournal('data', owner, { ...options, disk: memory }) as Journal;
    journal.append(bytesOf('five'));
    journal.commit();
    memory.crash();
    expect([number, textsIn(memory)]).toEqual([number, [...owner.texts, 'five']]);
  }
});
