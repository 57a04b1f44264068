/** What is not as it was written: writes that were not finished, and damage. */

import { type JournalDamaged, type JournalEvent, JournalRefused } from '@beamish/journal';
import { describe, expect, test } from 'vitest';
import { groupOf, headerWith, saltOf } from './support/forge.ts';
import { memoryPlace, PLACES, type Place } from './support/places.ts';
import { bytesOf, type Recorder, recorder } from './support/recorder.ts';

const FIRST = '0000000001.log';
const HEADER = 34;

/** Commits each of them. */
async function write(place: Place, texts: readonly string[], segmentBytes?: number): Promise<void> {
  const options = segmentBytes === undefined ? {} : { segmentBytes };
  await using journal = await place.open(recorder(), options);
  for (const text of texts) {
    journal.append(bytesOf(text));
    await journal.commit();
  }
}

async function reopened(place: Place, options = {}): Promise<Recorder> {
  const owner = recorder();
  await using _journal = await place.open(owner, options);
  return owner;
}

async function errorOf(opening: Promise<unknown>): Promise<unknown> {
  return await opening.then(
    () => 'It opened',
    (error: unknown) => error,
  );
}

/** Where each group begins, and the end. */
function groupsIn(file: Uint8Array): number[] {
  const view = new DataView(file.buffer, file.byteOffset);
  const offsets = [HEADER];
  for (let at = HEADER; at < file.length; ) {
    at += 12 + view.getUint32(at + 4, true);
    offsets.push(at);
  }
  return offsets;
}

