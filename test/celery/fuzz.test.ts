/** Nothing that a message contains ends our worker or keeps it from the next one. `BEAMISH_RUNS` says how much is tried. */

import { randomUUID } from 'node:crypto';
import { celeryTask } from '@beamish/celery';
import { connect } from 'amqplib';
import {
  assert,
  constantFrom,
  dictionary,
  json,
  jsonValue,
  oneof,
  property,
  record,
  string,
  tuple,
} from 'fast-check';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { type Call, readCall } from '../../packages/celery/src/messages/call.ts';
import { readRequest } from '../../packages/celery/src/messages/control.ts';
import { epilogueOf } from '../../packages/celery/src/messages/epilogue.ts';
import { readResult } from '../../packages/celery/src/messages/result.ts';
import type { WireMessage } from '../../packages/celery/src/messages/wire-message.ts';
import { fixture, fixtureNames, isTask, messagesIn } from './fixtures.ts';
import { freshNames, MISSING, PAIRS, type Pair, RABBITMQ, REDIS } from './support/live.ts';
import { join } from './support/ours.ts';

const numRuns = Number(process.env['BEAMISH_RUNS'] ?? 300);
const recorded = fixtureNames(/^(amqp|redis)-(task|flow)-/).flatMap((name) =>
  messagesIn(fixture(name)).filter(isTask),
);

const around = {
  now: 0,
  home: { exchange: '', key: 'q' },
  routeOf: () => ({ exchange: '', key: 'q' }),
  serves: () => true,
};

/** Read, and if it is a call, followed by every end. */
function lived(message: WireMessage): string {
  const reading = readCall(message);
  const call: Call | undefined = reading.kind === 'stray' ? undefined : reading.call;
  if (call !== undefined) {
    const error = { exc_type: 'X', exc_message: ['x'], exc_module: null };
    for (const kind of ['succeeded', 'failed', 'revoked', 'retried'] as const)
      epilogueOf(call, { kind, value: 1, error, eta: 0 } as never, around);
  }
  return reading.kind;
}

/** Another value somewhere in it. */
const mutated = tuple(
  constantFrom(...recorded),
  constantFrom('headers', 'body', 'both'),
  jsonValue(),
  string(),
  jsonValue(),
).map(([message, where, value, key, other]) => {
  const headers =
    where === 'body'
      ? message.headers
      : { ...message.headers, [pick(Object.keys(message.headers), key)]: value };
  if (where === 'headers') return { ...message, headers };
  const body = JSON.parse(message.body) as unknown[];
  const i = key.length % body.length;
  if (i === 2 && typeof body[2] === 'object') {
    const follows = body[2] as Record<string, unknown>;
    body[2] = {
      ...follows,
      [pick(['chain', 'chord', 'callbacks', 'errbacks'], key)]:
        key.length % 2 === 0 ? other : signatures(other),
    };
  } else body[i] = other;
  return { ...message, headers, body: JSON.stringify(body) };
});

function pick(keys: readonly string[], by: string): string {
  return keys[by.length % keys.length] as string;
}

/** Nearly a signature. */
function signatures(value: unknown): unknown {
  const kinds = ['chain', 'group', 'chord', null];
  return kinds.map((kind) => ({
    task: `celery.${kind}`,
    args: value,
    kwargs: {
      tasks: [value, { task: 'x', options: value }],
      header: value,
      body: { task: 'y', options: { chord: { task: 'z' }, group_id: 'g', task_id: 'i' } },
    },
    options: { chord: { task: 'z' } },
    subtask_type: kind,
  }));
}

describe('whatever comes', () => {
  const anything = record({
    properties: constantFrom({}, { content_type: 'application/json' }, { content_type: 'x/y' }),
    headers: dictionary(
      oneof(string(), constantFrom('task', 'id', 'eta', 'expires', 'timelimit', 'retries')),
      jsonValue(),
    ),
    body: oneof(json(), string()),
  });

  test('as a message is a call, invalid or stray, and has an epilogue', () => {
    assert(
      property(oneof(anything, mutated), (message) => {
        expect(['call', 'invalid', 'stray']).toContain(lived(message as WireMessage));
      }),
      { numRuns: numRuns * 5 },
    );
  });

  test('as a result or a request of remote control is one, or is none', () => {
    assert(
      property(oneof(json(), string()), (text) => {
        expect(readResult(text)?.id ?? '').toEqual(expect.any(String));
        const request = readRequest({ properties: {}, headers: {}, body: text }, 0);
        expect(request?.method ?? '').toEqual(expect.any(String));
      }),
      { numRuns: numRuns * 5 },
    );
  });
});

describe.skipIf(MISSING !== undefined)('a worker', () => {
  test('on RabbitMQ goes on after whatever it is sent, 64 MB and 100,000 levels of nesting among it', async () => {
    const names = freshNames();
    await using ours = await join(PAIRS[0] as Pair, names);
    const connection = await connect(RABBITMQ);
    const channel = await connection.createConfirmChannel();
    const send = (
      body: string | Buffer,
      headers: object = {},
      contentType = 'application/json',
    ): boolean =>
      channel.publish('', names.js, Buffer.from(body as string), { headers, contentType });
    const named = (task = 'js.echo'): object => ({ task, id: randomUUID(), lang: 'py' });
    const good = async (): Promise<void> => {
      const add = celeryTask<[number, number], number>('js.add', { queue: names.js });
      expect(await (await ours.app.submit(add.s(1, 2))).get({ within: 30_000 })).toBe(3);
    };
    assert(
      property(mutated, ({ body }) => send(body, named()) || true),
      { numRuns: Math.min(numRuns, 500) },
    );
    await good();
    for (let i = 0; i < Math.min(numRuns, 500); i++)
      send(
        Buffer.from(Array.from({ length: i % 97 }, (_, at) => (i * 31 + at * 17) % 256)),
        i % 2 === 0 ? named() : {},
      );
    await good();
    send(`[[${'['.repeat(100_000)}${']'.repeat(100_000)}],{},{}]`, named());
    await good();
    send(`[["${'x'.repeat(64 * 2 ** 20)}"],{},{}]`, named());
    await good();
    await channel.waitForConfirms();
    const { messageCount } = await channel.checkQueue(names.js);
    expect(messageCount).toBe(0);
    await connection.close();
  }, 120_000);

  test('on Redis goes on after whatever is in its list', async () => {
    const names = freshNames();
    await using ours = await join(PAIRS[2] as Pair, names);
    const redis = new Redis(REDIS);
    const texts: string[] = [];
    assert(
      property(oneof(json(), string()), (text) => texts.push(text) > 0),
      { numRuns: Math.min(numRuns, 500) },
    );
    await redis.lpush(names.js, ...texts);
    const add = celeryTask<[number, number], number>('js.add', { queue: names.js });
    expect(await (await ours.app.submit(add.s(1, 2))).get({ within: 30_000 })).toBe(3);
    expect(await redis.llen(names.js)).toBe(0);
    redis.disconnect();
  }, 60_000);
});

test.skipIf(MISSING === undefined)(`Celery was not asked: there is no ${MISSING}`, () => {
  expect(MISSING).toBeDefined();
});
