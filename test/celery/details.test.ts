/** Numbers in headers, results that stay, waits on one connection, what is hidden: beside Python, on the real brokers. */

import { randomUUID } from 'node:crypto';
import { celeryTask } from '@beamish/celery';
import { connect } from 'amqplib';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { callMessage } from '../../packages/celery/src/messages/call-message.ts';
import { requestMessage } from '../../packages/celery/src/messages/control.ts';
import { pack } from '../../packages/celery/src/messages/envelope.ts';
import { publishOptions } from '../../packages/celery/src/wire/amqp-delivery.ts';
import {
  consumersOf,
  freshNames,
  MISSING,
  PAIRS,
  type Pair,
  type PythonClient,
  type PythonWorker,
  pythonClient,
  pythonWorker,
  RABBITMQ,
  REDIS,
} from './support/live.ts';
import { join, type Ours } from './support/ours.ts';

const within = 20_000;

test('CEL-04 integers in headers are written with a type that Python reads', () => {
  const message = callMessage(
    { id: 'x', name: 'a', args: [], retries: 200, hardMs: 300_000, softMs: 128_000 },
    { origin: 'test', show: 'repr' },
  );
  const clocked = { ...message, headers: { ...message.headers, clock: 128, least: -(2 ** 31) } };
  const { headers } = publishOptions(clocked) as { headers: Record<string, unknown> };
  const int = (value: number) => ({ '!': 'int', value });
  expect(headers['retries']).toEqual(int(200));
  expect(headers['timelimit']).toEqual([int(300), int(128)]);
  expect(headers['clock']).toEqual(int(128));
  expect(headers['least']).toEqual(int(-(2 ** 31)));
});

describe.skipIf(MISSING !== undefined)('beside Python on RabbitMQ', () => {
  const pair = PAIRS[0] as Pair;
  const names = freshNames();
  let worker: PythonWorker;
  let client: PythonClient;
  let ours: Ours;
  beforeAll(async () => {
    [worker, client, ours] = await Promise.all([
      pythonWorker(pair, names),
      pythonClient(pair, names),
      join(pair, names, { show: 'none' }),
    ]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([client, worker, ours].map((each) => each?.[Symbol.asyncDispose]()));
  }, 30_000);

  test('CEL-04 retries of 200, limits of 300 and 128 s and a clock over 32,767 end nobody, and are read as they are', async () => {
    const connection = await connect(RABBITMQ);
    const channel = await connection.createConfirmChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    const answer = new Promise<Record<string, unknown>>((resolve) => {
      void channel.consume(
        queue,
        (message) => message && resolve(JSON.parse(message.content.toString()).result),
        { noAck: true },
      );
    });
    const message = callMessage(
      {
        id: randomUUID(),
        name: 'peer.request',
        args: [],
        retries: 200,
        hardMs: 300_000,
        softMs: 128_000,
        replyTo: queue,
      },
      { origin: 'test', show: 'repr' },
    );
    channel.publish('', names.py, Buffer.from(message.body), publishOptions(message));
    expect(await answer).toMatchObject({ retries: 200, args: '()' });
    // The clock of remote control passes 127 and 32,767.
    for (const clock of [120, 128, 32_760, 32_768, 40_000]) {
      const heard = requestMessage(
        {
          method: 'clock',
          args: {},
          nodes: undefined,
          ticket: undefined,
          replyTo: undefined,
          expires: 0,
        },
        clock,
      );
      channel.publish('celery.pidbox', '', Buffer.from(heard.body), publishOptions(heard));
      await channel.waitForConfirms();
      await vi.waitFor(
        async () => {
          const [node, nodes] = [names.jsNode, [names.jsNode]];
          const replies = await ours.py.inspect<{ clock: number }>(
            'clock',
            {},
            { nodes, within: 5000 },
          );
          expect(replies[node]?.clock).toBeGreaterThan(clock);
        },
        { timeout: 25_000 },
      );
      const theirs = await ours.py.inspect('ping', {}, { nodes: [names.pyNode], within: 10_000 });
      expect(theirs).toEqual({ [names.pyNode]: { ok: 'pong' } });
    }
    await connection.close();
  }, 60_000);

  test('CEL-75 what arguments are is in no header, no event and no log with show: none', async () => {
    const connection = await connect(RABBITMQ);
    const channel = await connection.createChannel();
    const seen: string[] = [];
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, 'celeryev', '#');
    await channel.consume(queue, (message) => message && seen.push(message.content.toString()), {
      noAck: true,
    });
    const secret = `secret-${randomUUID()}`;
    const echo = celeryTask<[string], string[]>('js.echo', { queue: names.js });
    const boom = celeryTask<[string], number>('js.boom', { queue: names.js });
    const request = celeryTask<[], { args: string }>('peer.request', { queue: names.py });
    await (await ours.app.submit(echo.s(secret))).get({ within });
    await (await ours.app.submit(boom.s('plain'))).get({ within }).catch(() => undefined);
    expect((await (await ours.app.submit(request.s())).get({ within })).args).toBe('...');
    await vi.waitFor(
      () =>
        expect(
          seen.filter((text) => text.includes(names.jsNode) && text.includes('task-succeeded')),
        ).not.toHaveLength(0),
      { timeout: 25_000 },
    );
    expect(seen.join()).not.toContain(secret);
    expect(JSON.stringify(ours.reports)).not.toContain(secret);
    await connection.close();
  });

  test('CEL-72 a receiver of theirs prints our events', async () => {
    const receiver = randomUUID();
    const heard = client.py<string[]>(
      `(lambda seen: (app.events.Receiver(app.connection(), node_id='${receiver}', handlers={'*': lambda e: seen.append(e['type'] + ' ' + e['hostname'])}).capture(limit=6, timeout=20), seen)[1])([])`,
    );
    await vi.waitFor(
      async () => expect(await consumersOf(RABBITMQ, `celeryev.${receiver}`)).toBe(1),
      {
        timeout: within,
      },
    );
    const add = celeryTask<[number, number], number>('js.add', { queue: names.js });
    for (let i = 0; i < 10; i++) await (await ours.app.submit(add.s(1, i))).get({ within });
    expect((await heard).some((each) => each.endsWith(names.jsNode))).toBe(true);
  }, 40_000);
});

