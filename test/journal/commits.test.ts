/** Group commit: who waits for what, and how often the disk is asked. */

import { type Journal, openJournal } from '@beamish/journal';
import { describe, expect, test } from 'vitest';
import { type FaultyDisk, faultyDisk } from './support/faulty-disk.ts';
import { hostPlace, memoryPlace, PLACES } from './support/places.ts';
import { bytesOf, recorder, textOf } from './support/recorder.ts';

describe.each(PLACES)('%s', (_, make) => {
  async function opened(options = {}): Promise<{ disk: FaultyDisk; journal: Journal }> {
    const place = make();
    const disk = faultyDisk(place.disk());
    const journal = await openJournal(place.folder, recorder(), { disk, ...options });
    return { disk, journal };
  }

  test('JRN-05: a commit of nothing answers at once, and writes nothing', async () => {
    const { disk, journal } = await opened();
    expect(journal.commit()).toBe(undefined);
    expect(journal.commit('os')).toBe(undefined);
    expect(disk.done).toEqual([]);
    journal.append(bytesOf('a'));
    await journal.commit();
    disk.done.length = 0;
    expect(journal.commit()).toBe(undefined);
    expect(journal.commit('os')).toBe(undefined);
    expect(disk.done).toEqual([]);
    await journal.close();
    expect(disk.done).toEqual([]);
  });

  test('JRN-40: a commit to the system needs no sync, and one to the disk after it does', async () => {
    const { disk, journal } = await opened();
    journal.append(bytesOf('a'));
    await journal.commit('os');
    disk.done.length = 0;
    journal.append(bytesOf('b'));
    await journal.commit('os');
    expect(disk.done).toEqual(['write 0000000001.log']);
    expect(journal.commit('os')).toBe(undefined);
    await journal.commit();
    expect(disk.done).toEqual(['write 0000000001.log', 'sync 0000000001.log']);
    await journal.close();
  });

  test('with sync os, syncs are begun only when a segment is closed', async () => {
    const { disk, journal } = await opened({ sync: 'os', segmentBytes: 150 });
    for (let i = 0; i < 8; i++) {
      journal.append(bytesOf(`entry ${i}`));
      await journal.commit();
    }
    await journal.close();
    expect(disk.done.filter((what) => what.startsWith('sync'))).toEqual([
      'sync 0000000001.log', // its header
      'sync 0000000001.log',
      'sync 0000000002.log',
      'sync 0000000002.log',
      'sync 0000000003.log',
    ]);
  });

  test('what was not asked for is written with what is', async () => {
    const { disk, journal } = await opened();
    journal.append(bytesOf('a'));
    journal.append(bytesOf('b'));
    expect(disk.done).toEqual([]);
    await journal.commit();
    expect(disk.done.filter((what) => what.startsWith('write'))).toHaveLength(2);
    await journal.close();
  });
});

test('JRN-06: while a sync takes its time, a hundred who append and wait share one', async () => {
  const place = hostPlace();
  const disk = faultyDisk(place.disk());
  const journal = await openJournal(place.folder, recorder(), { disk });
  const path = `${place.folder}/0000000001.log`;
  // Each sync waits until everybody has appended, and takes as long as a sync takes.
  const releases: (() => void)[] = [];
  disk.gate = new Promise((resolve) => releases.push(resolve));
  let covered = 0;
  const answers = Array.from({ length: 100 }, async (_, i) => {
    journal.append(bytesOf(`entry ${i}.`));
    await journal.commit();
    covered++;
    const file = textOf(await place.disk().read(path, 0, 100_000));
    expect(file).toContain(`entry ${i}.`);
    expect(disk.done.at(-1)).toBe('sync 0000000001.log');
  });
  expect(covered).toBe(0);
  for (const release of releases) release();
  disk.gate = undefined;
  await Promise.all(answers);
  expect(disk.done.filter((what) => what.startsWith('sync')).length).toBeLessThanOrEqual(3);
  await journal.close();
});

test('JRN-07: a commit is answered while what was appended after it is still being written', async () => {
  const place = hostPlace();
  const disk = faultyDisk(place.disk());
  const journal = await openJournal(place.folder, recorder(), { disk });
  journal.append(bytesOf('first'));
  await journal.commit();
  journal.append(bytesOf('a'));
  const a = Promise.resolve(journal.commit());
  journal.append(bytesOf('b'));
  let isAnswered = false;
  const b = Promise.resolve(journal.commit()).then(() => {
    isAnswered = true;
  });
  // The next sync does not end before the test says so.
  let release = (): void => undefined;
  await a.then(() => {
    disk.gate = new Promise((resolve) => {
      release = resolve;
    });
  });
  expect(isAnswered).toBe(false);
  release();
  await b;
  await journal.close();
});

test('JRN-40: who commits to the system does not wait for a sync that is under way', async () => {
  const place = memoryPlace();
  const disk = faultyDisk(place.memory);
  const journal = (await openJournal(place.folder, recorder(), { disk })) as Journal;
  let release = (): void => undefined;
  disk.gate = new Promise((resolve) => {
    release = resolve;
  });
  journal.append(bytesOf('first'));
  const first = journal.commit();
  expect(first).toBeInstanceOf(Promise);
  release();
  await first;
  disk.gate = new Promise((resolve) => {
    release = resolve;
  });
  journal.append(bytesOf('for the disk'));
  const forDisk = Promise.resolve(journal.commit());
  journal.append(bytesOf('for the system'));
  expect(journal.commit('os')).toBe(undefined);
  disk.gate = undefined;
  let isOnDisk = false;
  void forDisk.then(() => {
    isOnDisk = true;
  });
  await Promise.resolve();
  expect(isOnDisk).toBe(false);
  release();
  await forDisk;
  // The sync had begun before the entry was written.
  place.memory.crash('process');
  const owner = recorder();
  await place.open(owner);
  expect(owner.texts).toEqual(['first', 'for the disk', 'for the system']);
});

test('what owners do when they are told something is done at once, too', () => {
  const place = memoryPlace();
  const owner = recorder();
  const disk = place.memory;
  const journal = openJournal(place.folder, owner, { disk }) as Journal;
  owner.tell = (event) => {
    owner.events.push(event);
    journal.append(bytesOf(event.kind));
    if (event.kind === 'recovered') expect(journal.commit()).toBe(undefined);
  };
  disk.fail('ENOSPC');
  journal.append(bytesOf('refused'));
  expect(() => journal.commit()).toThrow();
  disk.fail('nothing');
  journal.append(bytesOf('kept'));
  journal.commit();
  disk.crash();
  const again = recorder();
  openJournal(place.folder, again, { disk });
  expect(again.texts).toEqual(['failed', 'kept', 'recovered']);
});

test('JRN-34: close answers who waits for a sync that is under way, and then frees the folder', async () => {
  const place = memoryPlace();
  const disk = faultyDisk(place.memory);
  const journal = (await openJournal(place.folder, recorder(), { disk })) as Journal;
  journal.append(bytesOf('a'));
  let release = (): void => undefined;
  disk.gate = new Promise((resolve) => {
    release = resolve;
  });
  const told: string[] = [];
  const commit = Promise.resolve(journal.commit()).then(() => told.push('commit'));
  const close = journal.close().then(() => told.push('close'));
  expect('heldBy' in (disk.lock(place.folder) as object)).toBe(true);
  release();
  await Promise.all([commit, close]);
  expect(told).toEqual(['commit', 'close']);
  expect('free' in (disk.lock(place.folder) as object)).toBe(true);
});
