/** What becomes of commits when the disk does not do what it is asked. */

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { type Journal, JournalFailed, openJournal } from '@beamish/journal';
import { memoryDisk } from '@beamish/journal/testing';
import { type Actor, ActorSystem, type Self } from 'beamish';
import { describe, expect, test } from 'vitest';
import { faultyDisk } from './support/faulty-disk.ts';
import { lateDisk } from './support/late-disk.ts';
import { hostPlace, memoryPlace, PLACES, temporaryFolder } from './support/places.ts';
import { built, messageOf, started } from './support/program.ts';
import { bytesOf, recorder, textOf } from './support/recorder.ts';

/** Whether it answers at once or with a promise. */
async function outcome(ask: () => unknown): Promise<unknown> {
  try {
    await ask();
    return 'kept';
  } catch (error) {
    return error;
  }
}

describe.each(PLACES)('%s', (_, make) => {
  async function opened(options = {}) {
    const place = make();
    const disk = faultyDisk(place.disk());
    const owner = recorder();
    const journal = await openJournal(place.folder, owner, { disk, ...options });
    async function replayed(): Promise<readonly string[]> {
      await journal.close();
      const again = recorder();
      const second = await place.open(again);
      await second.close();
      expect(again.events).toEqual([]);
      return again.texts;
    }
    return { place, disk, owner, journal, replayed };
  }

  test.each([
    ['JRN-21', 'a full disk', 'ENOSPC', ['write']],
    ['JRN-21', 'a full disk that is noticed late', 'ENOSPC', ['sync']],
    ['JRN-21', 'a disk that is full of everything', 'ENOSPC', ['write', 'sync']],
    ['JRN-22', 'a sick disk', 'EIO', ['sync']],
  ] as const)(
    '%s: what %s refuses is not kept, is told once, and there is an end to it',
    async (...row) => {
      const [, , code, operations] = row;
      const { disk, owner, journal, replayed } = await opened();
      const kept = journal.append(bytesOf('kept'));
      await journal.commit();
      for (const operation of operations) disk.faults[operation] = code;
      journal.append(bytesOf('refused'));
      const first = outcome(() => journal.commit());
      journal.append(bytesOf('behind it'));
      const second = outcome(() => journal.commit());
      const path = `${journal.folder}/0000000001.log`;
      expect(await first).toBeInstanceOf(JournalFailed);
      expect(await first).toMatchObject({ code, file: path });
      expect(await second).toMatchObject({ code });
      journal.append(bytesOf('refused, too'));
      expect(await outcome(() => journal.commit())).toMatchObject({ code });
      expect(owner.events).toEqual([{ kind: 'failed', code, file: path }]);
      expect(textOf(await journal.read(kept))).toBe('kept');
      for (const operation of operations) disk.faults[operation] = undefined;
      disk.done.length = 0;
      const after = journal.append(bytesOf('after'));
      expect(await outcome(() => journal.commit())).toBe('kept');
      expect(owner.events.slice(1)).toEqual([{ kind: 'recovered' }]);
      expect(textOf(await journal.read(after))).toBe('after');
      expect(disk.done).not.toContain('write 0000000001.log');
      expect(await replayed()).toEqual(['kept', 'after']);
    },
  );

  test('JRN-21: who commits next is told of what was lost before anybody had asked for it', async () => {
    const { disk, journal, replayed } = await opened();
    disk.faults.write = 'ENOSPC';
    journal.append(bytesOf('asked for'));
    const first = outcome(() => journal.commit());
    journal.append(bytesOf('not asked for'));
    expect(await first).toMatchObject({ code: 'ENOSPC' });
    disk.faults.write = undefined;
    journal.append(bytesOf('asked for with it'));
    const second = outcome(() => journal.commit());
    // On a disk that answers at once, nothing had been appended when the first one failed.
    const isAtOnce = journal.folder.startsWith('data');
    if (isAtOnce) expect(await second).toBe('kept');
    else expect(await second).toMatchObject({ code: 'ENOSPC' });
    journal.append(bytesOf('after'));
    expect(await outcome(() => journal.commit())).toBe('kept');
    const all = ['not asked for', 'asked for with it', 'after'];
    expect(await replayed()).toEqual(isAtOnce ? all : ['after']);
  });

  test('JRN-22: a segment whose sync failed is not written again, nor is what lies in it believed', async () => {
    const { disk, journal, owner, replayed } = await opened();
    for (const text of ['one', 'two']) journal.append(bytesOf(text));
    await journal.commit();
    const three = journal.append(bytesOf('three'));
    await journal.commit('os');
    disk.faults.sync = 'EIO';
    journal.append(bytesOf('four'));
    expect(await outcome(() => journal.commit())).toMatchObject({ code: 'EIO' });
    disk.faults.sync = undefined;
    disk.done.length = 0;
    // What the system was given is written anew, where it is to be.
    await journal.commit();
    expect(disk.done.filter((what) => what.startsWith('write'))).toEqual([
      'write 0000000002.log',
      'write 0000000002.log',
    ]);
    expect(disk.done).toContain('cut 0000000001.log');
    const [moved] = owner.moves;
    expect(owner.moves).toEqual([{ from: three, to: expect.any(Number) }]);
    expect(textOf(await journal.read(moved?.to ?? 0))).toBe('three');
    expect(await outcome(() => journal.read(three))).toBeInstanceOf(RangeError);
    journal.append(bytesOf('five'));
    await journal.commit();
    expect(await replayed()).toEqual(['one', 'two', 'three', 'five']);
  });

  test('JRN-22: what is to be written anew, and cannot be, is refused until it can', async () => {
    const { disk, journal, replayed } = await opened();
    journal.append(bytesOf('for the system'));
    await journal.commit('os');
    disk.faults.sync = 'EIO';
    for (let i = 0; i < 3; i++) {
      journal.append(bytesOf(`refused ${i}`));
      expect(await outcome(() => journal.commit())).toMatchObject({ code: 'EIO' });
    }
    disk.faults.sync = undefined;
    disk.faults.read = 'EIO';
    expect(await outcome(() => journal.commit())).toMatchObject({ code: 'EIO' });
    disk.faults.read = undefined;
    // Then it is on disk; but before more is, what had failed has to be cut off.
    disk.faults.cut = 'EIO';
    expect(await outcome(() => journal.commit())).toBe('kept');
    journal.append(bytesOf('refused'));
    expect(await outcome(() => journal.commit())).toMatchObject({ code: 'EIO' });
    disk.faults.cut = undefined;
    journal.append(bytesOf('after'));
    expect(await outcome(() => journal.commit())).toBe('kept');
    expect(await replayed()).toEqual(['for the system', 'after']);
  });

  test('JRN-25: too many open files, or whatever else the disk says, is its code', async () => {
    const { disk, journal, replayed } = await opened();
    disk.faults.write = 'EMFILE';
    journal.append(bytesOf('refused'));
    expect(await outcome(() => journal.commit())).toMatchObject({ code: 'EMFILE' });
    disk.faults.write = undefined;
    disk.faults.read = 'EMFILE';
    const at = journal.append(bytesOf('kept'));
    await journal.commit();
    expect(await outcome(() => journal.read(at))).toMatchObject({
      name: 'JournalFailed',
      code: 'EMFILE',
    });
    disk.faults.read = undefined;
    expect(await replayed()).toEqual(['kept']);
  });
});

