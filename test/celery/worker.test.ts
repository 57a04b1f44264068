/** Our worker, on both brokers, with messages as they come: no Python is needed for what Python might send. */

import { randomUUID } from 'node:crypto';
import { celeryTask } from '@beamish/celery';
import { defineTask, type TaskOptions } from '@beamish/tasks';
import { connect } from 'amqplib';
import { Redis } from 'ioredis';
import { describe, expect, test, vi } from 'vitest';
import { callMessage, type Outgoing } from '../../packages/celery/src/messages/call-message.ts';
import { pack } from '../../packages/celery/src/messages/envelope.ts';
import { readResult } from '../../packages/celery/src/messages/result.ts';
import type { WireMessage } from '../../packages/celery/src/messages/wire-message.ts';
import { fixture } from './fixtures.ts';
import {
  type Fresh,
  freshNames,
  MISSING,
  PAIRS,
  type Pair,
  RABBITMQ,
  REDIS,
} from './support/live.ts';
import { join, OURS, type Ours } from './support/ours.ts';

/** Puts messages into our queue as they are, and sees what is answered. */
interface Peer extends AsyncDisposable {
  send(message: WireMessage): Promise<void>;
  call(call: Omit<Outgoing, 'id'> & { readonly id?: string }, headers?: object): Promise<string>;
  /** The last result under this id. */
  result(id: string): Promise<ReturnType<typeof readResult>>;
  /** Whether there has been one under this id. */
  hasResult(id: string): boolean;
}

async function peerOf(pair: Pair, names: Fresh): Promise<Peer> {
  const answers = new Map<string, NonNullable<ReturnType<typeof readResult>>>();
  const replyTo = `test-replies-${randomUUID()}`;
  const heard = (text: string): void => {
    const answer = readResult(text);
    if (answer !== undefined && answer.answer.kind !== 'pending') answers.set(answer.id, answer);
  };
  const { send, close } = pair.broker.startsWith('amqp')
    ? await overRabbit(names, replyTo, heard)
    : await overRedis(pair, names, heard);
  const peer: Peer = {
    send,
    async call(call, headers = {}) {
      const id = call.id ?? randomUUID();
      const message = callMessage({ replyTo, ...call, id }, { origin: 'test', show: 'repr' });
      await send({ ...message, headers: { ...message.headers, ...headers } });
      return id;
    },
    async result(id) {
      await vi.waitFor(() => expect(answers.has(id)).toBe(true), { timeout: 25_000 });
      return answers.get(id);
    },
    hasResult: (id) => answers.has(id),
    [Symbol.asyncDispose]: close,
  };
  return peer;
}

async function overRabbit(names: Fresh, replyTo: string, heard: (text: string) => void) {
  const connection = await connect(RABBITMQ);
  const channel = await connection.createChannel();
  await channel.assertQueue(replyTo, { exclusive: true });
  await channel.consume(replyTo, (message) => message && heard(message.content.toString()), {
    noAck: true,
  });
  return {
    async send({ properties, headers, body }: WireMessage) {
      channel.publish('', names.js, Buffer.from(body), {
        headers,
        contentType: properties.content_type ?? 'application/json',
        replyTo,
        persistent: true,
      });
    },
    close: async () => await connection.close(),
  };
}

async function overRedis({ results }: Pair, names: Fresh, heard: (text: string) => void) {
  const redis = new Redis(REDIS);
  const subscriber = new Redis(results);
  subscriber.on('pmessage', (_pattern: string, _channel: string, text: string) => heard(text));
  await subscriber.psubscribe('celery-task-meta-*');
  return {
    async send(message: WireMessage) {
      await redis.lpush(names.js, pack(message, { exchange: '', key: names.js }));
    },
    close: async () => {
      redis.disconnect();
      subscriber.disconnect();
    },
  };
}

interface Case {
  readonly case: string;
  readonly headers: Record<string, unknown>;
  readonly body: string;
  readonly content_type?: string;
}

const { cases } = fixture('malformed.celery-5.2.6') as { readonly cases: readonly Case[] };
const strict: NonNullable<TaskOptions<[n: number]>['schema']> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      Array.isArray(value) && typeof value[0] === 'number'
        ? { value: value as [number] }
        : { issues: [{ message: 'its first argument is no number' }] },
  },
};
const checked = defineTask('js.checked', { schema: strict }, (_self, n: number) => n + 1);

