/** Both ways, over each pair of broker and results: a Python worker and a Python client beside ours. */

import { celeryTask } from '@beamish/celery';
import { chain, group } from '@beamish/tasks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  freshNames,
  MISSING,
  PAIRS,
  type PythonClient,
  type PythonWorker,
  pythonClient,
  pythonWorker,
} from './support/live.ts';
import { add, boom, double, join, type Ours, total } from './support/ours.ts';

const within = 20_000;

describe.skipIf(MISSING !== undefined).each(PAIRS.map((pair) => [pair.name, pair] as const))(
  `%s`,
  (_, pair) => {
    const names = freshNames();
    let worker: PythonWorker;
    let client: PythonClient;
    let ours: Ours;
    const theirs = {
      add: celeryTask<[a: number, b: number], number>('peer.add', { queue: names.py }),
      fail: celeryTask<[message: string], number>('peer.fail', { queue: names.py }),
      tsum: celeryTask<[all: readonly number[]], number>('peer.tsum', { queue: names.py }),
      echo: celeryTask<unknown[], [unknown[], object]>('peer.echo', { queue: names.py }),
      named: celeryTask<unknown[], [unknown[], object]>('peer.echo', {
        queue: names.py,
        keywords: true,
      }),
      progress: celeryTask<[n: number], number>('peer.progress', { queue: names.py }),
    };
    const sig = (name: string, ...args: unknown[]) =>
      `sig('js.${name}', ${args.map((each) => JSON.stringify(each)).join(', ')}${args.length > 0 ? ', ' : ''}queue='${names.js}')`;

    beforeAll(async () => {
      [worker, client, ours] = await Promise.all([
        pythonWorker(pair, names),
        pythonClient(pair, names),
        join(pair, names),
      ]);
    }, 60_000);
    afterAll(async () => {
      await Promise.all([
        client?.[Symbol.asyncDispose](),
        worker?.[Symbol.asyncDispose](),
        ours?.[Symbol.asyncDispose](),
      ]);
    }, 30_000);

    test('CEL-76 four directions: 3 + 2 = 5, 1 + 2 = 3, 4 + 2 = 6, 2 + 2 = 4', async () => {
      const { app } = ours;
      const ourTask = celeryTask<[number, number], number>('js.add', { queue: names.js });
      expect(await (await app.submit(theirs.add.s(3, 2))).get({ within })).toBe(5);
      expect(await (await app.submit(ourTask.s(1, 2))).get({ within })).toBe(3);
      expect(await client.py('got(add.delay(4, 2))')).toEqual({ value: 6 });
      expect(await client.py(`got(${sig('add', 2, 2)}.delay())`)).toEqual({ value: 4 });
    });

    // What a broker and results have to do with each other is in that; the rest is the same on either.
    const isCrossed = pair.broker.startsWith('redis') !== pair.results.startsWith('redis');
    if (isCrossed && process.env['BEAMISH_CELERY_PAIRS'] !== 'all') return;

    test('a canvas of ours has steps in both languages', async () => {
      const { app } = ours;
      const mixed = chain(theirs.add.s(1, 2), double, theirs.add.after(10), double);
      expect(await (await app.submit(mixed)).get({ within })).toBe(32);
    });

    test('CEL-39 a group of ours has parts in both languages, and its step gets them in order', async () => {
      const { app } = ours;
      const parts = group([theirs.add.s(1, 1), add.s(2, 2), theirs.add.s(3, 3)]);
      expect(await (await app.submit(chain(parts, theirs.tsum))).get({ within })).toBe(12);
      expect(await (await app.submit(chain(parts, total))).get({ within })).toBe(12);
    });

    test('CEL-24 a Python failure has its name, its message and its traceback here', async () => {
      const handle = await ours.app.submit(theirs.fail.s('kaput'));
      await expect(handle.get({ within })).rejects.toMatchObject({
        failure: {
          state: 'failed',
          error: {
            name: 'ValueError',
            message: 'kaput',
            stack: expect.stringContaining('Traceback'),
          },
        },
      });
    });

    test('CEL-22 a failure of ours is an exception there: a builtin one if Python has it', async () => {
      expect(await client.py(`got(${sig('boom', 'x')}.delay())`)).toMatchObject({
        error: 'TypeError',
        module: 'builtins',
        args: ['x'],
        traceback: expect.stringContaining('TypeError: x'),
      });
    });

    test('CEL-77 nothing is added to arguments, and keyword arguments are there only where they are asked for', async () => {
      const { app } = ours;
      const plain = await app.submit(theirs.echo.s(1, { a: 2 }));
      expect(await plain.get({ within })).toEqual([[1, { a: 2 }], {}]);
      const named = await app.submit(theirs.named.s(1, { a: 2 }));
      expect(await named.get({ within })).toEqual([[1], { a: 2 }]);
      expect(await client.py(`got(${sig('echo', 1)}.delay())`)).toEqual({ value: [1] });
      const keywords = `got(${sig('echo', 1)}.apply_async(kwargs={'k': 2}))`;
      expect(await client.py(keywords)).toEqual({ value: [1, { k: 2 }] });
    });

    test('CEL-20 a task that nobody has here is NotRegistered there, at once', async () => {
      expect(await client.py(`got(${sig('nope')}.delay())`)).toMatchObject({
        error: 'NotRegistered',
        module: 'celery.exceptions',
      });
      expect(ours.reports.some(({ kind }) => kind === 'celery_refused')).toBe(true);
    });

    test('CEL-21 one that has expired is REVOKED, and never runs', async () => {
      expect(
        await client.py(`got(${sig('add', 1, 1)}.apply_async(countdown=0.3, expires=0.01))`),
      ).toMatchObject({
        error: 'TaskRevokedError',
        args: ['expired'],
        state: 'REVOKED',
      });
    });

    test('CEL-33 a chain of Python goes through our task, and its client gets the last result', async () => {
      const steps = `chain(add.s(1, 2), ${sig('double')}, add.s(5).set(queue='${names.py}'), ${sig('add', 100)})`;
      expect(await client.py(`got(${steps}.apply_async())`)).toEqual({ value: 111 });
    });

    test('CEL-37 a group of Python has our tasks in it', async () => {
      const members = `[${sig('double', 1)}, add.s(1, 3), ${sig('double', 3)}]`;
      expect(await client.py(`got(group(${members}).apply_async())`)).toEqual({ value: [2, 4, 6] });
    });

    test('CEL-32 what is to be tried again is a new message, and its result comes in the end', async () => {
      expect(await client.py(`got(${sig('flaky', 2)}.delay())`)).toEqual({ value: 3 });
      expect(await client.py(`got(${sig('flaky', 9)}.delay())`)).toMatchObject({
        error: 'RangeError',
        args: ['attempt 4'],
      });
    });

    test('CEL-11 CEL-14 integers of any size and every alphabet go both ways', async () => {
      const values = [2n ** 63n + 1n, 9007199254740993n, 'é☃𝄞 ', [1.5, null, true]];
      const back = await (await ours.app.submit(theirs.echo.s(...values))).get({ within });
      expect(back).toEqual([values, {}]);
      expect(
        await client.py(
          `${sig('echo').replace("'js.echo', ", "'js.echo', 2**63 + 1, 'é☃𝄞', ")}.delay().get(timeout=20) == [2**63 + 1, 'é☃𝄞']`,
        ),
      ).toBe(true);
    });

    test('CEL-07 an eta is waited for, and one that has passed is now', async () => {
      const [value, seconds] = await client.py<[unknown, number]>(
        `timed(${sig('double', 4)}.apply_async(countdown=1))`,
      );
      expect(value).toEqual({ value: 8 });
      expect(seconds).toBeGreaterThan(0.9);
    });

    test('CEL-45 what a task of ours becomes has its result for whoever asked', async () => {
      expect(await client.py(`got(${sig('becomes', 5)}.delay())`)).toEqual({ value: 105 });
    });

    test('CEL-06 headers of the program go along, both ways', async () => {
      const headers = `${sig('headers')}.apply_async(headers={'x-trace': 'abc'})`;
      expect(JSON.parse((await client.py<{ value: string }>(`got(${headers})`)).value)).toEqual({
        'x-trace': 'abc',
      });
      const there = celeryTask<[], Record<string, string>>('peer.headers', { queue: names.py });
      const handle = await ours.app.submit(there.s(), { headers: { 'x-trace': 'abc' } });
      expect(await handle.get({ within })).toMatchObject({ 'x-trace': 'abc' });
    });

    test('CEL-31 progress is told both ways', async () => {
      const handle = await ours.app.submit(theirs.progress.s(3));
      const seen: unknown[] = [];
      for await (const { progress } of handle.watch())
        if (progress !== undefined) seen.push(progress);
      expect(seen).toContainEqual(expect.objectContaining({ total: 3 }));
    });

    test('CEL-67 we ask their workers, and they answer by node', async () => {
      const replies = await ours.py.inspect('ping', {}, { nodes: [names.pyNode], within: 5000 });
      expect(replies).toEqual({ [names.pyNode]: { ok: 'pong' } });
      const registered = await ours.py.inspect<string[]>(
        'registered',
        {},
        { nodes: [names.pyNode], within: 5000 },
      );
      expect(registered[names.pyNode]).toContain('peer.add');
    });

    test('health answers when the broker does', async () => {
      expect(await ours.py.health()).toMatchObject({ ok: true });
    });

    test('a task of ours that throws leaves the worker as it was', async () => {
      const ourBoom = celeryTask<[string], number>(boom.name, { queue: names.js });
      await expect((await ours.app.submit(ourBoom.s('again'))).get({ within })).rejects.toThrow(
        'again',
      );
      expect(await client.py(`got(${sig('add', 1, 1)}.delay())`)).toEqual({ value: 2 });
    });
  },
);

test.skipIf(MISSING === undefined)(`Celery was not asked: there is no ${MISSING}`, () => {
  expect(MISSING).toBeDefined();
});
