/** Brokers of the test's own that are stopped and started again, and connections that fall silent. */

import { celeryTask } from '@beamish/celery';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { listOf } from '../../packages/celery/src/messages/envelope.ts';
import { Cuttable } from '../support/cuttable.ts';
import { isInstalled, type RabbitNode, startNode } from '../support/rabbitmq-node.ts';
import { type Fresh, freshNames, MISSING, PAIRS, type Pair } from './support/live.ts';
import { join, type Ours } from './support/ours.ts';
import { isInstalled as hasRedis, RedisNode } from './support/redis-node.ts';

vi.setConfig({ testTimeout: 120_000 });
const within = 60_000;
/** What a restart takes is none of what is tested. */
const until = { timeout: within };

const napOf = ({ js }: Fresh) => celeryTask<[ms: number], number>('js.nap', { queue: js });

/** Calls that are under way, wait, and come, while the broker is away and back. */
async function callsOver(
  ours: Ours,
  names: Fresh,
  restart: () => Promise<void>,
): Promise<readonly number[]> {
  const nap = napOf(names);
  const calls = Array.from({ length: 30 }, (_, i) => ours.app.submit(nap.s(i * 10)));
  const handles = await Promise.all(calls);
  await handles[5]?.get({ within });
  await restart();
  return await Promise.all(handles.map((handle) => handle.get({ within })));
}

const naps = Array.from({ length: 30 }, (_, i) => i * 10);

// Each waits for time that its broker lets pass; meanwhile another one is started again.
describe.skipIf(MISSING !== undefined).concurrent('a connection that falls silent', () => {
  test.for([PAIRS[0], PAIRS[2]] as Pair[])(
    'CEL-56 on $name is noticed, and another one takes its place',
    async ({ name, broker, results }, { expect, onTestFinished }) => {
      const url = new URL(broker);
      const way = await Cuttable.to(Number(url.port));
      onTestFinished(() => way.close());
      url.port = String(way.port);
      const names = freshNames();
      const pair = { name, broker: url.href, results: results === broker ? url.href : results };
      await using ours = await join(pair, names);
      const nap = napOf(names);
      expect(await (await ours.app.submit(nap.s(1))).get({ within })).toBe(1);
      way.silence();
      expect(await (await ours.app.submit(nap.s(2))).get({ within })).toBe(2);
    },
  );
});

describe.skipIf(!isInstalled).concurrent('a RabbitMQ that is started again', () => {
  let node: RabbitNode;
  let pair: Pair;
  beforeAll(async () => {
    node = await startNode();
    pair = { name: 'its own', broker: node.url, results: 'rpc://' };
  }, 240_000);
  afterAll(() => node?.stop(), 60_000);

  const restart = async (): Promise<void> => {
    await node.stopApp();
    await node.startApp();
  };

  test.sequential('CEL-56 is consumed from again, answers remote control, and has lost no call', async () => {
    const names = freshNames();
    await using ours = await join(pair, names);
    expect(await callsOver(ours, names, restart)).toEqual(naps);
    await vi.waitFor(async () => {
      const nodes = [names.jsNode];
      const replies = await ours.py.inspect('ping', {}, { nodes, within: 2000 });
      expect(replies).toEqual({ [names.jsNode]: { ok: 'pong' } });
    }, until);
  });

  test.sequential('CEL-56 has kept a result that waited for who had called', async () => {
    const names = freshNames();
    const way = await Cuttable.to(node.port);
    onTestFinished(() => way.close());
    const through = node.url.replace(`:${node.port}`, `:${way.port}`);
    await using worker = await join(pair, names);
    await using client = await join(
      { ...pair, broker: through },
      { ...names, jsNode: `client-${names.jsNode}` },
      { serve: undefined as never },
    );
    const handle = await client.app.submit(napOf(names).s(500));
    await vi.waitFor(async () => {
      const nodes = [names.jsNode];
      const active = await worker.py.inspect<unknown[]>('active', {}, { nodes, within: 5000 });
      expect(active[names.jsNode]).toHaveLength(1);
    }, until);
    way.cut();
    const waiting =
      '[M || Q <- rabbit_amqqueue:list(), [{messages_ready, M}] <- [rabbit_amqqueue:info(Q, [messages_ready])], M > 0]';
    await vi.waitFor(async () => expect(await node.erlang(waiting)).toContain('1'), until);
    await restart();
    way.mend();
    expect(await handle.get({ within })).toBe(500);
  });
});

describe.skipIf(!hasRedis)('a Redis that is started again', () => {
  test('CEL-56 is taken from again, and has lost no call', async () => {
    const node = await RedisNode.start();
    const names = freshNames();
    {
      const pair = { name: 'its own', broker: node.url, results: node.url };
      await using ours = await join(pair, names);
      const restart = async (): Promise<void> => {
        await node.stop();
        await node.start();
      };
      expect(await callsOver(ours, names, restart)).toEqual(naps);
      const nodes = [names.jsNode];
      const replies = await ours.py.inspect('ping', {}, { nodes, within: 10_000 });
      expect(replies).toEqual({ [names.jsNode]: { ok: 'pong' } });
    }
    await node.remove();
  });
});

describe.skipIf(MISSING !== undefined)('a Redis whose answer is lost', () => {
  test('CEL-53 CEL-56 is asked again for what it has given, which nobody else would have', async () => {
    const { broker, results } = PAIRS[2] as Pair;
    const url = new URL(broker);
    const way = await Cuttable.to(Number(url.port));
    onTestFinished(() => way.close());
    url.port = String(way.port);
    const names = freshNames();
    await using worker = await join({ name: 'lossy', broker: url.href, results }, names);
    await using client = await join(
      { name: 'direct', broker, results },
      { ...names, jsNode: `client-${names.jsNode}` },
      { serve: undefined as never },
    );
    const nap = napOf(names);
    for (let n = 0; n < 3; n++) {
      // It names the list that it took from.
      way.loseAnswer(`\r\n${listOf(names.js, 9)}\r\n`);
      const calls = Array.from({ length: 5 }, (_, i) => client.app.submit(nap.s(i)));
      const handles = await Promise.all(calls);
      const values = await Promise.all(handles.map((handle) => handle.get({ within })));
      expect(values).toEqual([0, 1, 2, 3, 4]);
    }
    expect(worker.reports.map(({ kind }) => kind)).toContain('celery_disconnected');
  });
});

test.skipIf(MISSING === undefined)(`Celery was not asked: there is no ${MISSING}`, () => {
  expect(MISSING).toBeDefined();
});