describe.each(PLACES)('%s', (_, make) => {
  test('JRN-12: a last group that is torn at any of its bytes is cut, and told once', async () => {
    const place = make();
    await write(place, ['one', 'two', 'three']);
    const whole = place.files().get(FIRST) as Uint8Array;
    const begin = groupsIn(whole).at(-2) as number;
    const path = `${place.folder}/${FIRST}`;
    for (let length = begin; length < whole.length; length++) {
      place.put(FIRST, whole.subarray(0, length));
      const owner = recorder();
      const journal = await place.open(owner);
      const told = { kind: 'repaired', file: path, offset: begin, bytesCut: length - begin };
      expect(owner.texts).toEqual(['one', 'two']);
      expect(owner.events).toEqual(length === begin ? [] : [told]);
      journal.append(bytesOf('four'));
      await journal.close();
      const again = await reopened(place);
      expect(again.texts).toEqual(['one', 'two', 'four']);
      expect(again.events).toEqual([]);
    }
  });

  test('JRN-12: entries that are bytes of a journal are no groups when theirs is torn', async () => {
    const place = make();
    const other = memoryPlace();
    await write(
      other,
      Array.from({ length: 40 }, (_, i) => `forged ${i}`),
    );
    await write(place, ['one', 'two']);
    const salt = saltOf(place.files().get(FIRST) as Uint8Array);
    // What others could know: bytes of other journals, this one's own as they are by now, and groups with
    // every number there could be and a salt of their own.
    const forgeries = Array.from({ length: 40 }, (_, number) =>
      groupOf([bytesOf(`forged ${number}`)], { number, synced: number - 1, salt: salt ^ 1 }),
    );
    const foreign = [...other.files().values(), ...place.files().values(), ...forgeries];
    const length = foreign.reduce((sum, bytes) => sum + bytes.length, 0);
    const all = new Uint8Array(length);
    foreign.reduce((at, bytes) => {
      all.set(bytes, at);
      return at + bytes.length;
    }, 0);
    const journal = await place.open(recorder());
    for (const bytes of [...foreign, all]) journal.append(bytes);
    await journal.close();
    const whole = place.files().get(FIRST) as Uint8Array;
    const begin = groupsIn(whole).at(-2) as number;
    for (let torn = begin + 1; torn < whole.length; torn += place.isQuick ? 7 : 211) {
      place.put(FIRST, whole.subarray(0, torn));
      const owner = await reopened(place);
      expect(owner.texts).toEqual(['one', 'two']);
      expect(owner.events).toMatchObject([{ kind: 'repaired', offset: begin }]);
    }
  });

  test('JRN-13: a flipped bit is found: in the last group it is cut, elsewhere it is damage', async () => {
    const place = make();
    await write(place, ['one', 'two', 'three', 'four', 'five']);
    const whole = place.files().get(FIRST) as Uint8Array;
    const groups = groupsIn(whole);
    const last = groups.at(-2) as number;
    const path = `${place.folder}/${FIRST}`;
    for (let bit = 0; bit < whole.length * 8; bit += place.isQuick ? 1 : 13) {
      const flipped = whole.slice();
      const at = bit >> 3;
      flipped[at] = (flipped[at] as number) ^ (1 << (bit & 7));
      place.put(FIRST, flipped);
      const owner = recorder();
      const opening = place.open(owner).then((journal) => journal.close());
      if (at >= last) {
        await opening;
        expect(owner.texts).toEqual(['one', 'two', 'three', 'four']);
        const told = { kind: 'repaired', file: path, offset: last };
        expect(owner.events).toMatchObject([told]);
      } else {
        const offset = at < HEADER ? 0 : groups.findLast((group) => group <= at);
        expect(await errorOf(opening)).toMatchObject({
          name: 'JournalDamaged',
          file: path,
          offset,
        });
        expect(['one', 'two', 'three', 'four'].slice(0, owner.texts.length)).toEqual(owner.texts);
        expect(place.files().get(FIRST)).toEqual(flipped);
      }
    }
  });

  test('JRN-13: groups that are missing, twice, or in another order are damage, and told as such', async () => {
    const place = make();
    await write(place, ['one', 'two', 'three', 'four', 'five']);
    const whole = place.files().get(FIRST) as Uint8Array;
    const offsets = groupsIn(whole);
    const header = whole.subarray(0, HEADER);
    const groups = offsets.slice(0, -1).map((at, i) => whole.subarray(at, offsets[i + 1]));
    const orders = [
      [1, 3, 4, 5],
      [1, 2, 3, 5],
      [2, 3, 4, 5],
      [1, 4, 5],
      [1, 1, 2, 3, 4, 5],
      [1, 3, 2, 4, 5],
    ];
    for (const order of orders) {
      const parts = [header, ...order.map((number) => groups[number - 1] as Uint8Array)];
      place.put(FIRST, Uint8Array.from(parts.flatMap((part) => [...part])));
      const good = order.findIndex((number, i) => number !== i + 1);
      const file = `${place.folder}/${FIRST}`;
      const error = await errorOf(reopened(place));
      const offset = offsets[good];
      expect(error).toMatchObject({ name: 'JournalDamaged', file, offset });
    }
    // The last one once more says nothing of what it should be.
    place.put(FIRST, Uint8Array.from([...whole, ...(groups[4] as Uint8Array)]));
    const owner = await reopened(place);
    expect(owner.texts).toEqual(['one', 'two', 'three', 'four', 'five']);
    expect(owner.events).toMatchObject([{ kind: 'repaired', offset: whole.length }]);
  });

  test('JRN-14: a file of the middle that is missing, or shorter, is damage', async () => {
    const place = make();
    await write(place, ['one', 'two', 'three', 'four', 'five', 'six'], 100);
    const files = place.files();
    expect([...files.keys()].sort()).toEqual([FIRST, '0000000002.log', '0000000003.log']);
    for (const name of [FIRST, '0000000002.log']) {
      const whole = files.get(name) as Uint8Array;
      for (let length = 0; length < whole.length; length += place.isQuick ? 1 : 9) {
        place.put(name, whole.subarray(0, length));
        const offset = length < HEADER ? 0 : groupsIn(whole).findLast((at) => at <= length);
        const file = `${place.folder}/${name}`;
        const error = await errorOf(reopened(place));
        expect(error).toMatchObject({ name: 'JournalDamaged', file, offset });
        expect(place.files().get(name)?.length).toBe(length);
      }
      place.put(name, whole);
    }
    place.remove('0000000002.log');
    const error = await errorOf(reopened(place));
    const file = `${place.folder}/0000000002.log`;
    expect(error).toMatchObject({ name: 'JournalDamaged', file, offset: 0 });
    expect((error as JournalDamaged).message).toContain('0000000002.log');
  });

  test('JRN-15: with damage skip, the rest of the segment is passed over, and told', async () => {
    // Long enough that what frames them is no reason to compact.
    const texts = Array.from({ length: 9 }, (_each, i) => `entry ${i} ${'.'.repeat(20)}`);
    const place = make();
    await write(place, texts, 200);
    const files = place.files();
    const inSegments = [texts.slice(0, 3), texts.slice(3, 6), texts.slice(6)];
    const skip = { damage: 'skip', segmentBytes: 200 };
    for (const [i, name] of [...files.keys()].sort().slice(0, 2).entries()) {
      const whole = files.get(name) as Uint8Array;
      const groups = groupsIn(whole);
      for (const [k, offset] of [0, ...groups.slice(0, -1)].entries()) {
        const damaged = whole.slice();
        damaged[offset + 2] = 0;
        place.put(name, damaged);
        const owner = await reopened(place, skip);
        const good = inSegments.map((its, j) => (j === i ? its.slice(0, Math.max(0, k - 1)) : its));
        expect(owner.texts).toEqual(good.flat());
        const file = `${place.folder}/${name}`;
        const bytesSkipped = whole.length - offset;
        expect(owner.events).toEqual([{ kind: 'damaged', file, offset, bytesSkipped }]);
      }
      place.put(name, whole);
    }
  });

  test('JRN-15: damage in the last segment is passed over, and what is appended then is there', async () => {
    const place = make();
    await write(place, ['one', 'two', 'three']);
    const whole = place.files().get(FIRST) as Uint8Array;
    const damaged = whole.slice();
    damaged[(groupsIn(whole)[1] as number) + 30] = 255;
    place.put(FIRST, damaged);
    const owner = recorder();
    const journal = await place.open(owner, { damage: 'skip' });
    expect(owner.texts).toEqual(['one']);
    expect(owner.events).toMatchObject([{ kind: 'damaged' }]);
    journal.append(bytesOf('four'));
    await journal.close();
    const again = await reopened(place);
    expect(again.texts).toEqual(['one', 'four']);
    expect(again.events).toEqual([]);
  });

  test('JRN-15: a file that is missing is told without bytes', async () => {
    const place = make();
    await write(place, ['one', 'two', 'three', 'four', 'five', 'six'], 100);
    place.remove('0000000002.log');
    const owner = await reopened(place, { damage: 'skip' });
    expect(owner.texts).toEqual(['one', 'two', 'five', 'six']);
    const file = `${place.folder}/0000000002.log`;
    expect(owner.events).toEqual([{ kind: 'damaged', file, offset: 0, bytesSkipped: 0 }]);
  });

  test('JRN-15: compaction drops a segment whose header is damaged', async () => {
    const place = make();
    await write(place, ['one', 'two', 'three', 'four', 'five', 'six'], 100);
    const damaged = (place.files().get(FIRST) as Uint8Array).slice();
    damaged[20] = 255;
    place.put(FIRST, damaged);
    const owner = recorder();
    const journal = await place.open(owner, { damage: 'skip', segmentBytes: 100 });
    for (const { at } of owner.entries) journal.release(at);
    await journal.compact();
    await journal.close();
    expect(place.files().has(FIRST)).toBe(false);
    expect((await reopened(place)).texts.sort()).toEqual(['five', 'four', 'six', 'three']);
  });

  test('JRN-19: what belongs to others, or is of a later version, is refused and not touched', async () => {
    const place = make();
    await write(place, ['one']);
    const whole = place.files().get(FIRST) as Uint8Array;
    const path = `${place.folder}/${FIRST}`;
    async function refused(
      file: Uint8Array,
      owner = recorder(),
    ): Promise<JournalRefused['reason']> {
      place.put(FIRST, file);
      const before = new Map(place.files());
      const error = await errorOf(place.open(owner));
      expect(error).toBeInstanceOf(JournalRefused);
      expect((error as JournalRefused).file).toBe(path);
      expect(place.files()).toEqual(before);
      expect(owner.texts).toEqual([]);
      return (error as JournalRefused).reason;
    }
    expect(await refused(whole, recorder(undefined, { name: 'other', version: 1 }))).toBe(
      'other_owner',
    );
    expect(await refused(whole, recorder(undefined, { name: 'test', version: 0 }))).toBe(
      'later_version',
    );
    expect(await refused(headerWith(whole, HEADER, 4, 2))).toBe('later_version');
    // Laid out otherwise.
    expect(await refused(bytesOf('BMJL\u0002\u0000 and whatever is there then'))).toBe(
      'later_version',
    );
    expect(await refused(bytesOf('Dear diary, today I have not written anything.'))).toBe(
      'no_journal',
    );
    expect(await refused(bytesOf('Short'))).toBe('no_journal');
  });

  test('JRN-19: one segment that is refused keeps all from being changed', async () => {
    const place = make();
    await write(place, ['one', 'two', 'three', 'four'], 100);
    const second = place.files().get('0000000002.log') as Uint8Array;
    place.put('0000000002.log', second.subarray(0, second.length - 1));
    place.put('0000000003.log', bytesOf('A text'));
    const before = place.files();
    expect(await errorOf(reopened(place))).toMatchObject({ reason: 'no_journal' });
    expect(place.files()).toEqual(before);
  });

  test('JRN-19: other files are left alone', async () => {
    const place = make();
    place.put('notes.txt', bytesOf('Mine'));
    place.put('1.log', bytesOf('Mine'));
    await write(place, ['one']);
    expect(place.files().get('notes.txt')).toEqual(bytesOf('Mine'));
    expect(place.files().get('1.log')).toEqual(bytesOf('Mine'));
  });

  test('JRN-20: an earlier version is replayed as such, and goes on in the new one', async () => {
    const place = make();
    await write(place, ['one', 'two']);
    const later = recorder(undefined, { name: 'test', version: 3 });
    const journal = await place.open(later);
    expect(later.versions).toEqual([1, 1]);
    journal.append(bytesOf('three'));
    await journal.close();
    const again = recorder(undefined, { name: 'test', version: 3 });
    const second = await place.open(again);
    expect(again.texts).toEqual(['one', 'two', 'three']);
    expect(again.versions).toEqual([1, 1, 3]);
    await second.close();
    expect(await errorOf(reopened(place))).toMatchObject({ reason: 'later_version' });
  });
});

