/** Files that earlier versions have written: they are read by every later one. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FORMAT, written } from './fixtures/written.ts';
import { PLACES, type Place } from './support/places.ts';
import { type Recorder, recorder } from './support/recorder.ts';

function kept(version: string, state: 'plain' | 'compacted'): Map<string, Uint8Array> {
  const folder = new URL(`fixtures/${version}/${state}/`, import.meta.url);
  const names = readdirSync(folder).sort();
  return new Map(names.map((name) => [name, new Uint8Array(readFileSync(new URL(name, folder)))]));
}

async function replayed(place: Place, files: ReadonlyMap<string, Uint8Array>): Promise<Recorder> {
  for (const [name, bytes] of files) place.put(name, bytes);
  const owner = recorder(undefined, FORMAT);
  await using journal = await place.open(owner);
  for (const { at, bytes } of owner.entries) expect(await journal.read(at)).toEqual(bytes);
  expect(owner.events).toEqual([]);
  expect(owner.versions).toEqual(owner.entries.map(() => 7));
  return owner;
}

describe.each(PLACES)('%s', (_, make) => {
  test('JRN-36: files of version 1 are read', async () => {
    const owner = await replayed(make(), kept('version-1', 'plain'));
    const dead = 'dead'.repeat(30);
    const texts = ['live 1', '', 'live 3', 'dead 4', 'live 5 é', dead, 'live 7'];
    expect(owner.texts).toEqual(texts);
    expect(owner.entries.map(({ isCopy }) => isCopy)).toEqual(texts.map(() => false));
  });

  test('JRN-36: files of version 1 that were compacted are read', async () => {
    const owner = await replayed(make(), kept('version-1', 'compacted'));
    expect(owner.texts.slice(0, -1)).toEqual(['live 7', 'live 1', 'live 3', 'live 5 é']);
    expect(owner.entries.at(-1)?.bytes).toEqual(Uint8Array.from({ length: 256 }, (_each, i) => i));
    expect(owner.entries.map(({ isCopy }) => isCopy)).toEqual([false, true, true, true, false]);
  });
});

test('JRN-36: this version writes what version 1 has written, byte by byte', () => {
  const { plain, compacted } = written();
  expect(plain).toEqual(kept('version-1', 'plain'));
  expect(compacted).toEqual(kept('version-1', 'compacted'));
  expect(plain.size).toBeGreaterThan(1);
});
