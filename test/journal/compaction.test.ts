/** Compaction: what is live is moved, and what is dead goes. */

import { type Journal, JournalFailed, openJournal } from '@beamish/journal';
import { memoryDisk } from '@beamish/journal/testing';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { lateDisk } from './support/late-disk.ts';
import { MapModel } from './support/map-model.ts';
import { MapOwner } from './support/map-owner.ts';
import { hostPlace, memoryPlace, PLACES } from './support/places.ts';
import { PlainMap } from './support/plain-map.ts';
import { bytesOf, recorder, textOf } from './support/recorder.ts';
import { REMAINDERS, Stopped, stoppingDisk } from './support/stopping-disk.ts';

/** `BEAMISH_RUNS=100000 npm test -- compaction` takes longer and sees more. */
const RUNS = Number(process.env['BEAMISH_RUNS'] ?? 10_000);

describe.each(PLACES)('%s', (_, make) => {
  test('JRN-27: of a million entries, a thousand are live: no more is left than they need', async () => {
    const place = make();
    const live = new Map<number, number>();
    const moves: number[] = [];
    const owner = recorder(({ bytes, at }) => live.get(numberOf(bytes)) === at);
    owner.moved = ({ bytes }, to) => {
      live.set(numberOf(bytes), to);
      moves.push(numberOf(bytes));
    };
    const segmentBytes = 4 * 1024 * 1024;
    const journal = await place.open(owner, { segmentBytes });
    const bytes = new Uint8Array(24);
    const dead: number[] = [];
    for (let i = 0; i < 1_000_000; i++) {
      new DataView(bytes.buffer).setUint32(0, i, true);
      const at = journal.append(bytes);
      if (i % 1000 === 0) live.set(i, at);
      else dead.push(at);
      if (i % 10_000 === 9999) await journal.commit('os');
    }
    expect(journal.bytes.all).toBeGreaterThan(6 * segmentBytes);
    for (const at of dead) journal.release(at);
    const { copied, freedBytes } = await journal.compact();
    expect(copied).toBe(1000);
    expect(freedBytes).toBeGreaterThan(6 * segmentBytes);
    expect(place.files().size).toBeLessThanOrEqual(3);
    expect(moves).toEqual([...live.keys()]);
    expect(owner.events).toEqual([
      { kind: 'compacted', segments: expect.any(Number), copied: 1000, freedBytes },
    ]);
    await journal.close();
    const found = new Map<number, number>();
    const again = recorder();
    again.replay = (entry) => found.set(numberOf(entry.bytes), entry.at);
    await (await place.open(again)).close();
    expect(found).toEqual(live);
  });

  test('what was moved is not there any more, also before its segment is gone', async () => {
    const place = make();
    const live = new Map<number, number>();
    const old: number[] = [];
    const owner = recorder(({ bytes, at }) => live.get(numberOf(bytes)) === at);
    owner.moved = ({ bytes, at }, to) => {
      live.set(numberOf(bytes), to);
      old.push(at);
    };
    const journal = await place.open(owner, { segmentBytes: 1024 * 1024 });
    let readable = 0;
    for (let i = 0; i < 10_000; i++) {
      const bytes = new Uint8Array(1000);
      new DataView(bytes.buffer).setUint32(0, i, true);
      const at = journal.append(bytes);
      if (i % 10 === 0) live.set(i, at);
      else journal.release(at);
      if (i % 50 !== 49) continue;
      await journal.commit('os');
      const last = old.at(-1);
      if (last === undefined) continue;
      const answer = await Promise.resolve()
        .then(() => journal.read(last))
        .catch((error: unknown) => error);
      if (!(answer instanceof RangeError)) readable++;
    }
    expect(old.length).toBeGreaterThan(100);
    expect(readable).toBe(0);
    await journal.close();
  });

  test('JRN-29: what stays for ever does not keep what comes and goes', async () => {
    const place = make();
    const live = new Map<number, number>();
    const owner = recorder(({ bytes, at }) => live.get(numberOf(bytes)) === at);
    owner.moved = ({ bytes }, to) => live.set(numberOf(bytes), to);
    const journal = await place.open(owner, { segmentBytes: 2000 });
    const size = 100;
    const [stays, window, rounds] = [1, 200, place.isQuick ? 20_000 : 2000];
    for (let i = 0; i < rounds; i++) {
      const bytes = new Uint8Array(size);
      new DataView(bytes.buffer).setUint32(0, i, true);
      live.set(i, journal.append(bytes));
      const old = i < stays + window ? undefined : live.get(i - window);
      if (old !== undefined) {
        live.delete(i - window);
        journal.release(old);
      }
      await journal.commit('os');
      if (i <= window) continue;
      const most = 4 * live.size * (5 + size);
      // On a real disk a step may be under way still: its end is what counts.
      if (!place.isQuick && journal.bytes.all > most)
        await vi.waitFor(() => expect(journal.bytes.all).toBeLessThanOrEqual(most), {
          timeout: 25_000,
        });
      expect(journal.bytes.all).toBeLessThanOrEqual(most);
    }
    expect(live.get(0)).toBeGreaterThan(2 ** 33);
    await journal.close();
    expect(journal.bytes.all).toBe(sizeOf(place.files()));
  });

  test('JRN-30: what is appended, committed and released while it compacts is there', async () => {
    const place = make();
    const live = new Map<number, number>();
    const owner = recorder(({ bytes, at }) => live.get(numberOf(bytes)) === at);
    owner.moved = ({ bytes }, to) => live.set(numberOf(bytes), to);
    const journal = await place.open(owner, { segmentBytes: 100_000 });
    let last = 0;
    function append(): void {
      const bytes = new Uint8Array(4 + ((last * 7919) % 1000));
      new DataView(bytes.buffer).setUint32(0, last, true);
      live.set(last, journal.append(bytes));
      last++;
    }
    function release(i: number): void {
      const at = live.get(i);
      if (at === undefined || !live.delete(i)) return;
      journal.release(at);
    }
    for (let i = 0; i < 2000; i++) append();
    await journal.commit();
    for (let i = 0; i < 2000; i++) if (i % 3 > 0) release(i);
    let isCompacting = true;
    const compaction = Promise.resolve(journal.compact()).then((done) => {
      isCompacting = false;
      return done;
    });
    let commits = 0;
    do {
      for (let i = 0; i < 20; i++) append();
      release(last - 10);
      release(commits * 3);
      await journal.commit();
      commits++;
    } while (isCompacting);
    expect((await compaction).copied).toBeGreaterThan(100);
    if (!place.isQuick) expect(commits).toBeGreaterThan(3);
    await journal.close();
    const found = new Map<number, number>();
    const again = recorder();
    again.replay = ({ bytes, at }) => found.set(numberOf(bytes), at);
    await (await place.open(again)).close();
    for (const [i, at] of live) expect(found.get(i)).toBe(at);
  });

  test('JRN-26: what was moved is read where it is now, and not where it was', async () => {
    const place = make();
    const owner = recorder();
    const journal = await place.open(owner, { segmentBytes: 100 });
    const texts = ['one', 'two', 'three', 'four', 'five', 'six'];
    const positions = texts.map((text) => journal.append(bytesOf(text)));
    await journal.commit();
    // Two of six, so that it is worth it.
    for (const at of positions.slice(1, 5)) journal.release(at);
    await journal.compact();
    expect(owner.moves.length).toBeGreaterThan(0);
    for (const { from, to } of owner.moves) {
      expect(textOf(await journal.read(to))).toBe(texts[positions.indexOf(from)]);
      await expect((async () => await journal.read(from))()).rejects.toThrow(RangeError);
    }
    await journal.close();
  });

  test('JRN-31: an owner that never releases, or releases twice and wrongly, loses nothing', async () => {
    for (const releases of [0, 1, 2, 5]) {
      const place = make();
      const owner = recorder();
      const journal = await place.open(owner, { segmentBytes: 200 });
      const texts = Array.from({ length: 60 }, (_each, i) => `entry ${i}`);
      for (const text of texts) {
        const at = journal.append(bytesOf(text));
        for (let i = 0; i < releases; i++) journal.release(at + (i === 4 ? 1 : 0));
        await journal.commit();
      }
      for (const wrong of [-1, 0, 1.5, Number.NaN, 99 * 2 ** 32]) journal.release(wrong);
      await journal.compact();
      expect(journal.bytes.live).toBeGreaterThanOrEqual(0);
      await journal.close();
      const again = recorder();
      await (await place.open(again)).close();
      expect(new Set(again.texts)).toEqual(new Set(texts));
    }
  });
});