describe
  .skipIf(MISSING !== undefined)
  .each([PAIRS[0], PAIRS[2]].map((pair) => [pair?.name, pair as Pair] as const))(
  'a worker on %s',
  (_, pair) => {
    async function world(): Promise<{ ours: Ours; peer: Peer; names: Fresh } & AsyncDisposable> {
      const names = freshNames();
      const ours = await join(pair, names, { tasks: [...OURS, checked] });
      const peer = await peerOf(pair, names);
      return {
        ours,
        peer,
        names,
        async [Symbol.asyncDispose]() {
          await peer[Symbol.asyncDispose]();
          await ours[Symbol.asyncDispose]();
        },
      };
    }

    test('CEL-17 survives every message that is not as it should be, and runs the next one', async () => {
      await using it = await world();
      for (const { headers, body, content_type: type = 'application/json' } of cases) {
        const filled = JSON.parse(
          JSON.stringify(headers).replaceAll('<uuid>', randomUUID()),
        ) as object;
        const named = JSON.parse(JSON.stringify(filled).replaceAll('t.add', 'js.add')) as Record<
          string,
          unknown
        >;
        await it.peer.send({ properties: { content_type: type }, headers: named, body });
        const id = await it.peer.call({ name: 'js.add', args: [1, 2] });
        expect((await it.peer.result(id))?.answer).toEqual({ kind: 'succeeded', value: 3 });
      }
    }, 60_000);

    test('CEL-18 CEL-19 CEL-20 answers what cannot be run with a reason', async () => {
      await using it = await world();
      const error = async (message: Partial<WireMessage>, id: string) => {
        await it.peer.send({
          properties: { content_type: 'application/json' },
          headers: {},
          body: '',
          ...message,
        });
        return (await it.peer.result(id))?.answer;
      };
      const headers = (more: object = {}) => ({ task: 'js.add', id: randomUUID(), ...more });
      const pickle = headers();
      expect(
        await error(
          {
            headers: pickle,
            body: 'x',
            properties: { content_type: 'application/x-python-serialize' },
          },
          pickle.id,
        ),
      ).toMatchObject({
        kind: 'failed',
        error: { message: expect.stringContaining('x-python-serialize') },
      });
      const undated = headers({ eta: 'not a date' });
      expect(await error({ headers: undated, body: '[[1,2],{},{}]' }, undated.id)).toMatchObject({
        kind: 'failed',
        error: { name: 'InvalidTaskError' },
      });
      const unknown = headers({ task: 'js.nope' });
      expect(await error({ headers: unknown, body: '[[],{},{}]' }, unknown.id)).toMatchObject({
        kind: 'failed',
        error: { name: 'NotRegistered', message: 'js.nope', data: { module: 'celery.exceptions' } },
      });
      expect(
        it.ours.reports.filter(({ kind }) => kind === 'celery_refused').length,
      ).toBeGreaterThanOrEqual(3);
    });

    test('gives the body nothing that its schema has not passed', async () => {
      await using it = await world();
      const good = await it.peer.call({ name: 'js.checked', args: [1] });
      const bad = await it.peer.call({ name: 'js.checked', args: ['1'] });
      expect((await it.peer.result(good))?.answer).toEqual({ kind: 'succeeded', value: 2 });
      expect((await it.peer.result(bad))?.answer).toMatchObject({
        kind: 'failed',
        error: { message: expect.stringContaining('its first argument is no number') },
      });
    });

    test('CEL-08 a hard limit of the message ends the body: TimeLimitExceeded', async () => {
      await using it = await world();
      const hard = await it.peer.call({ name: 'js.nap', args: [60_000], hardMs: 200 });
      expect((await it.peer.result(hard))?.answer).toMatchObject({
        kind: 'failed',
        error: { name: 'TimeLimitExceeded', message: '0.2' },
      });
    });

    test('CEL-08 a soft limit of the message alone aborts the signal: SoftTimeLimitExceeded', async () => {
      await using it = await world();
      const soft = await it.peer.call({ name: 'js.patient', args: [600_000], softMs: 200 });
      expect((await it.peer.result(soft))?.answer).toMatchObject({
        kind: 'failed',
        error: { name: 'SoftTimeLimitExceeded' },
      });
      const both = { softMs: 60_000, hardMs: 120_000 };
      const id = await it.peer.call({ name: 'js.patient', args: [1], ...both });
      expect((await it.peer.result(id))?.answer).toEqual({ kind: 'succeeded', value: 1 });
    });

    test('CEL-09 CEL-30 sends no result that nobody wants', async () => {
      await using it = await world();
      const ignored = await it.peer.call({ name: 'js.add', args: [1, 2], ignoreResult: true });
      // One that is called when another has its result has its own after all that were called before.
      for (const args of [
        [1, 2],
        [3, 4],
      ])
        await it.peer.result(await it.peer.call({ name: 'js.add', args }));
      expect(it.peer.hasResult(ignored)).toBe(false);
      expect(it.ours.reports).toEqual([]);
    });

    test('CEL-16 CEL-15 reads protocol 1', async () => {
      await using it = await world();
      const id = randomUUID();
      const body = JSON.stringify({ task: 'js.add', id, args: [5, 6], kwargs: {} });
      await it.peer.send({
        properties: { content_type: 'application/json', reply_to: 'x' },
        headers: {},
        body,
      });
      expect((await it.peer.result(id))?.answer).toEqual({ kind: 'succeeded', value: 11 });
    });

    test('CEL-62 a call that waits for its moment is revoked at once', async () => {
      await using it = await world();
      const id = await it.peer.call({ name: 'js.add', args: [1, 2], eta: Date.now() + 600_000 });
      await vi.waitFor(
        async () => {
          const scheduled = await it.ours.py.inspect<{ request: { id: string } }[]>(
            'scheduled',
            {},
            { within: 500, nodes: [it.names.jsNode] },
          );
          expect(scheduled[it.names.jsNode]?.map(({ request }) => request.id)).toEqual([id]);
        },
        { timeout: 25_000 },
      );
      await it.ours.py.inspect('revoke', { task_id: id }, { nodes: [it.names.jsNode] });
      expect((await it.peer.result(id))?.answer).toMatchObject({
        kind: 'revoked',
        error: { message: 'revoked' },
      });
    });

    test('CEL-63 a call that runs is ended, and its slot is free', async () => {
      await using it = await world();
      const id = await it.peer.call({ name: 'js.nap', args: [600_000] });
      await vi.waitFor(
        async () => {
          const active = await it.ours.py.inspect<{ id: string }[]>(
            'active',
            {},
            { within: 500, nodes: [it.names.jsNode] },
          );
          expect(active[it.names.jsNode]?.map((each) => each.id)).toEqual([id]);
        },
        { timeout: 25_000 },
      );
      await it.ours.py.inspect(
        'revoke',
        { task_id: id, terminate: true },
        { nodes: [it.names.jsNode] },
      );
      expect((await it.peer.result(id))?.answer).toMatchObject({
        kind: 'revoked',
        error: { message: 'terminated' },
      });
    });

    test('CEL-28 progress in between does not end a wait', async () => {
      await using it = await world();
      const steps = celeryTask<[n: number], number>('js.steps', { queue: it.names.js });
      const handle = await it.ours.app.submit(steps.s(3));
      const seen: unknown[] = [];
      for await (const { progress } of handle.watch())
        if (progress !== undefined) seen.push(progress);
      expect(seen).toContainEqual(expect.objectContaining({ total: 3 }));
      expect(await handle.get()).toBe(3);
    });

    test('CEL-29 of 200 calls with a countdown no result is lost', async () => {
      await using it = await world();
      const later = celeryTask<[number, number], number>('js.add', { queue: it.names.js });
      const handles = await Promise.all(
        Array.from({ length: 200 }, (_, i) => it.ours.app.submit(later.s(i, 1), { delayMs: 300 })),
      );
      const values = await Promise.all(handles.map((handle) => handle.get({ within: 20_000 })));
      expect(values).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    });

    test('a body that returns what JSON has not, and 10,000 levels of nesting, are failures and nothing more', async () => {
      await using it = await world();
      const deep = randomUUID();
      const nested = `[[${'['.repeat(10_000)}${']'.repeat(10_000)}],{},{}]`;
      await it.peer.send({ properties: {}, headers: { task: 'js.echo', id: deep }, body: nested });
      expect((await it.peer.result(deep))?.answer).toMatchObject({
        kind: 'failed',
        error: { name: 'InvalidTaskError' },
      });
      const id = await it.peer.call({ name: 'js.add', args: [1, 2] });
      expect((await it.peer.result(id))?.answer).toEqual({ kind: 'succeeded', value: 3 });
    });
  },
);

test.skipIf(MISSING === undefined)(`Celery was not asked: there is no ${MISSING}`, () => {
  expect(MISSING).toBeDefined();
});
