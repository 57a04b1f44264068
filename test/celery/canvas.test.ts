/** Canvases that Python submits, with steps and parts of ours in them; results in Redis, where chords meet. */

import { celeryTask } from '@beamish/celery';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callMessage } from '../../packages/celery/src/messages/call-message.ts';
import { pack } from '../../packages/celery/src/messages/envelope.ts';
import {
  freshNames,
  MISSING,
  PAIRS,
  type PythonClient,
  type PythonWorker,
  pythonClient,
  pythonWorker,
  REDIS,
} from './support/live.ts';
import { join, type Ours } from './support/ours.ts';

const pair = PAIRS[2] as (typeof PAIRS)[0];

describe.skipIf(MISSING !== undefined)('canvases of Python', () => {
  const names = freshNames();
  let worker: PythonWorker;
  let client: PythonClient;
  let ours: Ours;
  let redis: Redis;
  /** A signature of ours, and one of theirs. */
  const js = (name: string, ...args: unknown[]) =>
    `sig('js.${name}', ${[...args.map((each) => JSON.stringify(each)), `queue='${names.js}'`].join(', ')})`;
  const py = (text: string) => `${text}.set(queue='${names.py}')`;
  const got = (text: string) => client.py<unknown>(`got(${text})`);

  beforeAll(async () => {
    redis = new Redis(REDIS);
    [worker, client, ours] = await Promise.all([
      pythonWorker(pair, names),
      pythonClient(pair, names),
      join(pair, names),
    ]);
  }, 60_000);
  afterAll(async () => {
    redis?.disconnect();
    await Promise.all([client, worker, ours].map((each) => each?.[Symbol.asyncDispose]()));
  }, 30_000);

  test('CEL-38 a chord has parts in both languages and its body in either', async () => {
    const parts = `[add.s(1, 1), ${js('add', 2, 2)}, add.s(3, 3), ${js('double', 4)}]`;
    expect(await got(`chord(${parts})(${py('tsum.s()')})`)).toEqual({ value: 20 });
    expect(await got(`chord(${parts})(${js('total')})`)).toEqual({ value: 20 });
  });

  test('CEL-38 a chord is a step of a chain, and has chains for parts', async () => {
    const inner = `chain(add.s(1, 1), ${js('double')})`;
    const parts = `[${inner}, ${js('add', 2, 2)}]`;
    const steps = `chain(chord(${parts}, ${js('total')}), ${py('add.s(100)')}, ${js('double')})`;
    expect(await got(`${steps}.apply_async()`)).toEqual({ value: 216 });
    const after = `chain(add.s(2, 3), group([${js('add', 1)}, ${py('add.s(2)')}]), ${js('total')}, ${py('add.s(7)')})`;
    expect(await got(`${after}.apply_async()`)).toEqual({ value: 20 });
  });

  test('CEL-42 an empty chord, a chord of chords and a chain in a chord have 0, 20 and 11', async () => {
    expect(await got(`chord([], ${js('total')}).apply_async()`)).toEqual({ value: 0 });
    const inner = `chord([${js('add', 1, 1)}, ${js('add', 4, 4)}], ${js('total')})`;
    expect(await got(`chord([${inner}, ${inner}], ${js('total')}).apply_async()`)).toEqual({
      value: 20,
    });
    const chained = `chain(${js('add', 1, 1)}, ${js('add', 5)})`;
    expect(
      await got(`chord([${chained}, ${js('add', 2, 2)}], ${js('total')}).apply_async()`),
    ).toEqual({ value: 11 });
  });

  test('CEL-40 a part that fails ends the chord: ChordError, with who and why, and its errback is called', async () => {
    const parts = `[${js('add', 1, 1)}, ${js('boom', 'x')}, add.s(2, 2)]`;
    const stored = (text: string) =>
      client.py(`(lambda e: [type(e).__name__, str(e)])(${text}.get(propagate=False, timeout=20))`);
    expect(await stored(`chord(${parts})(${js('total')})`)).toEqual([
      'ChordError',
      expect.stringMatching(/^Dependency [0-9a-f-]{36} raised TypeError\('x'\)$/),
    ]);
    const theirs = `[${js('add', 1, 1)}, fail.s('y'), ${js('add', 2, 2)}]`;
    expect(await stored(`chord(${theirs})(${js('total')})`)).toEqual([
      'ChordError',
      expect.stringContaining("ValueError('y')"),
    ]);
  });

  test('CEL-34 when a step fails here, every step after it has the same failure', async () => {
    const failing = `chain(${js('boom', 'early')}, ${py('add.s(1)')}, ${js('double')})`;
    const states = await client.py<unknown[]>(
      `(lambda r: [got(r), got(r.parent), got(r.parent.parent)])(${failing}.apply_async())`,
    );
    for (const each of states) expect(each).toMatchObject({ error: 'TypeError', args: ['early'] });
  });

  test('CEL-35 callbacks get the result first, unless they are immutable', async () => {
    const key = `callback-${names.js}`;
    const linked = await client.py<string[]>(
      `(lambda a, b: [got(${js('add', 1, 2)}.apply_async(link=[a.set(task_id='${key}-a'), b.set(task_id='${key}-b')])), ` +
        `got(app.AsyncResult('${key}-a')), got(app.AsyncResult('${key}-b'))])` +
        `(${py('add.s(10)')}, ${js('add', 5, 6)}.set(immutable=True))`,
    );
    expect(linked).toEqual([{ value: 3 }, { value: 13 }, { value: 11 }]);
  });

  test('CEL-36 an errback of theirs gets the id of what failed, one of ours a failure', async () => {
    const id = `errback-${names.js}`;
    const answers = await client.py<unknown[]>(
      `(lambda r: [r.id, got(r), got(app.AsyncResult('${id}-js')), got(app.AsyncResult('${id}-py'))])` +
        `(${js('boom', 'bad')}.apply_async(link_error=[${js('failed')}.set(task_id='${id}-js'), ${py('echo.s()')}.set(task_id='${id}-py')]))`,
    );
    const [task, failed, ofOurs, ofTheirs] = answers;
    expect(failed).toMatchObject({ error: 'TypeError' });
    expect(ofOurs).toEqual({ value: `js.boom: bad (${String(task)})` });
    expect(ofTheirs).toEqual({ value: [[task], {}] });
  });

  test('CEL-41 a part that is delivered twice, with another result, counts once', async () => {
    const group = `00000000-0000-4000-8000-${Date.now().toString(16).padStart(12, '0')}`;
    const body = {
      task: 'js.total',
      args: [],
      kwargs: {},
      options: { task_id: `${group}-body`, queue: names.js },
      subtask_type: null,
      immutable: false,
    };
    const send = async (index: number, value: number): Promise<void> => {
      const call = {
        id: `${group}-${index}`,
        name: 'js.add',
        args: [value, 0],
        groupId: group,
        groupIndex: index,
        chord: body,
        retries: value,
      };
      const message = callMessage(call, { origin: 'test', show: 'repr' });
      await redis.lpush(names.js, pack(message, { exchange: '', key: names.js }));
    };
    await redis.setex(`celery-taskset-meta-${group}.s`, 600, '3');
    await send(0, 1);
    await send(0, 100);
    await send(1, 10);
    await expect
      .poll(() => redis.zcard(`celery-taskset-meta-${group}.j`), { timeout: 25_000 })
      .toBe(2);
    await send(2, 1000);
    const value = await client.py(`got(app.AsyncResult('${group}-body'))`);
    expect([{ value: 1011 }, { value: 1110 }]).toContainEqual(value);
    await expect
      .poll(() => redis.exists(`celery-taskset-meta-${group}.j`), { timeout: 25_000 })
      .toBe(0);
  });

  test('CEL-44 map, starmap and chunks of Python run our task', async () => {
    expect(
      await got(`xmap(app.signature('js.double'), [1, 2, 3]).apply_async(queue='${names.js}')`),
    ).toEqual({ value: [2, 4, 6] });
    expect(
      await got(
        `xstarmap(app.signature('js.add'), [(1, 2), (3, 4)]).apply_async(queue='${names.js}')`,
      ),
    ).toEqual({
      value: [3, 7],
    });
    expect(
      await got(
        `chunks(app.signature('js.add'), [(i, i) for i in range(5)], 2).apply_async(queue='${names.js}')`,
      ),
    ).toEqual({ value: [[0, 2], [4, 6], [8]] });
  });

  test('CEL-45 what a task of theirs is replaced by answers to us', async () => {
    const replace = celeryTask<[n: number], number>('peer.replace', { queue: names.py });
    const handle = await ours.app.submit(replace.s(5));
    expect(await handle.get({ within: 20_000 })).toBe(105);
  });

  test('CEL-37 a group result is read from both sides', async () => {
    const members = `[${js('double', 1)}, add.s(1, 3)]`;
    expect(
      await client.py(`(lambda r: (r.save(), restored(r.id))[1])(group(${members}).apply_async())`),
    ).toEqual([2, 4]);
  });

  test('CEL-43 a chord of 2,000 is right', async () => {
    const parts = `[${js('double')}.clone(args=(i,)) for i in range(2000)]`;
    expect(await client.py(`got(chord(${parts})(${js('total')}), 200)`)).toEqual({
      value: 3_998_000,
    });
  }, 240_000);
});

test.skipIf(MISSING === undefined)(`Celery was not asked: there is no ${MISSING}`, () => {
  expect(MISSING).toBeDefined();
});