function sizeOf(files: ReadonlyMap<string, Uint8Array>): number {
  return [...files.values()].reduce((sum, { length }) => sum + length, 0);
}

function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

test('JRN-30: a commit waits for no more of a compaction than one piece of it', async () => {
  const place = hostPlace();
  let judged = 0;
  const live = new Map<number, number>();
  const owner = recorder(({ bytes, at }) => {
    judged++;
    return live.get(numberOf(bytes)) === at;
  });
  owner.moved = ({ bytes }, to) => live.set(numberOf(bytes), to);
  const journal = await place.open(owner, { segmentBytes: 4 * 1024 * 1024 });
  const bytes = new Uint8Array(95);
  for (let i = 0; i < 100_000; i++) {
    new DataView(bytes.buffer).setUint32(0, i, true);
    const at = journal.append(bytes);
    if (i % 4 === 0) live.set(i, at);
    else journal.release(at);
  }
  await journal.commit();
  let isCompacting = true;
  const compaction = Promise.resolve(journal.compact()).then(() => {
    isCompacting = false;
  });
  const most = (256 + 128) * 1024;
  let commits = 0;
  while (isCompacting) {
    const before = judged;
    journal.append(bytes);
    await journal.commit();
    commits++;
    // Each live one is judged once more when its copy is kept.
    expect((judged - before) * 100).toBeLessThanOrEqual(2 * 1.25 * most);
  }
  expect(commits).toBeGreaterThan(10);
  await compaction;
  await journal.close();
});

