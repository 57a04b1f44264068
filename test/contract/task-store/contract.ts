/** What every store of tasks must do, whatever it keeps them in. */

import type { Change, ClaimRequest, Store, TaskRecord } from '@beamish/tasks';
import { afterEach, describe, expect, test } from 'vitest';
import { ended, HeldKeys, NAMES, queued } from './records.ts';

export interface Ground {
  /** A store that is empty. */
  make(): Store | Promise<Store>;
  /** What an empty one leaves behind. */
  clear?(): Promise<void>;
}

export function storeContract(name: string, ground: Ground): void {
  describe(`${name} as a store of tasks`, () => {
    let open: Store[] = [];

    afterEach(async () => {
      for (const store of open) await store.close();
      open = [];
      await ground.clear?.();
    });

    async function opened(): Promise<Store> {
      const store = await ground.make();
      await store.open('me');
      open.push(store);
      return store;
    }

    test('what is inserted is found as it was, and its version counts up', async () => {
      const store = await opened();
      const full = queued('full', {
        priority: 7,
        expiresAt: 99,
        parent: 'p',
        root: 'r',
        join: { id: 'j', index: 3 },
        onFailure: '{"kind":"task"}',
        unique: 'u',
        key: 'k',
        headers: '{"trace":"x"}',
        saved: '[1]',
        members: {
          kind: 'group',
          pending: 2,
          failed: 1,
          next: 3,
          all: 4,
          of: '{"kind":"group"}',
          limit: 5,
          settle: true,
        },
      });
      await insert(store, { ...full });
      const { version, ...found } = (await store.find('full')) as TaskRecord;
      const { version: _, ...given } = full;
      expect(found).toEqual(given);
      expect(version).toBe(1);
      await put(store, { ...found, version, saved: '[2]' });
      expect(await store.find('full')).toMatchObject({ version: 2, saved: '[2]' });
      expect(await store.find('nobody')).toBeUndefined();
    });

    test('a task that says little is found as it was, wherever it is and whenever that was', async () => {
      const store = await opened();
      const now = 1_800_000_000_000;
      const month = 31 * 86_400_000;
      const base = queued('', { submittedAt: now, dueAt: now, queuedAt: now });
      const begun = { ...base, run: 1, startedAt: now + 5 };
      const kinds: Partial<TaskRecord>[] = [
        base,
        { ...base, priority: 3, keepMs: 7, key: 'task' },
        { ...base, name: 'other', queue: 'q', key: 'of its own' },
        { ...base, state: 'scheduled', queuedAt: undefined, dueAt: now + 90, dueBy: 'wall' },
        { ...base, state: 'scheduled', queuedAt: undefined, dueAt: now + month },
        { ...base, submittedAt: now - month, dueAt: now, attempt: 2 },
        { ...begun, attempt: 3, crashes: 1, queuedAt: undefined, state: 'scheduled' },
        { ...begun, state: 'succeeded', endedAt: now + 9, outcome: '{"ok":true,"value":1}' },
        { ...begun, state: 'failed', endedAt: now + month, outcome: '{"ok":false,"reason":1}' },
        { ...base, state: 'revoked', endedAt: now, outcome: '{"ok":false,"reason":2}' },
        { ...base, state: 'quarantined', endedAt: now, outcome: '{"ok":false,"reason":3}' },
      ];
      const given = [...kinds, ...kinds].map((kind, i) =>
        queued(`t${i}`, { ...kind, id: `t${i}`, root: `t${i}`, args: `[${i}]` }),
      );
      await insert(store, ...given.map((record) => ({ ...record })));
      for (const record of given)
        expect(await store.find(record.id)).toEqual({ ...record, version: 1 });
      // And after it was something else.
      for (const [i, record] of given.entries()) {
        const next = given[(i + 1) % given.length] as TaskRecord;
        const { id, root, args, submittedAt } = record;
        const changed = { ...next, id, root, args, submittedAt, version: 1 };
        await put(store, { ...changed });
        expect(await store.find(id)).toEqual({ ...changed, version: 2 });
      }
    });

    test('TSK-90: of several changes one that is stale changes nothing, and the others are done', async () => {
      const store = await opened();
      await insert(store, queued('a'));
      const a = (await store.find('a')) as TaskRecord;
      const answers = await store.commit([
        change({ insert: [queued('b')] }),
        change({ insert: [queued('c')], put: [{ ...a, version: 7, saved: '1' }] }),
        change({ put: [{ ...a, saved: '2' }] }),
        change({ insert: [queued('a')] }),
        change({ remove: ['nobody'] }),
      ]);
      expect(answers).toEqual(['done', 'stale', 'done', 'stale', 'stale']);
      expect(await store.find('b')).toBeDefined();
      expect(await store.find('c')).toBeUndefined();
      expect((await store.find('a'))?.saved).toBe('2');
    });

    test('what was written with the version that was found is stale for whoever found the same', async () => {
      const store = await opened();
      await insert(store, queued('a'));
      const found = (await store.find('a')) as TaskRecord;
      expect(await store.commit([change({ put: [{ ...found, saved: '1' }] })])).toEqual(['done']);
      expect(await store.commit([change({ put: [{ ...found, saved: '2' }] })])).toEqual(['stale']);
      expect((await store.find('a'))?.saved).toBe('1');
    });

    test('claim gives the highest priority first, and within one whoever entered the queue first', async () => {
      const store = await opened();
      await insert(
        store,
        queued('late', { queuedAt: 5 }),
        queued('early', { queuedAt: 1 }),
        queued('first', { priority: 9, queuedAt: 9 }),
        queued('same', { queuedAt: 5 }),
      );
      const claimed = await store.claim(claim({ limit: 3, now: 10, leaseMs: 100 }));
      expect(claimed.map(({ id }) => id)).toEqual(['first', 'early', 'late']);
      expect(claimed[0]).toMatchObject({
        state: 'running',
        run: 1,
        worker: 'w',
        leaseUntil: 110,
        startedAt: 10,
      });
      expect(await store.find('first')).toEqual(claimed[0]);
      expect(ids(await store.claim(claim({ limit: 3 })))).toEqual(['same']);
      expect(await store.claim(claim({ limit: 3 }))).toEqual([]);
    });

    test('TSK-91: a hundred claims of fifty tasks at once give each once, in order', async () => {
      const store = await opened();
      const tasks = Array.from({ length: 50 }, (_, i) =>
        queued(`t${i}`, { priority: (i % 3) as 0 | 1 | 2, queuedAt: i }),
      );
      await insert(store, ...tasks);
      const claims = await Promise.all(
        Array.from({ length: 100 }, (_, i) => store.claim(claim({ worker: `w${i}`, limit: 1 }))),
      );
      const given = claims.flatMap((records) => records.map(({ id }) => id));
      expect([...given].sort()).toEqual(tasks.map(({ id }) => id).sort());
      if (!store.shared) {
        const order = [2, 1, 0].flatMap((p) => tasks.filter((it) => it.priority === p));
        expect(given).toEqual(order.map(({ id }) => id));
      }
    });

    test('queues are asked in the order of the list', async () => {
      const store = await opened();
      await insert(
        store,
        queued('low', { queue: 'low', queuedAt: 0 }),
        queued('high', { queue: 'high', queuedAt: 5 }),
        queued('other', { queue: 'other', queuedAt: 0 }),
      );
      const claimed = await store.claim(claim({ queues: ['high', 'low'], limit: 9 }));
      expect(ids(claimed)).toEqual(['high', 'low']);
    });

    test('a task of a name that is not asked for lets those behind it pass, and keeps its place', async () => {
      const store = await opened();
      await insert(
        store,
        queued('x', { name: 'unknown', queuedAt: 0 }),
        queued('y', { queuedAt: 1 }),
      );
      expect(ids(await store.claim(claim({ limit: 5 })))).toEqual(['y']);
      await insert(store, queued('z', { queuedAt: 2 }));
      const names = new Set(['task', 'unknown']);
      expect(ids(await store.claim(claim({ limit: 5, names })))).toEqual(['x', 'z']);
    });

    test('tasks of a key that is held let others pass, and come in their order when it is free', async () => {
      const store = await opened();
      const held = new HeldKeys();
      held.single.add('k');
      await insert(
        store,
        queued('k1', { key: 'k', queuedAt: 0 }),
        queued('k2', { key: 'k', queuedAt: 1 }),
        queued('free', { queuedAt: 2 }),
        queued('k3', { key: 'k', queuedAt: 3 }),
        queued('other', { key: 'o', queuedAt: 4 }),
      );
      expect(ids(await store.claim(claim({ limit: 9, held })))).toEqual(['k1', 'free', 'other']);
      expect(ids(await store.claim(claim({ limit: 9, held })))).toEqual([]);
      held.free('k');
      expect(ids(await store.claim(claim({ limit: 9, held })))).toEqual(['k2']);
      held.free('k');
      expect(ids(await store.claim(claim({ limit: 9, held })))).toEqual(['k3']);
    });

    test('what comes back has the place that it had', async () => {
      const store = await opened();
      await insert(store, ...[0, 1, 2, 3].map((i) => queued(`t${i}`, { queuedAt: i })));
      const [t0, t1] = await store.claim(claim({ limit: 2 }));
      await put(store, back(t1 as TaskRecord));
      await put(store, back(t0 as TaskRecord));
      expect(ids(await store.claim(claim({ limit: 9 })))).toEqual(['t0', 't1', 't2', 't3']);
    });

    test('what leaves its queue otherwise is not claimed, and what has expired is passed over', async () => {
      const store = await opened();
      await insert(
        store,
        queued('revoked'),
        queued('expired', { expiresAt: 50 }),
        queued('forgotten'),
        queued('good', { expiresAt: 51 }),
      );
      await put(store, ended((await store.find('revoked')) as TaskRecord, 1));
      expect(await store.commit([change({ remove: ['forgotten'] })])).toEqual(['done']);
      expect(ids(await store.claim(claim({ limit: 9, now: 50 })))).toEqual(['good']);
      expect((await store.find('expired'))?.state).toBe('queued');
    });

    test('what is due, has expired, or whose lease is over comes earliest first, in pages', async () => {
      const store = await opened();
      const scheduled = { state: 'scheduled', queuedAt: undefined } as const;
      await insert(
        store,
        queued('due30', { ...scheduled, dueAt: 30 }),
        queued('due10', { ...scheduled, dueAt: 10 }),
        queued('expires20', { expiresAt: 20 }),
        queued('soon', { ...scheduled, dueAt: 90, expiresAt: 15 }),
        queued('never', { ...scheduled, dueAt: 1000 }),
        queued('runs', { priority: 9 }),
      );
      await store.claim(claim({ limit: 1, now: 0, leaseMs: 25 }));
      const pages: string[][] = [];
      for (let after: string | undefined; ; ) {
        const page = await store.due(100, after, 2);
        pages.push(page.map(({ id }) => id));
        after = page.at(-1)?.id;
        if (page.length < 2) break;
      }
      expect(pages.flat()).toEqual(['due10', 'soon', 'expires20', 'runs', 'due30']);
      expect(ids(await store.due(14, undefined, 9))).toEqual(['due10']);
    });

    test('a lease is renewed only for whoever has it', async () => {
      const store = await opened();
      await insert(store, queued('a'), queued('b'));
      await store.claim(claim({ worker: 'one', limit: 1 }));
      await store.claim(claim({ worker: 'two', limit: 1 }));
      expect([...(await store.renew('one', ['a', 'b', 'c'], 500))]).toEqual(['a']);
      expect((await store.find('a'))?.leaseUntil).toBe(500);
    });

    test('list has the oldest first, by state, queue, name and root, in pages', async () => {
      const store = await opened();
      for (let i = 0; i < 25; i++)
        await insert(
          store,
          queued(`t${i}`, {
            queue: i % 2 === 0 ? 'even' : 'odd',
            submittedAt: i,
            root: `r${i % 3}`,
          }),
        );
      const all: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = await store.list({ limit: 7 }, after);
        all.push(...ids(page));
        after = page.at(-1)?.id;
        if (page.length < 7) break;
        // The last of a page may go before the next one is asked for.
        if (after === 't13') await store.commit([change({ remove: [after] })]);
      }
      expect(all).toEqual(Array.from({ length: 25 }, (_, i) => `t${i}`));
      expect(ids(await store.list({ queue: 'odd', root: 'r1' }, undefined))).toEqual([
        't1',
        't7',
        't19',
      ]);
      expect(await store.list({ state: ['running', 'failed'] }, undefined)).toEqual([]);
      expect((await store.list({ state: 'queued', name: 'task' }, undefined)).length).toBe(24);
    });

    test('findUnique has the latest of a key, until it is gone', async () => {
      const store = await opened();
      await insert(store, queued('a', { unique: 'u' }));
      expect((await store.findUnique('u'))?.id).toBe('a');
      await put(store, ended((await store.find('a')) as TaskRecord, 1));
      expect((await store.findUnique('u'))?.id).toBe('a');
      await insert(store, queued('b', { unique: 'u' }));
      expect((await store.findUnique('u'))?.id).toBe('b');
      await store.commit([change({ remove: ['b'] })]);
      expect((await store.findUnique('u'))?.id).not.toBe('b');
      expect(await store.findUnique('other')).toBeUndefined();
    });

    test('outcomes of members come by place, in pages', async () => {
      const store = await opened();
      const members = {
        kind: 'group',
        pending: 5,
        failed: 0,
        next: 5,
        all: 5,
        of: '{}',
        limit: 9,
        settle: false,
      } as const;
      await insert(store, queued('g', { state: 'joining', members }));
      for (const i of [0, 2, 4])
        await insert(store, ended(queued(`g.${i}`, { join: { id: 'g', index: i } }), 1));
      const [ok, none] = ['{"ok":true,"value":1}', undefined];
      expect([...(await store.outcomes('g', 0, 3))]).toEqual([ok, none, ok]);
      expect([...(await store.outcomes('g', 3, 9))]).toEqual([none, ok]);
    });

    test('counts tell depth, running and the oldest of each queue, the scheduled and the quarantined', async () => {
      const store = await opened();
      await insert(
        store,
        queued('a', { queuedAt: 10 }),
        queued('b', { queuedAt: 5, priority: 1 }),
        queued('c', { queue: 'other', queuedAt: 7, key: 'k' }),
        queued('s', { state: 'scheduled', queuedAt: undefined }),
        queued('q', { state: 'quarantined', queuedAt: undefined, endedAt: 1, outcome: '{}' }),
      );
      await store.claim(claim({ limit: 1 }));
      expect(await store.counts()).toEqual({
        queues: {
          default: { queued: 1, running: 1, oldestAt: 10 },
          other: { queued: 1, running: 0, oldestAt: 7 },
        },
        scheduled: 1,
        quarantined: 1,
      });
    });

    test('a note is compared and set; one of a task goes with it', async () => {
      const store = await opened();
      await insert(store, queued('t'));
      const set = async (key: string, value: string | undefined, version: number) =>
        (await store.commit([change({ notes: [{ key, value, version }] })]))[0];
      expect(await set('n', 'one', 0)).toBe('done');
      expect(await set('n', 'two', 0)).toBe('stale');
      expect(await store.note('n')).toEqual({ value: 'one', version: 1 });
      expect(await set('n', 'two', 1)).toBe('done');
      expect(await set('t\nonce\nx', 'kept', 0)).toBe('done');
      expect([...(await store.notes('t\n'))].map(({ key }) => key)).toEqual(['t\nonce\nx']);
      await store.commit([change({ remove: ['t'] })]);
      expect(await store.note('t\nonce\nx')).toBeUndefined();
      expect(await set('n', undefined, 2)).toBe('done');
      expect(await store.note('n')).toBeUndefined();
    });

    test('a note and a task are kept together or not at all', async () => {
      const store = await opened();
      const both = { insert: [queued('slot')], notes: [{ key: 'next', value: '1', version: 3 }] };
      expect(await store.commit([change(both)])).toEqual(['stale']);
      expect(await store.find('slot')).toBeUndefined();
    });

    test('one leads at a time, until its lease is over', async () => {
      const store = await opened();
      // A database goes by a clock of its own, so the lease is one that no slow machine outlives.
      const long = 60_000;
      expect(await store.lead('cron', 'one', long, 0)).toBe(long);
      expect(await store.lead('cron', 'two', long, 0)).toBeUndefined();
      expect(await store.lead('other', 'two', long, 0)).toBe(long);
      expect(await store.lead('cron', 'one', long, 50)).toBe(long + 50);
    });

    test('sweep drops what has outlived its time, its members with it, and nothing of a join that may go on', async () => {
      const store = await opened();
      const members = {
        kind: 'group',
        pending: 1,
        failed: 0,
        next: 2,
        all: 2,
        of: '{}',
        limit: 9,
        settle: false,
      } as const;
      const join = (id: string, index: number) => ({ join: { id, index } });
      await insert(
        store,
        queued('open', { state: 'joining', queuedAt: undefined, members }),
        ended(queued('open.0', { ...join('open', 0), keepMs: 0 }), 0),
        queued('open.1', join('open', 1)),
        ended(queued('over', { members, keepMs: 10 }), 0),
        ended(queued('over.0', { ...join('over', 0), keepMs: 1000 }), 0),
        ended(queued('over.1', { ...join('over', 1), keepMs: 1000 }), 0),
        ended(queued('young', { keepMs: 500 }), 0),
      );
      const swept = await store.sweep(100, 1000);
      expect(swept.dropped).toBe(3);
      const left = ids(await store.list({}, undefined)).sort();
      expect(left).toEqual(['open', 'open.0', 'open.1', 'young']);
      await put(store, ended((await store.find('open.1')) as TaskRecord, 100));
      await put(store, { ...ended((await store.find('open')) as TaskRecord, 100), keepMs: 0 });
      await store.sweep(2000, 1000);
      expect(ids(await store.list({}, undefined))).toEqual([]);
    });
  });
}

export function change(of: Partial<Change>): Change {
  return { put: [], insert: [], remove: [], ...of };
}

export function claim(of: Partial<ClaimRequest>): ClaimRequest {
  return {
    worker: 'w',
    queues: ['default'],
    limit: 1,
    leaseMs: 30_000,
    now: 0,
    names: NAMES,
    held: new HeldKeys(),
    ...of,
  };
}

async function insert(store: Store, ...records: readonly TaskRecord[]): Promise<void> {
  expect(await store.commit([change({ insert: records })])).toEqual(['done']);
}

async function put(store: Store, record: TaskRecord): Promise<void> {
  expect(await store.commit([change({ put: [record] })])).toEqual(['done']);
}

function back(record: TaskRecord): TaskRecord {
  return { ...record, state: 'queued', worker: undefined, leaseUntil: undefined };
}

function ids(records: readonly TaskRecord[]): string[] {
  return records.map(({ id }) => id);
}
