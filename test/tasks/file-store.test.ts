/** The store in a folder: what was answered for is there, whatever happens to process and disk. */

import { memoryDisk } from '@beamish/journal/testing';
import { type Change, defineTask, file, memory, type Store, type TaskRecord } from '@beamish/tasks';
import { eager } from '@beamish/tasks/testing';
import { generator } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { change, claim } from '../contract/task-store/contract.ts';
import { ended, HeldKeys, queued } from '../contract/task-store/records.ts';

const all = (store: Store): readonly TaskRecord[] =>
  store.list({ limit: 100_000 }, undefined) as readonly TaskRecord[];

/** One of everything that can be asked of a store, by chance. */
function anyChange(random: () => number, store: Store, fresh: () => string): Change {
  const records = all(store);
  const one = (): TaskRecord | undefined => records[Math.floor(random() * records.length)];
  const dice = random();
  if (dice < 0.4 || records.length === 0) {
    const count = 1 + Math.floor(random() * 4);
    return change({
      insert: Array.from({ length: count }, () =>
        queued(fresh(), { args: `["${'x'.repeat(random() * 50)}"]` }),
      ),
    });
  }
  if (dice < 0.6) {
    const [a, b] = [one() as TaskRecord, one() as TaskRecord];
    const both = a === b ? [a] : [a, b];
    return change({
      put: both.map((it) => ended({ ...it }, 1)),
      insert: random() < 0.3 ? [queued(fresh())] : [],
    });
  }
  if (dice < 0.8) return change({ remove: [(one() as TaskRecord).id] });
  const key = random() < 0.5 ? `n${Math.floor(random() * 3)}` : `${(one() as TaskRecord).id}\nk`;
  const version = (store.note(key) as { version: number } | undefined)?.version ?? 0;
  return change({ notes: [{ key, value: random() < 0.3 ? undefined : `${random()}`, version }] });
}

function copied(of: Change): Change {
  return structuredClone(of);
}

function expectSame(store: Store, model: Store): void {
  expect(all(store)).toEqual(all(model));
  expect([...(store.notes('') as [])].sort(byKey)).toEqual(
    [...(model.notes('') as [])].sort(byKey),
  );
  expect(store.counts()).toEqual(model.counts());
}

function byKey(a: { key: string }, b: { key: string }): number {
  return a.key < b.key ? -1 : 1;
}

test('whatever was done, killed in the middle and compacted, the folder says what a store in memory says', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = generator(seed);
    const disk = memoryDisk();
    const options = { disk, segmentBytes: 2000 };
    let store = file('f', options);
    const model = memory();
    await store.open('me');
    let ids = 0;
    const fresh = (): string => `t${ids++}`;
    try {
      for (let i = 0; i < 150; i++) {
        // A claim may be lost with the machine, not with the process.
        const claims = seed % 2 === 0;
        if (claims && random() < 0.1) {
          const request = claim({ limit: 2, now: i });
          const given = [...((await store.claim(request)) as TaskRecord[])];
          expect(given).toEqual(model.claim({ ...request, held: new HeldKeys() }));
        } else if (random() < 0.05) {
          // A disk that keeps nothing: everything is as it was.
          disk.fail('EIO');
          const attempt = async () => store.commit([anyChange(random, model, fresh)]);
          await expect(attempt()).rejects.toThrow();
          disk.fail('nothing');
        } else {
          const next = anyChange(random, model, fresh);
          expect(await store.commit([copied(next)])).toEqual(model.commit([next]));
        }
        if (random() < 0.05) {
          if (random() < 0.5) await store.close();
          disk.crash(claims ? 'process' : undefined);
          store = file('f', options);
          await store.open('me');
        }
        expectSame(store, model);
      }
    } catch (error) {
      if (error instanceof Error) error.message = `Seed ${seed}: ${error.message}`;
      throw error;
    }
    await store.close();
  }
}, 120_000);