test('what isLive throws, compact throws, and the segment stays', async () => {
  const place = memoryPlace();
  const owner = recorder();
  const journal = await place.open(owner);
  const positions = ['one', 'two', 'three'].map((text) => journal.append(bytesOf(text)));
  journal.commit();
  for (const at of positions) journal.release(at);
  const error = new Error('Who knows');
  owner.isLive = () => {
    throw error;
  };
  expect(() => journal.compact()).toThrow(error);
  owner.isLive = () => true;
  expect(journal.compact()).toMatchObject({ copied: 3 });
});

test('compaction that finds damage tells of it, and leaves what is there', async () => {
  const place = memoryPlace();
  const owner = recorder(() => false);
  const journal = await place.open(owner, { segmentBytes: 100 });
  const positions: number[] = [];
  for (let i = 0; i < 3; i++) {
    positions.push(journal.append(bytesOf(`entry ${i}`)));
    journal.commit();
  }
  const file = `${place.folder}/0000000001.log`;
  place.memory.flip(file, 40);
  for (const at of positions) journal.release(at);
  for (let i = 3; i < 9; i++) {
    journal.release(journal.append(bytesOf(`entry ${i}`)));
    journal.commit();
  }
  expect(owner.events).toEqual([{ kind: 'damaged', file, offset: 34, bytesSkipped: 0 }]);
  expect(() => journal.compact()).toThrow('does not check');
  expect(() => journal.read(positions[0] as number)).toThrow('does not check');
  expect(place.memory.files.has(file)).toBe(true);
});

