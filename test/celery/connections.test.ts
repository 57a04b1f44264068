/** Connections that are cut, processes that end, queues that are as somebody else made them. */

import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { celery, celeryTask } from '@beamish/celery';
import { chain, memory, tasks } from '@beamish/tasks';
import { connect } from 'amqplib';
import { ActorSystem } from 'beamish';
import { Redis } from 'ioredis';
import { describe, expect, test, vi } from 'vitest';
import { callMessage } from '../../packages/celery/src/messages/call-message.ts';
import { listsOf, pack } from '../../packages/celery/src/messages/envelope.ts';
import { Cuttable } from '../support/cuttable.ts';
import { FROM_SOURCE } from '../support/from-source.ts';
import { freshNames, MISSING, PAIRS, type Pair, RABBITMQ, REDIS } from './support/live.ts';
import { add, double, join, type Ours } from './support/ours.ts';

const within = 20_000;
const rabbit = PAIRS[0] as Pair;
const redis = PAIRS[2] as Pair;

async function sum(ours: Ours, queue: string, n: number): Promise<number> {
  const task = celeryTask<[number, number], number>('js.add', { queue });
  return await (await ours.app.submit(task.s(n, 1))).get({ within });
}

describe.skipIf(MISSING !== undefined)('a connection', () => {
  test.each([rabbit, redis].map((pair) => [pair.name, pair] as const))(
    'CEL-56 that is cut, on %s, is made again, and no call is lost',
    async (_, pair) => {
      const names = freshNames();
      const url = new URL(pair.broker);
      const way = await Cuttable.to(Number(url.port));
      url.port = String(way.port);
      const results = pair.results === pair.broker ? url.href : pair.results;
      const ours = await join({ ...pair, broker: url.href, results }, names);
      try {
        expect(await sum(ours, names.js, 0)).toBe(1);
        for (let round = 1; round <= 3; round++) {
          const nap = celeryTask<[ms: number], number>('js.nap', { queue: names.js });
          const calls = Array.from({ length: 20 }, (_each, i) => sum(ours, names.js, i));
          const long = ours.app.submit(nap.s(300)).then((handle) => handle.get({ within }));
          way.cut();
          way.mend();
          expect(await Promise.all(calls)).toEqual(Array.from({ length: 20 }, (_each, i) => i + 1));
          expect(await long).toBe(300);
        }
        const replies = await ours.py.inspect('ping', {}, { nodes: [names.jsNode], within: 5000 });
        expect(replies).toEqual({ [names.jsNode]: { ok: 'pong' } });
      } finally {
        await ours[Symbol.asyncDispose]();
        way.close();
      }
    },
    60_000,
  );

  test('CEL-80 has a password and a virtual host with odd characters, and shows no password', async () => {
    const system = new ActorSystem({ log: 'off' });
    const app = await tasks(system, { tasks: [add], store: memory() });
    const url = `${RABBITMQ.replace('guest:guest', 'guest:p%40ss%2Fword')}%2F`;
    const failure = await celery(app, { broker: url, results: 'none', node: 'x' }).catch(
      (error: Error) => error,
    );
    expect(String((failure as Error).message)).not.toContain('p@ss');
    expect(String((failure as Error).message)).not.toContain('p%40ss');
    await system.shutdown();
  });
});

