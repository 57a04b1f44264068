/** Served tasks in threads of a pool: one at a time in each, with limits that kill. Real threads, on RabbitMQ. */

import { threadId } from 'node:worker_threads';
import { type Celery, celery, celeryTask } from '@beamish/celery';
import { memory, type TaskOutcome, type Tasks, tasks } from '@beamish/tasks';
import { threads } from '@beamish/threads';
import { ActorSystem } from 'beamish';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as inThreads from './support/in-threads.ts';
import { compute, deadly, endless, keeps } from './support/in-threads.ts';
import { freshNames, MISSING, RABBITMQ } from './support/live.ts';
import { cleanUp, double } from './support/ours.ts';

const within = 30_000;

test('a task with `thread` is not served without threads', async () => {
  await using system = new ActorSystem({ log: 'off' });
  await using app = await tasks(system, { tasks: [], store: memory() });
  await expect(
    celery(app, { broker: RABBITMQ, serve: { tasks: [compute], queues: ['q'] } }),
  ).rejects.toThrow(
    'Cannot serve the task "js.compute": it runs in a thread, and no threads were given; pass threads: await threads(system)',
  );
});

describe.skipIf(MISSING !== undefined)('a served task with `thread`', () => {
  const names = freshNames();
  let system: ActorSystem;
  let app: Tasks;
  let py: Celery;
  const there = {
    compute: celeryTask<[ms: number], number>(compute.name, { queue: names.js }),
    endless: celeryTask<[isEndless: boolean], number>(endless.name, { queue: names.js }),
    deadly: celeryTask<[], number>(deadly.name, { queue: names.js }),
    keeps: celeryTask<[], readonly unknown[]>(keeps.name, { queue: names.js }),
    double: celeryTask<[n: number], number>(double.name, { queue: names.js }),
  };

  beforeAll(async () => {
    system = new ActorSystem({ name: 'main', log: 'off' });
    const pool = await threads(system, { size: 2, systems: { log: 'off' } });
    app = await tasks(system, { tasks: [double], store: memory() });
    py = await celery(app, {
      broker: RABBITMQ,
      results: 'rpc://',
      node: names.jsNode,
      serve: {
        tasks: [...Object.values(inThreads), double],
        queues: [names.js],
        concurrency: 8,
        threads: pool,
      },
    });
  }, 60_000);
  afterAll(async () => {
    await py?.close();
    await system?.shutdown();
    await cleanUp({ broker: RABBITMQ, names });
  }, 30_000);

  const outcomeOf = async (task: Parameters<Tasks['submit']>[0]): Promise<TaskOutcome<unknown>> => {
    const handle = await app.submit(task);
    return await handle.get({ within }).then(
      (value) => ({ ok: true, value }),
      (error: { failure: never }) => ({ ok: false, reason: error.failure }),
    );
  };

  test('runs in one of the pool, one at a time in each, and what needs none passes', async () => {
    const handles = await app.submitMany(Array.from({ length: 6 }, () => there.compute.s(100)));
    expect(await (await app.submit(there.double.s(2))).get({ within })).toBe(4);
    expect((await handles.at(-1)?.state())?.state).toBe('running');
    const used = new Set(await Promise.all(handles.map((handle) => handle.get({ within }))));
    expect(used.size).toBe(2);
    expect(used.has(threadId)).toBe(false);
  }, 60_000);

  test('is killed with its thread at its hard limit, and the next one runs', async () => {
    expect(await outcomeOf(there.endless.s(true))).toMatchObject({
      ok: false,
      reason: { error: { name: 'TimeLimitExceeded', message: '0.3' } },
    });
    expect(await outcomeOf(there.compute.s(1))).toMatchObject({ ok: true });
  }, 60_000);

  test('that ends its thread is counted, and the third time it is a failure, WorkerLostError', async () => {
    expect(await outcomeOf(there.deadly.s())).toMatchObject({
      ok: false,
      reason: { error: { name: 'WorkerLostError' } },
    });
    expect(await outcomeOf(there.compute.s(1))).toMatchObject({ ok: true });
  }, 60_000);

  test('keeps what it has noted when it is tried again, shows its progress, and submits', async () => {
    const handle = await app.submit(there.keeps.s());
    const shown: unknown[] = [];
    for await (const { progress } of handle.watch())
      if (progress !== undefined) shown.push(progress);
    expect(await handle.get({ within })).toEqual([2, 1, 'attempt 1', 'string']);
    expect(shown).toContainEqual({ attempt: 1 });
  }, 60_000);
});

test.skipIf(MISSING === undefined)(`Celery was not asked: there is no ${MISSING}`, () => {
  expect(MISSING).toBeDefined();
});