test('nothing is compacted between a failure and the next commit that is kept', async () => {
  const place = memoryPlace();
  let judged = 0;
  const owner = recorder(() => {
    judged++;
    return false;
  });
  const journal = await place.open(owner, { segmentBytes: 1 });
  function append(): boolean {
    journal.release(journal.append(bytesOf('entry')));
    try {
      journal.commit();
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(JournalFailed);
      return false;
    }
  }
  for (let i = 0; i < 4; i++) expect(append()).toBe(true);
  expect(judged).toBeGreaterThan(0);
  const before = judged;
  place.memory.fail('ENOSPC');
  for (let i = 0; i < 4; i++) expect(append()).toBe(false);
  expect(() => journal.compact()).toThrow(JournalFailed);
  expect(judged).toBe(before);
  place.memory.fail('nothing');
  expect(append()).toBe(true);
  expect(append()).toBe(true);
  expect(judged).toBeGreaterThan(before);
});

test('what is dead at last while the disk fails is not even read before the next commit that is kept', async () => {
  const place = memoryPlace();
  const journal = await place.open(
    recorder(() => false),
    { segmentBytes: 1 },
  );
  const positions = Array.from({ length: 6 }, (_each, i) => {
    const at = journal.append(bytesOf(`entry ${i}`));
    journal.commit();
    return at;
  });
  const read = vi.spyOn(place.memory, 'read');
  const fails = (): void => {
    journal.append(bytesOf('refused'));
    expect(() => journal.commit()).toThrow(JournalFailed);
  };
  place.memory.fail('ENOSPC');
  fails();
  for (const at of positions) journal.release(at);
  for (let i = 0; i < 3; i++) fails();
  expect(read).not.toHaveBeenCalled();
  place.memory.fail('nothing');
  for (let i = 0; i < 2; i++) {
    journal.release(journal.append(bytesOf('kept')));
    journal.commit();
  }
  expect(read).toHaveBeenCalled();
});

test('compaction deals with what was there when it was asked for, not with its own copies', async () => {
  const place = memoryPlace();
  const judged: number[] = [];
  const copies: number[] = [];
  const owner = recorder(({ at }) => {
    judged.push(at);
    return !released.includes(at);
  });
  // So that there would be as much to do with the copies, over and over.
  owner.moved = (_entry, to) => {
    copies.push(to);
    release(to);
  };
  const journal = await place.open(owner, { segmentBytes: 1 });
  const released: number[] = [];
  const release = (at: number): void => {
    released.push(at);
    journal.release(at);
  };
  const positions = Array.from({ length: 9 }, (_each, i) => {
    const at = journal.append(bytesOf(`entry ${i}`));
    journal.commit();
    return at;
  });
  for (const at of positions.slice(3)) release(at);
  journal.compact();
  expect(copies.length).toBeGreaterThan(1);
  expect(judged.filter((at) => copies.includes(at))).toEqual([]);
});

test('JRN-32: an entry stays removed that was copied before its owner had applied the removal, wherever the machine stops', () => {
  const options = { segmentBytes: 1000 };
  for (let after = 0; ; after++) {
    const disk = stoppingDisk(after);
    const owner = new PlainMap();
    let isRemoved = false;
    try {
      const journal = openJournal('data', owner, { ...options, disk }) as Journal;
      const change = (key: string, value: string): void => {
        const appended = owner.append(journal, key, value);
        journal.commit();
        owner.apply(journal, appended);
      };
      change('k', 'old');
      for (let i = 0; i < 6; i++) change('other', `${i}`);
      const removal = owner.append(journal, 'k', undefined);
      journal.compact();
      isRemoved = true;
      owner.apply(journal, removal);
      for (let i = 6; i < 20; i++) change('other', `${i}`);
      journal.compact();
    } catch (error) {
      if (!(error instanceof JournalFailed && error.cause instanceof Stopped)) throw error;
    }
    disk.memory.crash();
    const found = new PlainMap();
    openJournal('data', found, { ...options, disk: disk.memory });
    if (isRemoved) expect(found.map.has('k'), `stopped after ${after}`).toBe(false);
    if (!disk.hasStopped) break;
  }
});

