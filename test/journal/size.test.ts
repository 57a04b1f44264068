/** Many entries, large ones, and what they cost in memory. */

import { type Journal, openJournal } from '@beamish/journal';
import { memoryDisk } from '@beamish/journal/testing';
import { generator } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { heapInUse } from '../support/heap.ts';
import { lateDisk } from './support/late-disk.ts';
import { hostPlace, PLACES } from './support/places.ts';
import { recorder } from './support/recorder.ts';

const LARGEST = 256 * 1024 * 1024;
/** On a busy machine. */
const LONG = { timeout: 120_000 };

describe.each(PLACES)('%s', (_, make) => {
  test(
    'JRN-02: ten thousand entries of 0 to 100,000 bytes come back, each once and in order',
    LONG,
    async () => {
      const sizes = sizesFrom(1);
      const place = make();
      const journal = await place.open(recorder());
      for (const [i, size] of sizes.entries()) {
        journal.append(content(i, size));
        if (size % 7 === 0) void journal.commit();
        if (size % 11 === 0) await journal.commit();
      }
      await journal.close();
      let next = 0;
      const owner = recorder();
      owner.replay = ({ bytes, isCopy }) => {
        if (isCopy || !isSame(bytes, content(next, sizes[next] as number))) {
          expect.fail(`Entry ${next} is not what was appended`);
        }
        next++;
      };
      await (await place.open(owner)).close();
      expect(next).toBe(sizes.length);
      expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([0, 100_000]);
    },
  );

  test('JRN-09: an entry of 256 MiB is kept, and one of a byte more refused', LONG, async () => {
    const place = make();
    const journal = await place.open(recorder());
    const before = journal.append(content(1, 10));
    const largest = new Uint8Array(LARGEST);
    largest[LARGEST - 1] = 7;
    const at = journal.append(largest);
    expect(() => journal.append(new Uint8Array(LARGEST + 1))).toThrow(RangeError);
    const after = journal.append(content(2, 10));
    await journal.commit();
    expect(await journal.read(before)).toEqual(content(1, 10));
    expect(await journal.read(after)).toEqual(content(2, 10));
    expect(lastOf(await journal.read(at))).toEqual([LARGEST, 7]);
    await journal.close();
    const found: unknown[] = [];
    const owner = recorder();
    owner.replay = ({ bytes }) => found.push(lastOf(bytes));
    await (await place.open(owner)).close();
    expect(found).toEqual([lastOf(content(1, 10)), [LARGEST, 7], lastOf(content(2, 10))]);
  });
});

test('JRN-26: what was read does not stay in memory when it is large', LONG, async () => {
  const place = hostPlace();
  const journal = await place.open(recorder());
  const size = 64 * 1024 * 1024;
  const at = journal.append(new Uint8Array(size));
  await journal.commit();
  const before = await inUse();
  expect((await journal.read(at)).length).toBe(size);
  expect((await inUse()) - before).toBeLessThan(size / 4);
  await journal.close();
});

test('JRN-37: a hundred who wait each for their own are more than 30,000 to a second of the processor, the disk apart', async () => {
  const disk = lateDisk(() => false);
  // It answers later, but takes no time.
  const { write, sync } = disk;
  disk.write = async (...args) => write(...args);
  disk.sync = async (file) => sync(file);
  const journal = (await openJournal('data', recorder(), { disk })) as Journal;
  const bytes = new Uint8Array(100);
  let most = 0;
  for (let round = 0; round < 5; round++) {
    const began = process.cpuUsage();
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        for (let i = 0; i < 100; i++) {
          journal.append(bytes);
          await journal.commit();
        }
      }),
    );
    const { user, system } = process.cpuUsage(began);
    most = Math.max(most, (10_000 / (user + system)) * 1e6);
  }
  expect(most).toBeGreaterThan(30_000);
  await journal.close();
});

describe('a million entries of 100 bytes', () => {
  async function written(place = hostPlace()) {
    const journal = await place.open(recorder());
    const bytes = new Uint8Array(100);
    for (let i = 0; i < 1_000_000; i++) {
      journal.append(bytes);
      if (i % 1000 === 0) await journal.commit('os');
    }
    await journal.close();
    return place;
  }

  // How long it takes, `test/bench/journal.ts` tells.
  test('JRN-38: are replayed, and need less than 10 MB', LONG, async () => {
    const place = await written();
    let count = 0;
    const owner = recorder();
    owner.replay = () => {
      count++;
    };
    const before = await inUse();
    const journal = await place.open(owner);
    expect((await inUse()) - before).toBeLessThan(10_000_000);
    expect(count).toBe(1_000_000);
    await journal.close();
  });

  test('JRN-39: are appended in less than a microsecond each, without their commits', async () => {
    const journal = openJournal('data', recorder(), { disk: memoryDisk() }) as Journal;
    const bytes = new Uint8Array(100);
    let shortest = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 100; round++) {
      const begin = performance.now();
      for (let i = 0; i < 10_000; i++) journal.append(bytes);
      shortest = Math.min(shortest, performance.now() - begin);
      journal.commit('os');
    }
    expect(shortest / 10_000).toBeLessThan(0.001);
  });
});

async function inUse(): Promise<number> {
  return (await heapInUse()) + process.memoryUsage().arrayBuffers;
}

/** Few are long, so that all of them are not too much. */
function sizesFrom(seed: number): number[] {
  const random = generator(seed);
  const sizes = Array.from({ length: 9_998 }, () => Math.floor(random() ** 8 * 100_001));
  return [0, ...sizes, 100_000];
}

function content(number: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size).fill(number % 251);
  bytes.set(Uint8Array.of(number, number >> 8, number >> 16).subarray(0, size));
  return bytes;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function lastOf(bytes: Uint8Array): [number, number | undefined] {
  return [bytes.length, bytes.at(-1)];
}