test('JRN-21: a memoryDisk that is full is so at once, and its journal throws', () => {
  const disk = memoryDisk();
  const owner = recorder();
  const journal = openJournal('data', owner, { disk }) as Journal;
  disk.fail('ENOSPC');
  journal.append(bytesOf('refused'));
  expect(() => journal.commit()).toThrow(JournalFailed);
  disk.fail('nothing');
  journal.append(bytesOf('kept'));
  journal.commit();
  const again = recorder();
  disk.crash();
  openJournal('data', again, { disk });
  expect(again.texts).toEqual(['kept']);
  expect(owner.events).toMatchObject([{ kind: 'failed' }, { kind: 'recovered' }]);
});

test('JRN-22: what a sync that failed has lost is not missed when the machine stops', () => {
  const disk = memoryDisk();
  const journal = openJournal('data', recorder(), { disk }) as Journal;
  journal.append(bytesOf('one'));
  journal.commit();
  journal.append(bytesOf('two'));
  journal.commit('os');
  disk.fail('EIO');
  journal.append(bytesOf('refused'));
  expect(() => journal.commit()).toThrow(JournalFailed);
  disk.fail('nothing');
  journal.append(bytesOf('three'));
  journal.commit();
  disk.crash((_, unsynced) => unsynced);
  const owner = recorder();
  openJournal('data', owner, { disk });
  expect(owner.texts).toEqual(['one', 'two', 'three']);
});