test('JRN-28: what took the place of a copied entry may be refused, at whatever step: then the entry is there', async () => {
  for (let n = 0; n < 150; n++) {
    const [steps, more] = [Math.floor(n / 6), n % 6];
    let isLate = false;
    const disk = lateDisk(() => isLate);
    const owner = new PlainMap();
    const options = { segmentBytes: 1000, disk };
    const journal = openJournal('data', owner, options) as Journal;
    async function settle(most = Number.POSITIVE_INFINITY): Promise<void> {
      for (let i = 0; i < most; i++) {
        await new Promise((resolve) => setImmediate(resolve));
        if (!disk.step(0)) return;
      }
    }
    for (const [key, value] of ['kold', 'a1', 'a2', 'a3', 'a4', 'a5'].map(
      (text) => [text[0] as string, text.slice(1)] as const,
    )) {
      const appended = owner.append(journal, key, value);
      journal.commit();
      owner.apply(journal, appended);
    }
    isLate = true;
    const compacted = Promise.resolve(journal.compact()).catch((error) => error);
    await settle(steps);
    const takeBack = owner.apply(journal, owner.append(journal, 'k', 'new'));
    const committed = Promise.resolve(journal.commit()).catch((error) => error);
    // What compaction has under way is kept, and then nothing is.
    await settle(more);
    disk.fail('ENOSPC');
    await settle();
    const isRefused = (await committed) instanceof JournalFailed;
    if (isRefused) takeBack();
    await compacted;
    disk.fail('nothing');
    const last = owner.append(journal, 'z', 'last');
    const kept = journal.commit();
    await settle();
    await kept;
    owner.apply(journal, last);
    for (let i = 0; i < 2; i++) {
      const again = journal.compact();
      await settle();
      await again;
    }
    disk.crash();
    const found = new PlainMap();
    isLate = false;
    openJournal('data', found, options);
    expect(found.map.get('k'), `after ${steps} and ${more} steps`).toBe(isRefused ? 'old' : 'new');
  }
});

describe('JRN-28: the machine or the process stops at each operation of compaction', () => {
  const OPTIONS = { segmentBytes: 120 };

  /** Sets, overwrites and removes, over some segments, so that it compacts by itself; then is asked to. */
  function script(journal: Journal, owner: MapOwner, model: MapModel): void {
    const changes = [
      'a1',
      'b1',
      'c1',
      'b2',
      'd1',
      'b3',
      'b4',
      'e1',
      'c',
      'd',
      'e2',
      'b5',
      'e3',
      'e',
    ];
    for (const [key, value] of changes as Iterable<Iterable<string>>) {
      if (value === undefined) owner.delete(journal, key as string);
      else owner.set(journal, key as string, value);
      if (value === undefined) model.delete(key as string);
      else model.set(key as string, value);
      owner.commit(journal);
      model.committed();
    }
    owner.compact(journal);
  }

  test.each([
    ...REMAINDERS.map(([name, keep]) => [`${name} is left of what was not synced`, keep] as const),
    ['the process is killed', 'process'] as const,
  ])('%s', (_case, keep) => {
    for (let after = 0; ; after++) {
      const disk = memoryDisk();
      const owner = new MapOwner();
      const model = new MapModel();
      const stopping = stoppingDisk(after, disk);
      try {
        const journal = openJournal('data', owner, { ...OPTIONS, disk: stopping }) as Journal;
        script(journal, owner, model);
        expect(owner.moves.length).toBeGreaterThan(2);
        expect(owner.events.filter(({ kind }) => kind === 'compacted').length).toBeGreaterThan(1);
      } catch (error) {
        if (!(error instanceof JournalFailed && error.cause instanceof Stopped)) throw error;
      }
      disk.crash(keep);
      const found = new MapOwner();
      const journal = openJournal('data', found, { ...OPTIONS, disk }) as Journal;
      const { map } = found;
      expect(model.isPossible(map, keep === 'process' ? 'process' : 'machine')).toBe(true);
      found.releaseDead(journal);
      expect(found.compact(journal)).toBe(true);
      void journal.close();
      const last = new MapOwner();
      openJournal('data', last, { ...OPTIONS, disk });
      expect(last.map).toEqual(map);
      if (!stopping.hasStopped) {
        expect(after).toBeGreaterThan(50);
        expect(disk.files.size).toBeLessThanOrEqual(2);
        break;
      }
    }
  });
});