describe.skipIf(MISSING !== undefined)('results in Redis', () => {
  const pair = PAIRS[2] as Pair;

  test('CEL-25 a stored success stays what it is, and a new one is told as it is kept', async () => {
    const names = freshNames();
    await using ours = await join(pair, names);
    const redis = new Redis(REDIS);
    const id = randomUUID();
    const kept = `{"status": "SUCCESS", "result": 1, "traceback": null, "children": [], "task_id": "${id}"}`;
    await redis.setex(`celery-task-meta-${id}`, 600, kept);
    const message = callMessage(
      { id, name: 'js.boom', args: ['late'] },
      { origin: 'test', show: 'repr' },
    );
    await redis.lpush(names.js, pack(message, { exchange: '', key: names.js }));
    const add = celeryTask<[number, number], number>('js.add', { queue: names.js });
    const wire = randomUUID();
    expect(await (await ours.app.submit(add.s(1, 2), { id: wire })).get({ within })).toBe(3);
    expect(await redis.get(`celery-task-meta-${id}`)).toBe(kept);
    expect(await redis.get(`celery-task-meta-${wire}`)).toContain('"result":3');
    const ttl = await redis.ttl(`celery-task-meta-${wire}`);
    expect(ttl).toBeGreaterThan(86_000);
    redis.disconnect();
  });

  test('CEL-27 a thousand waits are on one connection, and each hears of its own', async () => {
    const names = freshNames();
    await using ours = await join(pair, names);
    const redis = new Redis(REDIS);
    const connections = async (): Promise<number> =>
      String(await redis.client('LIST'))
        .split('\n')
        .filter((line) => line.includes(`name=${names.jsNode}`)).length;
    const before = await connections();
    const add = celeryTask<[number, number], number>('js.add', { queue: names.js });
    const handles = await ours.app.submitMany(Array.from({ length: 1000 }, (_, i) => add.s(i, 1)));
    const most = await connections();
    const values = await Promise.all(handles.map((handle) => handle.get({ within: 30_000 })));
    expect(values).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    expect(most).toBe(before);
    redis.disconnect();
  }, 40_000);
});

test.skipIf(MISSING === undefined)(`Celery was not asked: there is no ${MISSING}`, () => {
  expect(MISSING).toBeDefined();
});
