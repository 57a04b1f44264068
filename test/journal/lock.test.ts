/** Who has a folder, of journals in one process and in several. */

import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { JournalLocked, openJournal } from '@beamish/journal';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hostPlace, memoryPlace, PLACES, temporaryFolder } from './support/places.ts';
import { exitOf, messageOf, started } from './support/program.ts';
import { bytesOf, recorder } from './support/recorder.ts';

interface Told {
  readonly opened: boolean;
  readonly isLocked?: boolean;
  readonly pid?: number;
}

async function opener(folder: string): Promise<ChildProcess> {
  const child = started('opener', folder);
  onTestFinished(() => void child.kill());
  await messageOf(child);
  return child;
}

async function asked(child: ChildProcess, what: 'open' | 'close'): Promise<Told> {
  const told = messageOf<Told>(child);
  child.send(what);
  return await told;
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = exitOf(child);
  child.kill('SIGKILL');
  await exit;
}

async function errorOf(opening: Promise<unknown>): Promise<unknown> {
  return await opening.then(
    () => 'It opened',
    (error: unknown) => error,
  );
}

describe.each(PLACES)('%s', (_, make) => {
  test('JRN-16: a second journal of one process is refused, until the first is closed', async () => {
    const place = make();
    const first = await place.open(recorder());
    const error = await errorOf(place.open(recorder()));
    expect(error).toBeInstanceOf(JournalLocked);
    const pid = place.isQuick ? undefined : process.pid;
    expect(error).toMatchObject({ folder: place.folder, pid });
    await first.close();
    const second = await place.open(recorder());
    // Whoever had it cannot free it again.
    await first.close();
    expect(await errorOf(place.open(recorder()))).toBeInstanceOf(JournalLocked);
    await second.close();
  });

  test('JRN-16: one that failed to open has not got the folder', async () => {
    const place = make();
    place.put('0000000001.log', bytesOf('A text'));
    expect(await errorOf(place.open(recorder()))).toMatchObject({ name: 'JournalRefused' });
    place.remove('0000000001.log');
    await (await place.open(recorder())).close();
  });

  test('JRN-16: what replay throws, opening throws, and the folder is free', async () => {
    const place = make();
    const first = await place.open(recorder());
    first.append(bytesOf('a'));
    await first.close();
    const owner = recorder();
    const error = new Error('It cannot be read');
    owner.replay = () => {
      throw error;
    };
    expect(await errorOf(place.open(owner))).toBe(error);
    await (await place.open(recorder())).close();
  });
});

test('JRN-16: a machine that comes back holds no lock', async () => {
  const place = memoryPlace();
  await place.open(recorder());
  expect(await errorOf(place.open(recorder()))).toBeInstanceOf(JournalLocked);
  place.memory.crash();
  await (await place.open(recorder())).close();
});

test('JRN-16: of two processes the second is refused with the pid of the first, until it is closed', async () => {
  const folder = temporaryFolder();
  const [a, b] = [await opener(folder), await opener(folder)];
  expect(await asked(a, 'open')).toEqual({ opened: true });
  expect(await asked(b, 'open')).toMatchObject({ opened: false, isLocked: true, pid: a.pid });
  const error = await errorOf(Promise.resolve(openJournal(folder, recorder())));
  expect(error).toMatchObject({ name: 'JournalLocked', pid: a.pid });
  expect((error as Error).message).toContain(`process ${a.pid}`);
  await asked(a, 'close');
  expect(await asked(b, 'open')).toEqual({ opened: true });
});

test('JRN-16: a folder whose process was killed opens at once, and has nothing of it left', async () => {
  const folder = temporaryFolder();
  const child = await opener(folder);
  expect(await asked(child, 'open')).toEqual({ opened: true });
  await killed(child);
  const journal = await openJournal(folder, recorder());
  await journal.close();
  expect(fs.readdirSync(folder)).toEqual([]);
});