describe('JRN-32: a map whose entries take earlier ones back is replayed as it was kept', () => {
  type Step =
    | { readonly do: 'set'; readonly key: string; readonly value: string }
    | { readonly do: 'delete'; readonly key: string }
    | { readonly do: 'commit'; readonly until: 'os' | undefined }
    | { readonly do: 'compact' | 'close' }
    | { readonly do: 'release'; readonly at: number }
    | { readonly do: 'crash'; readonly kept: readonly number[] | 'process' }
    | { readonly do: 'fail'; readonly code: 'ENOSPC' | 'EIO' | 'nothing' };

  const key = fc.constantFrom('a', 'b', 'c', 'd');
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('set'),
        key,
        value: fc.stringMatching(/^[a-z]{0,30}$/),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('delete'), key }) },
    {
      weight: 8,
      arbitrary: fc.record({ do: fc.constant('commit'), until: fc.constantFrom('os', undefined) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('compact', 'close') }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('release'), at: fc.nat(1000) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('crash'),
        kept: fc.oneof(
          fc.constant('process' as const),
          fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 }),
        ),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('fail'),
        code: fc.constantFrom('ENOSPC', 'EIO', 'nothing'),
      }),
    },
  ) as fc.Arbitrary<Step>;

  test('after any sequence of sets, removals, failures, compactions and crashes', {
    timeout: 300_000,
  }, () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.constantFrom(1, 60, 150, 1000),
        (steps, segmentBytes) => {
          const disk = memoryDisk();
          const options = { segmentBytes, disk };
          const model = new MapModel();
          let owner = new MapOwner();
          let journal = openJournal('data', owner, options) as Journal;
          function reopen(stopped: 'machine' | 'process'): void {
            disk.fail('nothing');
            owner = new MapOwner();
            journal = openJournal('data', owner, options) as Journal;
            expect(model.isPossible(owner.map, stopped)).toBe(true);
            owner.releaseDead(journal);
          }
          function kept(isKept: boolean, until?: 'os'): void {
            if (isKept) model.committed(until);
            else model.refused();
            expect(owner.map).toEqual(model.now);
          }
          for (const its of [...steps, { do: 'crash', kept: [0] } as const]) {
            switch (its.do) {
              case 'set':
                owner.set(journal, its.key, its.value);
                model.set(its.key, its.value);
                break;
              case 'delete':
                owner.delete(journal, its.key);
                model.delete(its.key);
                break;
              case 'commit':
                kept(owner.commit(journal, its.until), its.until);
                break;
              case 'compact':
                kept(owner.compact(journal));
                break;
              case 'release':
                journal.release(owner.positions[its.at % 4] ?? its.at);
                break;
              case 'fail':
                disk.fail(its.code);
                break;
              case 'close':
                disk.fail('nothing');
                kept(owner.commit(journal));
                void journal.close();
                reopen('machine');
                break;
              case 'crash': {
                const { kept: parts } = its;
                if (parts === 'process') disk.crash('process');
                else {
                  let i = 0;
                  disk.crash((_file, unsynced) => unsynced * (parts[i++ % parts.length] as number));
                }
                reopen(parts === 'process' ? 'process' : 'machine');
              }
            }
          }
        },
      ),
      { numRuns: RUNS },
    );
  });
});
