/** What a journal does that is asked by one owner, while nothing fails. */

import fs from 'node:fs';
import { join } from 'node:path';
import { type Journal, JournalClosed, openJournal } from '@beamish/journal';
import { memoryDisk } from '@beamish/journal/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PLACES, temporaryFolder } from './support/places.ts';
import { bytesOf, recorder, textOf } from './support/recorder.ts';

describe.each(PLACES)('%s', (_, make) => {
  test('JRN-01: a folder that is empty, or not there, is a journal without entries', async () => {
    const place = make();
    const owner = recorder();
    await using journal = await place.open(owner);
    expect(owner.entries).toEqual([]);
    expect(owner.events).toEqual([]);
    expect(journal.bytes).toEqual({ all: 0, live: 0 });
    expect([...place.files().keys()]).toEqual([]);
  });

  test('JRN-03: positions rise, and an array that is changed afterwards changes nothing', async () => {
    const place = make();
    const journal = await place.open(recorder(), { segmentBytes: 200 });
    const bytes = bytesOf('before');
    const positions = [journal.append(bytes)];
    bytes.fill(0);
    for (let i = 0; i < 50; i++) {
      positions.push(journal.append(bytesOf(`entry ${i}`)));
      if (i % 7 === 0) await journal.commit();
    }
    await journal.close();
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
    const owner = recorder();
    await using _again = await place.open(owner);
    expect(owner.texts[0]).toBe('before');
    expect(owner.entries.map(({ at }) => at)).toEqual(positions);
  });

  test('JRN-04: close commits', async () => {
    const place = make();
    const journal = await place.open(recorder());
    journal.append(bytesOf('a'));
    await journal.close();
    const owner = recorder();
    await using _again = await place.open(owner);
    expect(owner.texts).toEqual(['a']);
  });

  test('JRN-07: a commit does not wait for what is appended after it', async () => {
    const place = make();
    await using journal = await place.open(recorder());
    journal.append(bytesOf('a'));
    const a = journal.commit();
    journal.append(bytesOf('b'));
    const b = journal.commit();
    await a;
    const [file] = place.files().values();
    expect(textOf(file as Uint8Array)).toContain('a');
    await b;
  });

  test('JRN-08: commits are answered in the order in which they were asked', async () => {
    const place = make();
    await using journal = await place.open(recorder(), { segmentBytes: 500 });
    const answered: number[] = [];
    const commits = Array.from({ length: 100 }, async (_, i) => {
      if (i % 3 > 0) journal.append(new Uint8Array(i));
      await journal.commit();
      answered.push(i);
    });
    await Promise.all(commits);
    expect(answered).toEqual(answered.toSorted((a, b) => a - b));
  });

  test('JRN-26: read answers for what is kept and what is about to be, and for nothing else', async () => {
    const place = make();
    const owner = recorder();
    await using journal = await place.open(owner, { segmentBytes: 100 });
    const kept = journal.append(bytesOf('kept'));
    const second = journal.append(bytesOf('second'));
    await journal.commit();
    const waiting = journal.append(bytesOf('waiting'));
    expect(textOf(await journal.read(kept))).toBe('kept');
    expect(textOf(await journal.read(second))).toBe('second');
    expect(textOf(await journal.read(waiting))).toBe('waiting');
    for (const foreign of [0, kept + 1, kept - 1, waiting + 1, 7 * 2 ** 32, -1, 0.5, Number.NaN]) {
      await expect((async () => await journal.read(foreign))()).rejects.toThrow(RangeError);
    }
  });

  test('JRN-34: close answers commits first, ends everything, and again does nothing', async () => {
    const place = make();
    const journal = await place.open(recorder());
    const answered: string[] = [];
    journal.append(bytesOf('a'));
    const commit = Promise.resolve(journal.commit()).then(() => answered.push('commit'));
    const close = journal.close().then(() => answered.push('close'));
    expect(() => journal.append(bytesOf('b'))).toThrow(JournalClosed);
    expect(() => journal.commit()).toThrow(JournalClosed);
    expect(() => journal.read(0)).toThrow(JournalClosed);
    expect(() => journal.compact()).toThrow(JournalClosed);
    await Promise.all([commit, close]);
    await journal.close();
    expect(answered).toEqual(['commit', 'close']);
    const owner = recorder();
    await using _again = await place.open(owner);
    expect(owner.texts).toEqual(['a']);
  });
});

test('JRN-04: what was not committed is not replayed after a crash', () => {
  const disk = memoryDisk();
  const journal = openJournal('data', recorder(), { disk }) as Journal;
  journal.append(bytesOf('a'));
  journal.commit();
  journal.append(bytesOf('b'));
  disk.crash();
  const owner = recorder();
  openJournal('data', owner, { disk });
  expect(owner.texts).toEqual(['a']);
});

test('JRN-33: on a memoryDisk nothing but close answers with a promise', () => {
  const disk = memoryDisk();
  const opened = openJournal('data', recorder(), { disk });
  expect(opened).not.toBeInstanceOf(Promise);
  const journal = opened as Journal;
  const at = journal.append(bytesOf('a'));
  expect(journal.read(at)).toEqual(bytesOf('a'));
  expect(journal.commit()).toBe(undefined);
  expect(journal.commit('os')).toBe(undefined);
  expect(journal.read(at)).toEqual(bytesOf('a'));
  expect(journal.release(at)).toBe(undefined);
  expect(journal.compact()).not.toBeInstanceOf(Promise);
  expect(journal.close()).toBeInstanceOf(Promise);
});

test('JRN-01: a relative folder stays where it was when its process goes elsewhere', async () => {
  const [here, elsewhere] = [temporaryFolder(), temporaryFolder()];
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(here);
  const opening = openJournal('data', recorder());
  process.chdir(elsewhere);
  const journal = await opening;
  journal.append(bytesOf('a'));
  await journal.commit();
  await journal.close();
  expect(fs.readdirSync(elsewhere)).toEqual([]);
  expect(fs.existsSync(join(here, 'data', '0000000001.log'))).toBe(true);
});