describe.skipIf(MISSING !== undefined)('a process that ends', () => {
  test('CEL-48 with a body is counted, and the third time its call is a failure, WorkerLostError', async () => {
    const names = freshNames();
    await using ours = await join(rabbit, names, { serve: undefined as never });
    const program = fileURLToPath(new URL('./support/ends.ts', import.meta.url));
    const env = { ...process.env, BROKER: RABBITMQ, QUEUE: names.js };
    const run = (): Promise<void> =>
      new Promise((over) => {
        const child = fork(program, {
          env,
          execArgv: [...FROM_SOURCE],
          stdio: 'ignore',
        });
        const stop = setTimeout(() => child.kill('SIGKILL'), 20_000);
        child.once('exit', () => {
          clearTimeout(stop);
          over();
        });
        ending = child;
      });
    let ending: ReturnType<typeof fork> | undefined;
    await declared(names.js);
    const die = celeryTask<[], number>('js.die', { queue: names.js });
    const handle = await ours.app.submit(die.s());
    // Each ends with it, and the last one says so and stays.
    for (let i = 0; i < 3; i++) await run();
    const last = run();
    await expect(handle.get({ within })).rejects.toMatchObject({
      failure: { error: { name: 'WorkerLostError' } },
    });
    ending?.kill('SIGKILL');
    await last;
  }, 90_000);

  test('CEL-78 leaves the others of its queue their work', async () => {
    const names = freshNames();
    const three = await Promise.all(
      [1, 2, 3].map((n) => join(rabbit, { ...names, jsNode: `${names.jsNode}${n}` }, {})),
    );
    const [first, second] = three as [Ours, Ours, Ours];
    const nap = celeryTask<[ms: number], number>('js.nap', { queue: names.js });
    const naps = await Promise.all(Array.from({ length: 24 }, () => first.app.submit(nap.s(200))));
    await vi
      .waitFor(
        async () => {
          const active = await first.py.inspect<unknown[]>('active', {}, { within: 300 });
          const busy = Object.entries(active).filter(
            ([node, jobs]) => node.startsWith(names.jsNode) && jobs.length > 0,
          );
          expect(busy).toHaveLength(3);
        },
        { timeout: 10_000 },
      )
      .catch(() => undefined);
    await second.py.close();
    for (const handle of naps) expect(await handle.get({ within })).toBe(200);
    await Promise.all(three.map((each) => each[Symbol.asyncDispose]()));
  }, 60_000);
});

/** How many messages a queue has, as its broker says. */
async function waitingIn(pair: Pair, queue: string): Promise<number> {
  if (pair === redis) {
    const client = new Redis(REDIS);
    const lengths = await Promise.all(listsOf(queue).map((list) => client.llen(list)));
    client.disconnect();
    return lengths.reduce((sum_, each) => sum_ + each, 0);
  }
  const connection = await connect(RABBITMQ);
  const channel = await connection.createChannel();
  const { messageCount } = await channel.checkQueue(queue);
  await connection.close();
  return messageCount;
}

async function declared(queue: string, args: object = {}): Promise<void> {
  const connection = await connect(RABBITMQ);
  const channel = await connection.createChannel();
  await channel.assertQueue(queue, { durable: true, arguments: args });
  await connection.close();
}

describe.skipIf(MISSING !== undefined)('a queue', () => {
  test.each([
    ['priorities', { 'x-max-priority': 10 }],
    ['a quorum', { 'x-queue-type': 'quorum' }],
    ['a time to live', { 'x-message-ttl': 60_000 }],
  ] as const)(
    'CEL-46 with %s is used as it is',
    async (_, args) => {
      const names = freshNames();
      await declared(names.js, args);
      await using ours = await join(rabbit, names);
      expect(await sum(ours, names.js, 1)).toBe(2);
    },
    30_000,
  );

  test('CEL-51 with priorities gives out ours, 9, first; so does one in Redis', async () => {
    for (const pair of [rabbit, redis]) {
      const names = freshNames();
      if (pair === rabbit) await declared(names.js, { 'x-max-priority': 10 });
      else
        await new Redis(REDIS).sadd(
          `_kombu.binding.${names.js}`,
          `${names.js}\x06\x16\x06\x16${names.js}`,
        );
      await using client = await join(pair, names, { serve: undefined as never });
      const order: number[] = [];
      const waiting = [0, 5, 9].map(async (priority) => {
        const task = celeryTask<[n: number], number>('js.double', {
          queue: names.js,
          priority: priority as 0 | 5 | 9,
        });
        const handle = await client.app.submit(task.s(priority));
        await handle.get({ within });
        order.push(priority);
      });
      await vi.waitFor(async () => expect(await waitingIn(pair, names.js)).toBe(3), {
        timeout: within,
      });
      const server = await join(
        pair,
        { ...names, jsNode: `${names.jsNode}2` },
        { serve: { tasks: [double], queues: [names.js], concurrency: 1 } },
      );
      await Promise.all(waiting);
      expect(order, pair.name).toEqual([9, 5, 0]);
      await server.py.close();
      await server.system.shutdown();
    }
  }, 60_000);

  test('CEL-47 that is not there rejects a call, with its name, and the connection goes on', async () => {
    const names = freshNames();
    await using ours = await join(rabbit, names);
    const nowhere = celeryTask<[], number>('js.add', { queue: `${names.js}-nowhere` });
    await expect((await ours.app.submit(nowhere.s())).get({ within })).rejects.toThrow(
      `${names.js}-nowhere`,
    );
    expect(await sum(ours, names.js, 1)).toBe(2);
  });
});