test('JRN-16: one whose process was stopped is still its own', async () => {
  const folder = temporaryFolder();
  const child = await opener(folder);
  expect(await asked(child, 'open')).toEqual({ opened: true });
  child.kill('SIGSTOP');
  const error = await errorOf(Promise.resolve(openJournal(folder, recorder())));
  expect(error).toMatchObject({ name: 'JournalLocked', pid: child.pid });
  child.kill('SIGCONT');
  await asked(child, 'close');
  await (await openJournal(folder, recorder())).close();
});

test('JRN-16: so it is in a folder with a long path', async () => {
  const folder = join(temporaryFolder(), 'long'.repeat(30), 'path'.repeat(30));
  const child = await opener(folder);
  expect(await asked(child, 'open')).toEqual({ opened: true });
  const error = await errorOf(Promise.resolve(openJournal(folder, recorder())));
  expect(error).toMatchObject({ name: 'JournalLocked', pid: child.pid });
  await killed(child);
  await (await openJournal(folder, recorder())).close();
  expect(fs.readdirSync(folder)).toEqual([]);
});

test.each([
  ['whose pid another process has now', { pid: process.ppid, socket: 'lock-gone' }],
  ['whose pid is this one', { pid: process.pid, socket: 'lock-gone' }],
  ['whose socket nobody listens on', { pid: 1, socket: '0000000001.log' }],
])('JRN-17: a lock of a dead process %s is none', async (_, content) => {
  const place = hostPlace();
  const first = await place.open(recorder());
  first.append(bytesOf('a'));
  await first.close();
  place.put('lock', bytesOf(JSON.stringify(content)));
  const before = place.files();
  expect([...before.keys()]).toEqual(['0000000001.log']);
  const owner = recorder();
  await using journal = await place.open(owner);
  expect(owner.texts).toEqual(['a']);
  expect(place.files()).toEqual(before);
  expect(await errorOf(place.open(recorder()))).toMatchObject({ pid: process.pid });
  expect(journal.folder).toBe(place.folder);
});

test.each(['', 'Hello', '{}', '{"pid":"1"}', 'null', '{"pid":1,"socket":2}'])(
  'JRN-17: a lock with the content %j, as the machine may have left it, is none',
  async (content) => {
    const place = hostPlace();
    place.put('lock', bytesOf(content));
    const journal = await place.open(recorder());
    expect(await errorOf(place.open(recorder()))).toBeInstanceOf(JournalLocked);
    await journal.close();
  },
);

test('JRN-17: what a process has left that was killed while it took the place of a dead one', async () => {
  const folder = temporaryFolder();
  fs.writeFileSync(join(folder, 'lock'), 'dead');
  // The right to remove it, and the right to remove that.
  const probe = await openJournal(folder, recorder());
  await probe.close();
  const { right } = await import('../../packages/journal/src/host-lock.ts');
  const first = right(join(folder, 'lock'), 'dead');
  fs.writeFileSync(join(folder, 'lock'), 'dead');
  fs.writeFileSync(first, 'dead, too');
  fs.writeFileSync(right(first, 'dead, too'), 'and this one');
  const journal = await openJournal(folder, recorder());
  await journal.close();
  expect(fs.readdirSync(folder)).toEqual([]);
});

test('JRN-18: of ten processes that open one folder at once, one has it each time', async () => {
  const folder = temporaryFolder();
  const children = await Promise.all(Array.from({ length: 10 }, () => opener(folder)));
  for (let round = 0; round < 100; round++) {
    // Of every second round the last one has been killed.
    if (round % 2 === 1) fs.writeFileSync(join(folder, 'lock'), `dead ${round}`);
    const told = await Promise.all(children.map((child) => asked(child, 'open')));
    const holders = told.filter(({ opened }) => opened);
    expect(holders).toHaveLength(1);
    const holder = children[told.findIndex(({ opened }) => opened)] as ChildProcess;
    for (const { opened, isLocked } of told) expect(opened || isLocked).toBe(true);
    await asked(holder, 'close');
  }
  expect(fs.readdirSync(folder)).toEqual([]);
});

test('JRN-35: a journal that is open and idle has no timer, and does not keep its program', async () => {
  const child = started('idle', temporaryFolder());
  const exit = exitOf(child);
  const resources = await messageOf<string[]>(child);
  expect(resources).not.toContain('Timeout');
  expect(await exit).toBe(0);
});
