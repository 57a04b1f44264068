/** What was written of a run, and shown again. */

import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Observer,
  observe,
  openRecording,
  RecordingRefused,
  servePage,
  toMermaid,
} from '@beamish/observer';
import { name } from 'beamish';
import { testSystem } from 'beamish/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fragiles, type Letter, pair, sorter } from './programs.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'beamish-recording-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function fragileRun(
  file: string,
): Promise<{ observer: Observer; before: number; live: unknown }> {
  const system = testSystem();
  const observer = observe(system, { messages: 'always' });
  const recorder = await observer.record(file);
  await fragiles(system);
  await wait(400);
  const before = Date.now();
  await wait(300);
  system.send(name<Letter>('a'), { tag: 'go' });
  await system.settle();
  await wait(1400);
  const live = {
    tree: toMermaid(await observer.tree()),
    crashes: observer
      .crashes()
      .map(({ count, fingerprint, latest }) => [
        count,
        fingerprint,
        latest.chain.map(({ tag }) => tag),
        latest.restart?.decision,
      ]),
    tags: (await observer.sequence()).messages.map(({ tag, fate }) => `${tag} ${fate}`),
  };
  await recorder.close();
  expect(recorder.bytes).toBe((await stat(file)).size);
  await observer.close();
  return { observer, before, live };
}

test('OBS-99 a recording shows what was seen live, and any moment of it; SEC-28 only its owner can read it', async () => {
  const file = join(folder, 'fragile.ndjson');
  const { before, live } = await fragileRun(file);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await using recording = await openRecording(file);
  expect(recording.complete).toBe(true);
  const seen = {
    tree: toMermaid(await recording.tree()),
    crashes: recording
      .crashes()
      .map(({ count, fingerprint, latest }) => [
        count,
        fingerprint,
        latest.chain.map(({ tag }) => tag),
        latest.restart?.decision,
      ]),
    tags: (await recording.sequence()).messages.map(({ tag, fate }) => `${tag} ${fate}`),
  };
  expect(seen).toEqual(live);
  const [fragileNow] = await recording.actors({ text: 'fragile' });
  await recording.seek(before);
  expect(recording.crashes()).toEqual([]);
  const [fragileThen] = await recording.actors({ text: 'fragile' });
  expect([fragileThen?.status, fragileThen?.pid.serial]).toEqual(['waiting', 2]);
  expect(fragileNow?.pid.serial).toBe(4);
  await recording.seek(recording.until);
  expect(recording.crashes()).toHaveLength(1);
}, 20_000);

test.each([
  ['nothing of what messages carry', {}, false],
  ['what is allowed of it, without secrets', { payloads: {} }, true],
] as const)(
  'SEC-28 a recording has %s',
  async (_, options, isKept) => {
    const file = join(folder, `payloads-${isKept}.ndjson`);
    const system = testSystem();
    await using observer = observe(system, { messages: 'always', ...options });
    const recorder = await observer.record(file);
    const pid = await sorter(system);
    system.send(pid, { tag: 'b', fine: 'f1ne', password: 'hunter2' } as never);
    await system.settle();
    await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toContain('"messages"'), {
      timeout: 10_000,
    });
    await recorder.close();
    const text = await readFile(file, 'utf8');
    expect([text.includes('f1ne'), text.includes('hunter2')]).toEqual([isKept, false]);
  },
  20_000,
);

test('OBS-100 what a program wrote that died in the middle opens up to its last whole line', async () => {
  const file = join(folder, 'killed.ndjson');
  await fragileRun(file);
  const text = await readFile(file, 'utf8');
  await truncate(file, text.length - 70);
  await using recording = await openRecording(file);
  expect(recording.complete).toBe(false);
  expect((await recording.actors()).length).toBeGreaterThan(0);
}, 20_000);

describe('OBS-101 what is no recording is refused, with what was found', () => {
  test.each([
    ['no_recording', 'no JSON at all\n', 1],
    ['no_recording', '', 1],
    ['no_recording', '{"v":1,"kind":"frame","at":1}\n', 1],
    ['later_version', '{"v":2,"kind":"hello","at":1}\n', 1],
    [
      'damaged',
      '{"v":1,"kind":"hello","at":1,"program":{"name":"x"}}\nbroken\n{"v":1,"kind":"end","at":2}\n',
      2,
    ],
  ] as const)('%s', async (reason, text, line) => {
    const file = join(folder, `refused-${Math.random()}`);
    await writeFile(file, text);
    const refused = await openRecording(file).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RecordingRefused);
    expect(refused).toMatchObject({ reason, file, line });
  });
});

test('OBS-102 of more than its bytes, two files are left, and the newer one opens by itself', async () => {
  const file = join(folder, 'long.ndjson');
  const system = testSystem();
  await using observer = observe(system);
  const recorder = await observer.record(file, { bytes: 30_000, messages: false });
  await pair(system);
  for (let i = 0; i < 14; i++) {
    for (let k = 0; k < 30; k++) system.spawn(function* brief() {});
    system.spawn(function* (self) {
      yield* self.receive('$never' as never);
    });
    await system.settle();
    for (let k = 0; k < 3; k++) system.send(name(`nobody-${i}-${k}`), { tag: 'x' } as never);
    await wait(280);
  }
  await recorder.close();
  const files = (await readdir(folder)).filter((its) => its.startsWith('long.ndjson')).sort();
  expect(files).toEqual(['long.ndjson', 'long.ndjson.1']);
  for (const its of files) {
    await using recording = await openRecording(join(folder, its));
    expect((await recording.actors()).length).toBeGreaterThanOrEqual(3);
  }
  system.deadLetters();
}, 30_000);

test('OBS-103 a disk that is full ends the recording, once told, and not the program', async () => {
  const system = testSystem();
  await using observer = observe(system);
  const told: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = ((text: string) => told.push(text) > 0) as never;
  const recorder = await observer.record('/dev/full');
  await wait(700);
  process.stderr.write = write;
  expect(told.filter((line) => line.includes('recording'))).toEqual([
    expect.stringContaining('/dev/full ends here'),
  ]);
  expect(recorder.failed).toMatchObject({ code: 'ENOSPC' });
  await pair(system);
  expect(await observer.actors()).toHaveLength(3);
  await recorder.close();
});

test('OBS-129 the page of a recording is the same one, without control', async () => {
  const file = join(folder, 'page.ndjson');
  await fragileRun(file);
  await using recording = await openRecording(file);
  await using page = await servePage(recording);
  const response = await fetch(`http://127.0.0.1:${page.port}/events`, {
    headers: { authorization: `Bearer ${page.token}` },
  });
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  const hello = JSON.parse(
    new TextDecoder().decode(value).split('\n')[0]?.slice('data: '.length) ?? '',
  );
  expect(hello).toMatchObject({
    kind: 'hello',
    control: false,
    recorded: { from: recording.from, until: recording.until },
  });
  await reader?.cancel();
}, 20_000);
