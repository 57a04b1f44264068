/** Calls that wait for their moment: with us, and, where our store outlives us, in it. */

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import { celeryTask } from '@beamish/celery';
import { defineTask, file } from '@beamish/tasks';
import { connect } from 'amqplib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { callMessage } from '../../packages/celery/src/messages/call-message.ts';
import {
  type Fresh,
  freshNames,
  MISSING,
  PAIRS,
  type Pair,
  pythonClient,
  RABBITMQ,
} from './support/live.ts';
import { add, join, OURS, type Ours } from './support/ours.ts';

vi.setConfig({ testTimeout: 60_000 });
const within = 20_000;
/** What Python and brokers take is none of what is tested. */
const until = { timeout: within };
const rabbit = PAIRS[0] as Pair;

async function callsWithEta(queue: string, count: number): Promise<readonly string[]> {
  const connection = await connect(RABBITMQ);
  const channel = await connection.createConfirmChannel();
  const ids = Array.from({ length: count }, () => randomUUID());
  ids.forEach((id, n) => {
    const { headers, body } = callMessage(
      { id, name: 'js.add', args: [n, 1], eta: Date.now() + 600_000 },
      { origin: 'test', show: 'repr' },
    );
    channel.publish('', queue, Buffer.from(body), { headers, contentType: 'application/json' });
  });
  await channel.waitForConfirms();
  await connection.close();
  return ids;
}

function folderOfStore(): string {
  const folder = mkdtempSync(pathOf(tmpdir(), 'beamish-held-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** How many deliveries its worker may have. */
async function prefetchOf(ours: Ours, { jsNode }: Fresh): Promise<number | undefined> {
  type Stats = { readonly prefetch_count: number };
  const asked = ours.py.inspect<Stats>('stats', {}, { nodes: [jsNode], within: 2000 });
  return (await asked)[jsNode]?.prefetch_count;
}

async function scheduledIn(ours: Ours): Promise<number> {
  return (await ours.app.stats()).scheduled;
}

describe.skipIf(MISSING !== undefined)('with a store in memory', () => {
  test('CEL-50 gives us no more than we have runners, and one more for each call that waits for its moment', async () => {
    const names = freshNames();
    await using ours = await join(rabbit, names, {
      serve: { tasks: [add], queues: [names.js], concurrency: 2 },
    });
    const later = celeryTask<[number, number], number>('js.add', { queue: names.js });
    await callsWithEta(names.js, 5);
    await vi.waitFor(async () => expect(await prefetchOf(ours, names)).toBe(7), until);
    expect(await (await ours.app.submit(later.s(1, 1))).get({ within })).toBe(2);
  });

  test('CEL-50 that gives us more than a thousand calls to hold is told of', async () => {
    const names = freshNames();
    await using ours = await join(rabbit, names, {
      serve: { tasks: [add], queues: [names.js], concurrency: 1 },
    });
    await callsWithEta(names.js, 1001);
    await vi.waitFor(() => expect(ours.reports.map(({ kind }) => kind)).toContain('celery_held'), {
      timeout: within,
    });
    expect(ours.reports.find(({ kind }) => kind === 'celery_held')?.text).toContain('1001 tasks');
    const later = celeryTask<[number, number], number>('js.add', { queue: names.js });
    expect(await (await ours.app.submit(later.s(1, 1))).get({ within })).toBe(2);
  }, 60_000);
});

describe.skipIf(MISSING !== undefined)('with a store that outlives us', () => {
  test('CEL-50 a call with an eta is acknowledged into our schedule, and holds no runner', async () => {
    const names = freshNames();
    const store = file(folderOfStore());
    await using ours = await join(rabbit, names, {
      store,
      serve: { tasks: [add], queues: [names.js], concurrency: 2 },
    });
    await callsWithEta(names.js, 5);
    await vi.waitFor(async () => expect(await scheduledIn(ours)).toBe(5), until);
    await vi.waitFor(async () => expect(await prefetchOf(ours, names)).toBe(2), until);
    type Scheduled = { readonly request: { readonly acknowledged: boolean } };
    const nodes = [names.jsNode];
    const found = await ours.py.inspect<Scheduled[]>('scheduled', {}, { nodes, within: 2000 });
    const acknowledged = found[names.jsNode]?.map(({ request }) => request.acknowledged);
    expect(acknowledged).toEqual([true, true, true, true, true]);
    expect(ours.reports.map(({ kind }) => kind)).not.toContain('celery_held');
    const now = celeryTask<[number, number], number>('js.add', { queue: names.js });
    expect(await (await ours.app.submit(now.s(1, 1))).get({ within })).toBe(2);
  });

  test('CEL-50 one that is revoked there does not come back', async () => {
    const names = freshNames();
    await using ours = await join(rabbit, names, { store: file(folderOfStore()) });
    const [id] = await callsWithEta(names.js, 2);
    await vi.waitFor(async () => expect(await prefetchOf(ours, names)).toBe(8), until);
    expect(await scheduledIn(ours)).toBe(2);
    await ours.py.inspect('revoke', { task_id: id }, { nodes: [names.jsNode], within: 2000 });
    await vi.waitFor(async () => expect(await scheduledIn(ours)).toBe(1), until);
  });

  test.for([PAIRS[1], PAIRS[2]] as Pair[])(
    'CEL-50 on $name it comes back when it is due, also to a worker that was started again, and runs once',
    async (pair) => {
      const names = freshNames();
      const ran: number[] = [];
      const noted = defineTask('js.add', (_self, a: number, b: number) => {
        ran.push(a);
        return a + b;
      });
      const store = pathOf(folderOfStore(), 'store');
      const options = {
        tasks: [noted, ...OURS.filter(({ name }) => name !== 'js.add')],
      };
      const first = await join(pair, names, { ...options, store: file(store) });
      await using client = await pythonClient(pair, names);
      const call = (n: number, seconds: number) =>
        `app.signature("js.add", args=(${n}, 1), queue="${names.js}").apply_async(countdown=${seconds})`;
      expect(await client.py(`got(${call(1, 1)})`)).toEqual({ value: 2 });
      await client.py(`globals().update(later=${call(2, 3)})`);
      await vi.waitFor(async () => expect(await scheduledIn(first)).toBe(1), until);
      await first.close();
      await using second = await join(pair, names, { ...options, store: file(store) });
      expect(await client.py('got(later)')).toEqual({ value: 3 });
      expect(ran).toEqual([1, 2]);
      await vi.waitFor(async () => expect(await scheduledIn(second)).toBe(0), until);
    },
  );
});

test.skipIf(MISSING === undefined)(`Celery was not asked: there is no ${MISSING}`, () => {
  expect(MISSING).toBeDefined();
});