test('JRN-22: nor is it when its owner has opened it anew, and the disk does not know any more', () => {
  const disk = memoryDisk();
  const journal = openJournal('data', recorder(), { disk }) as Journal;
  journal.append(bytesOf('one'));
  journal.commit();
  journal.append(bytesOf('two'));
  journal.commit('os');
  disk.fail('EIO');
  expect(() => journal.commit()).toThrow(JournalFailed);
  disk.fail('nothing');
  disk.crash('process');
  const second = openJournal('data', recorder(), { disk }) as Journal;
  second.append(bytesOf('three'));
  second.commit();
  disk.crash();
  const owner = recorder();
  openJournal('data', owner, { disk });
  expect(owner.texts).toEqual(['one', 'two', 'three']);
});

test('JRN-21: of a commit over several segments that is refused, nothing is left', async () => {
  const place = memoryPlace();
  const disk = faultyDisk(place.memory);
  const journal = (await openJournal(place.folder, recorder(), {
    disk,
    segmentBytes: 1,
  })) as Journal;
  journal.append(bytesOf('kept'));
  journal.commit();
  for (const text of ['refused', 'refused, too', 'refused with them'])
    journal.append(bytesOf(text));
  const { sync } = disk;
  let syncs = 0;
  disk.sync = (file) => {
    // Those of the header and the end of the second segment, and of the header of the third.
    if (++syncs === 3) disk.faults.write = 'ENOSPC';
    return sync(file);
  };
  expect(() => journal.commit()).toThrow(JournalFailed);
  disk.faults.write = undefined;
  journal.append(bytesOf('after'));
  journal.commit();
  place.memory.crash();
  const owner = recorder();
  await place.open(owner);
  expect(owner.texts).toEqual(['kept', 'after']);
  expect(owner.events).toEqual([]);
});