test('JRN-40: what was given to the system survives the process, and may be lost with the machine', async () => {
  for (const keep of ['process', 'machine'] as const) {
    const place = memoryPlace();
    const journal = await place.open(recorder());
    journal.append(bytesOf('on disk'));
    journal.commit();
    const end = place.memory.files.get(`${place.folder}/${FIRST}`)?.length;
    for (const text of ['for the system', 'and another']) {
      journal.append(bytesOf(text));
      expect(journal.commit('os')).toBe(undefined);
    }
    place.memory.crash(keep === 'process' ? keep : (_, unsynced) => unsynced - 1);
    const owner = recorder();
    await place.open(owner);
    const all = ['on disk', 'for the system', 'and another'];
    expect(owner.texts).toEqual(keep === 'process' ? all : all.slice(0, 2));
    const file = `${place.folder}/${FIRST}`;
    const repaired: JournalEvent[] = [
      { kind: 'repaired', file, offset: expect.any(Number) as number, bytesCut: 43 },
    ];
    expect(owner.events).toEqual(keep === 'process' ? [] : repaired);
    expect(end).toBe(74);
  }
});

test('JRN-40: when a group of the system is lost, so is all behind it, and it is no damage', async () => {
  const place = memoryPlace();
  const journal = await place.open(recorder());
  for (const text of ['one', 'two', 'three']) {
    journal.append(bytesOf(text));
    journal.commit('os');
  }
  const path = `${place.folder}/${FIRST}`;
  const groups = groupsIn(place.memory.files.get(path) as Uint8Array);
  // Systems write in any order: the second is lost, the third is there.
  place.memory.flip(path, (groups[1] as number) + 20);
  place.memory.crash('process');
  const owner = recorder();
  await place.open(owner);
  expect(owner.texts).toEqual(['one']);
  expect(owner.events).toMatchObject([{ kind: 'repaired', offset: groups[1] }]);
});