describe.skipIf(MISSING !== undefined)('a message in Redis', () => {
  test('CEL-53 CEL-54 is noted while it is held, and refreshed, so that it runs once', async () => {
    const names = freshNames();
    const short = `${REDIS}?visibility_timeout=3`;
    await using ours = await join({ ...redis, broker: short, results: REDIS }, names);
    await using other = await join(
      { ...redis, broker: short, results: REDIS },
      { ...names, jsNode: `${names.jsNode}2` },
    );
    const client = new Redis(REDIS);
    const nap = celeryTask<[ms: number], number>('js.nap', { queue: names.js });
    const handle = await ours.app.submit(nap.s(7000));
    await vi.waitFor(async () => expect(await client.zcard('unacked_index')).toBeGreaterThan(0), {
      timeout: 25_000,
    });
    expect(await handle.get({ within })).toBe(7000);
    const total = await Promise.all(
      [ours, other].map(async ({ py }) => {
        const stats = await py.inspect<{ total: Record<string, number> }>(
          'stats',
          {},
          { nodes: [py.node], within: 3000 },
        );
        return stats[py.node]?.total['js.nap'] ?? 0;
      }),
    );
    expect(total.reduce((sum_, each) => sum_ + each, 0)).toBe(1);
    client.disconnect();
  }, 40_000);

  test('CEL-55 that somebody took who is gone is given to another when its time is over', async () => {
    const names = freshNames();
    const client = new Redis(REDIS);
    const id = randomUUID();
    const tag = randomUUID();
    const message = callMessage(
      { id, name: 'js.add', args: [20, 1] },
      { origin: 'test', show: 'repr' },
    );
    const text = pack(message, { exchange: '', key: names.js }, tag);
    await client.zadd('unacked_index', Date.now() / 1000 - 10, tag);
    await client.hset('unacked', tag, `[${text}, "", "${names.js}"]`);
    await using ours = await join({ ...redis, broker: `${REDIS}?visibility_timeout=2` }, names);
    await vi.waitFor(
      async () => expect(await client.get(`celery-task-meta-${id}`)).toContain('21'),
      { timeout: 25_000 },
    );
    expect(await client.hexists('unacked', tag)).toBe(0);
    expect(await sum(ours, names.js, 1)).toBe(2);
    client.disconnect();
  }, 30_000);

  test('CEL-49 that comes twice with one id runs once', async () => {
    const names = freshNames();
    await using ours = await join(redis, names);
    const client = new Redis(REDIS);
    const message = callMessage(
      { id: randomUUID(), name: 'js.add', args: [1, 1] },
      { origin: 'test', show: 'repr' },
    );
    const push = (): Promise<number> =>
      client.lpush(names.js, pack(message, { exchange: '', key: names.js }));
    await Promise.all([push(), push()]);
    expect(await sum(ours, names.js, 1)).toBe(2);
    const stats = await ours.py.inspect<{ total: Record<string, number> }>(
      'stats',
      {},
      { nodes: [names.jsNode], within: 3000 },
    );
    expect(stats[names.jsNode]?.total['js.add']).toBe(2);
    client.disconnect();
  });

  test('that is no message is gone with a report, and the next one runs', async () => {
    const names = freshNames();
    await using ours = await join(redis, names);
    const client = new Redis(REDIS);
    for (const garbage of [
      'not json',
      '[]',
      '{"body": 5}',
      '"x"',
      '{"body":"e30=","properties":{}}',
      '\x00\xff',
    ])
      await client.lpush(names.js, garbage);
    expect(await sum(ours, names.js, 1)).toBe(2);
    expect(ours.reports.filter(({ kind }) => kind === 'celery_refused')).not.toHaveLength(0);
    client.disconnect();
  });
});

describe.skipIf(MISSING !== undefined)('an application', () => {
  test('may join by a tree of its own, after it, and closes with calls under way', async () => {
    const names = freshNames();
    await using ours = await join(rabbit, names);
    const nap = celeryTask<[ms: number], number>('js.nap', { queue: names.js });
    const handle = await ours.app.submit(chain(nap.s(50), double));
    expect(await handle.get({ within })).toBe(100);
    await declared(names.py);
    const there = celeryTask<[], number>('peer.never', { queue: names.py });
    await ours.app.submit(there.s());
    const { returned } = await ours.app.close({ within: 100 });
    expect(returned).toBe(1);
  }, 60_000);
});

test.skipIf(MISSING === undefined)(`Celery was not asked: there is no ${MISSING}`, () => {
  expect(MISSING).toBeDefined();
});