describe('a journal that is full of what is gone', () => {
  test('shrinks, and brings back nobody', async () => {
    const disk = memoryDisk();
    const store = file('f', { disk, segmentBytes: 20_000 });
    await store.open('me');
    // One of each hundred stays, written together with the others.
    for (let round = 0; round < 100; round++) {
      const insert = Array.from({ length: 100 }, (_, i) => queued(`${round}/${i}`));
      await store.commit([change({ insert })]);
      const remove = insert.slice(1).map(({ id }) => id);
      await store.commit([change({ remove })]);
    }
    const bytes = [...disk.files.values()].reduce((sum, each) => sum + each.length, 0);
    await store.close();
    const again = file('f', { disk, segmentBytes: 20_000 });
    await again.open('me');
    expect(all(again).map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}/0`));
    expect(bytes).toBeLessThan(4_000_000);
  });
});

const note = defineTask('note', (_self, n: number) => n);
const wait = defineTask('wait', function* (self, ms: number) {
  yield* self.sleep(ms);
  return ms;
});

test('TSK-02: a task whose submit has resolved runs after the process was killed', async () => {
  const disk = memoryDisk();
  const first = eager({ tasks: [note], store: file('f', { disk }), workers: [] });
  const { id } = await first.submit(note.s(7));
  disk.crash();
  await using second = eager({ tasks: [note], store: file('f', { disk }) });
  await second.advance(0);
  expect(await second.handle(id).get()).toBe(7);
});

test('close gives the folder free, and tells of what ended while it closed', async () => {
  const disk = memoryDisk();
  const first = eager({ tasks: [wait], store: file('f', { disk }) });
  const ended: string[] = [];
  first.events.on('succeeded', ({ id }) => ended.push(id));
  await first.submit(wait.s(1000), { id: 't' });
  await first.advance(10);
  await first.close();
  expect(ended).toEqual(['t']);
  await using second = eager({ tasks: [wait], store: file('f', { disk }) });
  expect((await second.handle('t').state())?.state).toBe('succeeded');
});

test('TSK-53: what was revoked stays so after a restart', async () => {
  const disk = memoryDisk();
  const first = eager({ tasks: [note], store: file('f', { disk }), workers: [] });
  const handle = await first.submit(note.s(7));
  await handle.revoke();
  disk.crash();
  await using second = eager({ tasks: [note], store: file('f', { disk }) });
  await second.advance(1000);
  expect((await second.handle(handle.id).state())?.state).toBe('revoked');
});

test('TSK-68: a queue that is paused stays so after a restart, and what runs goes on', async () => {
  const disk = memoryDisk();
  const first = eager({ tasks: [note, wait], store: file('f', { disk }) });
  const running = await first.submit(wait.s(1000));
  await first.advance(10);
  await first.pause('default');
  const waiting = await first.submit(note.s(1));
  await first.advance(2000);
  expect((await running.state())?.state).toBe('succeeded');
  expect((await first.stats()).queues['default']).toMatchObject({ paused: true, queued: 1 });
  disk.crash();
  await using second = eager({ tasks: [note, wait], store: file('f', { disk }) });
  await second.advance(2000);
  expect((await second.handle(waiting.id).state())?.state).toBe('queued');
  await second.resume('default');
  await second.advance(0);
  expect((await second.handle(waiting.id).state())?.state).toBe('succeeded');
});

test('TSK-84: a log whose last record is torn at any of its bytes opens, says so once, and has all before it', async () => {
  const disk = memoryDisk();
  const store = file('f', { disk, sync: 'os' });
  await store.open('me');
  await store.commit([change({ insert: [queued('first')] })]);
  const [name, before] = [...disk.files].find(([file]) => file.endsWith('.log')) as [
    string,
    Uint8Array,
  ];
  const whole = before.length;
  await store.commit([change({ insert: [queued('second')] })]);
  const bytes = (disk.files.get(name) as Uint8Array).length;
  const content = (disk.files.get(name) as Uint8Array).slice();
  await store.close();
  for (let length = whole; length < bytes; length++) {
    const torn = memoryDisk();
    await torn.write(name, 0, content.slice(0, length));
    await torn.sync(name);
    const told: string[] = [];
    const opened = file('f', { disk: torn });
    opened.tell?.(({ kind }) => told.push(kind));
    await opened.open('me');
    expect(all(opened).map(({ id }) => id)).toEqual(['first']);
    expect(told).toEqual(length === whole ? [] : ['repaired']);
    await opened.close();
  }
});

test('TSK-85: a bit that is flipped in the middle is found, with file and offset', async () => {
  const disk = memoryDisk();
  const store = file('f', { disk });
  await store.open('me');
  for (let i = 0; i < 10; i++) await store.commit([change({ insert: [queued(`t${i}`)] })]);
  await store.close();
  const [name, content] = [...disk.files].find(([path]) => path.endsWith('.log')) as [
    string,
    Uint8Array,
  ];
  disk.flip(name, Math.floor(content.length / 2));
  expect(() => file('f', { disk }).open('me')).toThrow(
    expect.objectContaining({ name: 'JournalDamaged', file: name, offset: expect.any(Number) }),
  );
});

test('TSK-86: a second one on the same folder is refused; the first one gone, it opens at once', async () => {
  const disk = memoryDisk();
  const first = file('f', { disk });
  await first.open('me');
  expect(() => file('f', { disk }).open('other')).toThrow(
    expect.objectContaining({ name: 'JournalLocked' }),
  );
  disk.crash();
  const again = file('f', { disk });
  await again.open('other');
  await again.close();
});

test('TSK-87: while the disk is full submissions are refused and nothing is begun; with room again it goes on, and nothing is lost', async () => {
  const disk = memoryDisk();
  const reports: string[] = [];
  await using app = eager({
    tasks: [note, wait],
    store: file('f', { disk }),
    prepare: (system) => system.events.on('report', ({ kind }) => reports.push(kind)),
  });
  const running = await app.submit(wait.s(100));
  await app.advance(50);
  disk.fail('ENOSPC');
  await expect(app.submit(note.s(1))).rejects.toThrow(/the store does not keep it.*ENOSPC/);
  await app.advance(5000);
  expect((await running.state())?.state).toBe('running');
  disk.fail('nothing');
  await app.advance(2000);
  expect((await running.state())?.state).toBe('succeeded');
  expect(await app.run(note.s(2))).toBe(2);
  expect(reports).toEqual(['tasks_store_failed', 'tasks_store_recovered']);
});