test('JRN-21: what was refused does not come back with a crash, when more was given to the system', async () => {
  const place = memoryPlace();
  const disk = faultyDisk(place.memory);
  const journal = (await openJournal(place.folder, recorder(), { disk })) as Journal;
  journal.append(bytesOf('kept'));
  journal.commit();
  journal.append(bytesOf('refused'));
  const { write } = disk;
  // All of it is there, and on the disk, though it says otherwise.
  disk.write = (file, from, bytes) => {
    write(file, from, bytes);
    place.memory.sync(file);
    throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  expect(() => journal.commit()).toThrow(JournalFailed);
  disk.write = write;
  journal.append(bytesOf('given to the system'));
  journal.commit('os');
  place.memory.crash();
  const owner = recorder();
  await place.open(owner);
  expect(owner.texts).toEqual(['kept']);
});

/** A journal that has kept an entry, on a disk that is late from then on: `step` lets one of what waits happen. */
async function late(owner: ReturnType<typeof recorder>) {
  const place = memoryPlace();
  let isLate = false;
  const disk = lateDisk(() => isLate, place.memory);
  const journal = (await openJournal(place.folder, owner, { disk })) as Journal;
  journal.append(bytesOf('kept'));
  journal.commit();
  isLate = true;
  async function step(which: number): Promise<void> {
    expect(disk.step(which)).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const beAtOnce = (): void => {
    isLate = false;
  };
  return { place, disk, journal, step, beAtOnce };
}

test('JRN-21: an owner that throws when it is told of a failure keeps nobody from being answered', async () => {
  const owner = recorder();
  const mistake = new Error('A mistake of the owner');
  owner.tell = () => {
    throw mistake;
  };
  const nobodys = thrownToNobody();
  const { disk, journal, step } = await late(owner);
  journal.append(bytesOf('for the disk'));
  const forDisk = outcome(() => journal.commit());
  await step(0);
  // Written beside the sync of the first one.
  journal.append(bytesOf('for the system'));
  const forSystem = outcome(() => journal.commit('os'));
  disk.fail('ENOSPC');
  await step(1);
  disk.fail('nothing');
  await step(0);
  expect(await Promise.race([forDisk, 'waits'])).toBe('kept');
  expect(await forSystem).toBeInstanceOf(JournalFailed);
  expect(await nobodys()).toEqual([mistake]);
});

test('JRN-21: what a commit asked for is kept without what was appended behind it, written with it, and is dropped', async () => {
  const { place, disk, journal, step, beAtOnce } = await late(recorder());
  journal.append(bytesOf('first'));
  const first = outcome(() => journal.commit());
  // Both gather while that is written.
  journal.append(bytesOf('asked for'));
  const second = outcome(() => journal.commit());
  journal.append(bytesOf('not asked for'));
  // The first is written, and synced, and the second written.
  for (let i = 0; i < 3; i++) await step(0);
  expect(await first).toBe('kept');
  // Written beside the sync of the second one.
  journal.append(bytesOf('refused'));
  const refused = outcome(() => journal.commit('os'));
  disk.fail('ENOSPC');
  await step(1);
  disk.fail('nothing');
  await step(0);
  expect(await second).toBe('kept');
  expect(await refused).toMatchObject({ code: 'ENOSPC' });
  while (disk.step(0)) await new Promise((resolve) => setImmediate(resolve));
  beAtOnce();
  // The first that asks is told of what nobody had asked for.
  journal.append(bytesOf('after'));
  for (let i = 0; i < 2; i++) await outcome(() => journal.commit());
  await journal.close();
  const again = recorder();
  await (await place.open(again)).close();
  expect(again.texts).toEqual(['kept', 'first', 'asked for', 'after']);
});

/** What would have ended the program. */
function thrownToNobody(): () => Promise<readonly unknown[]> {
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  const errors: unknown[] = [];
  process.on('unhandledRejection', (error) => errors.push(error));
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    process.removeAllListeners('unhandledRejection');
    for (const each of others) process.on('unhandledRejection', each);
    return errors;
  };
}

test('JRN-23: a folder that may only be read is not opened, on a memoryDisk', async () => {
  const place = memoryPlace();
  await (await place.open(recorder())).close();
  place.memory.fail('EROFS');
  const error = await outcome(() => place.open(recorder()));
  expect(error).toMatchObject({ name: 'JournalFailed', code: 'EROFS', file: place.folder });
});

test('JRN-23: a folder that may only be read is not opened, on the host', async () => {
  const folder = temporaryFolder();
  fs.chmodSync(folder, 0o555);
  const refused = await messageOf(started('read-only', folder));
  expect(refused).toMatchObject({ name: 'JournalFailed', code: 'EACCES', file: folder });
});

test('JRN-24: when its folder is deleted under it, the next commit says so, and makes no other', async () => {
  const place = hostPlace();
  const owner = recorder();
  const journal = await place.open(owner);
  journal.append(bytesOf('kept'));
  await journal.commit();
  fs.rmSync(place.folder, { recursive: true });
  for (let i = 0; i < 2; i++) {
    journal.append(bytesOf('lost'));
    expect(await outcome(() => journal.commit())).toMatchObject({ code: 'ENOENT' });
  }
  expect(fs.existsSync(place.folder)).toBe(false);
  expect(owner.events).toMatchObject([{ kind: 'failed', code: 'ENOENT' }]);
  journal.append(bytesOf('lost'));
  expect(await outcome(() => journal.close())).toMatchObject({ code: 'ENOENT' });
  expect(fs.existsSync(place.folder)).toBe(false);
});

test('JRN-24: so does one to the system, when its folder was deleted on a memoryDisk', async () => {
  const place = memoryPlace();
  const journal = await place.open(recorder());
  place.memory.fail('ENOENT');
  journal.append(bytesOf('lost'));
  expect(await outcome(() => journal.commit('os'))).toMatchObject({ code: 'ENOENT' });
});

test('JRN-25: where a process has all the files open that it may, a commit is refused, and the next kept', async () => {
  const folder = temporaryFolder();
  const command = 'ulimit -n 60; exec "$@"';
  const args = ['-c', command, 'sh', process.execPath, built('few-files'), folder];
  const child = spawn('sh', args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  expect(await messageOf(child)).toEqual({
    refused: 'EMFILE',
    files: ['0000000001.log', expect.stringMatching(/^000000000\d\.log$/)],
  });
});

test('JRN-25: while a sync does not answer, its owner waits, and other actors go on', async () => {
  const place = memoryPlace();
  const disk = faultyDisk(place.memory);
  let answer = (): void => undefined;
  await using system = new ActorSystem();
  const journal = (await openJournal(place.folder, recorder(), { disk })) as Journal;
  function* owner(self: Self): Actor<string> {
    journal.append(bytesOf('a'));
    disk.gate = new Promise((resolve) => {
      answer = resolve;
    });
    yield* self.wait(Promise.resolve(journal.commit()));
    return 'kept';
  }
  function* other(self: Self): Actor<string> {
    yield* self.sleep(1);
    return 'went on';
  }
  const waiting = system.run(owner);
  expect(await system.run(other)).toBe('went on');
  expect(await Promise.race([waiting, 'waits'])).toBe('waits');
  answer();
  expect(await waiting).toBe('kept');
});
