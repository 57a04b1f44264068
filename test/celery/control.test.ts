/** Remote control and events: what Celery's commands, Flower and receivers of events see of our worker. */

import { randomUUID } from 'node:crypto';
import { celeryTask } from '@beamish/celery';
import { connect } from 'amqplib';
import { ActorSystem } from 'beamish';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { EventSender } from '../../packages/celery/src/actors/event-sender.ts';
import { isFor, readRequest, requestMessage } from '../../packages/celery/src/messages/control.ts';
import { unpack } from '../../packages/celery/src/messages/envelope.ts';
import { LogicalClock } from '../../packages/celery/src/wire/logical-clock.ts';
import { fixture } from './fixtures.ts';
import {
  celeryCommand,
  freshNames,
  MISSING,
  PAIRS,
  type Pair,
  pythonWorker,
  RABBITMQ,
  REDIS,
} from './support/live.ts';
import { join, type Ours } from './support/ours.ts';

type Dict = Record<string, unknown>;
/** By us and by a worker of theirs that was started without what they need. */
const REFUSED = [
  "ValueError('Autoscale not enabled')",
  "ValueError('Pool restarts not enabled')",
  'unknown task',
];
type Recorded = Record<
  string,
  {
    readonly request: { readonly body: Dict };
    readonly reply: { readonly body: Record<string, unknown> } | null;
  }
>;

const recorded = fixture('remote-control.celery-5.2.6') as Recorded;

describe('requests of remote control', () => {
  const request = (more: object) => {
    const message = requestMessage(
      {
        method: 'ping',
        args: {},
        nodes: undefined,
        ticket: undefined,
        replyTo: undefined,
        expires: 0,
      },
      1,
    );
    const body = JSON.stringify({ ...(JSON.parse(message.body) as object), ...more });
    return readRequest({ ...message, body }, 0);
  };
  const meant = (more: object) =>
    isFor('tk@w1', request(more) as NonNullable<ReturnType<typeof request>>);

  test('CEL-58 are for those whom they name, or whom a pattern matches, or for all', () => {
    expect(meant({})).toBe(true);
    expect(meant({ destination: ['tk@w1'] })).toBe(true);
    expect(meant({ destination: ['other@x'] })).toBe(false);
    expect(meant({ pattern: 'tk*', matcher: 'glob' })).toBe(true);
    expect(meant({ pattern: 'zz*', matcher: 'glob' })).toBe(false);
    expect(meant({ pattern: 'tk@w[12]', matcher: 'glob' })).toBe(true);
    expect(meant({ pattern: '^tk.*@', matcher: 'pcre' })).toBe(true);
    expect(meant({ pattern: '(', matcher: 'pcre' })).toBe(false);
  });

  test('are written as Celery writes them, and read from every recording', () => {
    const { request: python } = recorded['ping+destination'] as Recorded[string];
    const { ticket, reply_to: replyTo } = python.body as {
      ticket: string;
      reply_to: { exchange: string; routing_key: string };
    };
    const to = { exchange: replyTo.exchange, key: replyTo.routing_key };
    const ours = requestMessage(
      { method: 'ping', args: {}, nodes: ['w1@vm'], ticket, replyTo: to, expires: 5 },
      103,
    );
    expect(JSON.parse(ours.body)).toEqual(python.body);
    expect(ours.headers).toEqual({ clock: 103, expires: 5 });
    const sent = { ...recorded, ...(fixture('flower-sends.celery-5.6.3') as object) } as Record<
      string,
      { body?: Dict; request?: { body: Dict } }
    >;
    for (const [name, { body, request: its }] of Object.entries(sent)) {
      const text = JSON.stringify(body ?? its?.body);
      expect(readRequest({ properties: {}, headers: {}, body: text }, 0)?.method, name).toBe(
        name.split('+')[0],
      );
    }
  });

  test('that have expired, or are none, are nobody’s', () => {
    const message = requestMessage(
      {
        method: 'ping',
        args: {},
        nodes: undefined,
        ticket: undefined,
        replyTo: undefined,
        expires: 10,
      },
      1,
    );
    expect(readRequest(message, 11)).toBeUndefined();
    expect(readRequest({ ...message, body: 'no JSON' }, 0)).toBeUndefined();
    expect(readRequest({ ...message, body: '[1]' }, 0)).toBeUndefined();
  });

  test('CEL-69 move the clock to behind what was heard, whatever it was', () => {
    const clock = new LogicalClock();
    expect(clock.tick()).toBe(1);
    clock.adjust(127);
    expect(clock.tick()).toBe(129);
    clock.adjust(40_000);
    clock.adjust('x');
    clock.adjust(3);
    expect(clock.tick()).toBe(40_003);
  });
});

describe
  .skipIf(MISSING !== undefined)
  .each([PAIRS[0], PAIRS[2]].map((pair) => [pair?.name, pair as Pair] as const))(
  'remote control over %s',
  (_, pair) => {
    const names = freshNames();
    const node = names.jsNode;
    let ours: Ours;
    const ask = async (method: string, args: Dict = {}) =>
      (await ours.py.inspect<never>(method, args, { nodes: [node], within: 10_000 }))[
        node
      ] as unknown;
    const nap = celeryTask<[ms: number], number>('js.nap', { queue: names.js });

    beforeAll(async () => {
      ours = await join(pair, names);
    }, 30_000);
    afterAll(() => ours[Symbol.asyncDispose]());

    test('CEL-57 ping is answered with pong', async () => {
      expect(await ask('ping')).toEqual({ ok: 'pong' });
      expect(await ours.py.inspect('ping', {}, { nodes: ['nobody@nowhere'], within: 200 })).toEqual(
        {},
      );
    });

    test('CEL-59 what is asked for has the shape that a worker of theirs gives it', async () => {
      const shapeOf = (value: unknown): unknown =>
        Array.isArray(value)
          ? value.slice(0, 1).map(shapeOf)
          : typeof value === 'object' && value !== null
            ? Object.keys(value).sort()
            : typeof value;
      const theirs = (method: string) => shapeOf(recorded[method]?.reply?.body['w1@vm']);
      await ask('revoke', { task_id: 'some' });
      const handle = await ours.app.submit(nap.s(60_000));
      await vi.waitFor(async () => expect(await ask('active')).toHaveLength(1), {
        timeout: 25_000,
      });
      for (const method of [
        'active',
        'active_queues',
        'clock',
        'registered',
        'reserved',
        'revoked',
        'query_task',
        'memsample',
      ])
        expect(
          shapeOf(await ask(method, method === 'query_task' ? { ids: ['nope'] } : {})),
          method,
        ).toEqual(theirs(method));
      expect(await ask('registered')).toContain('js.add');
      expect(await ask('hello', { from_node: 'other@x', revoked: {} })).toMatchObject({
        clock: expect.any(Number),
        revoked: {},
      });
      expect(await ask('hello', { from_node: node, revoked: {} })).toBeNull();
      expect(await ask('conf')).toMatchObject({ worker_concurrency: 8 });
      expect(await ask('report')).toMatchObject({ ok: expect.stringContaining('beamish') });
      expect(await ask('heartbeat')).toBeNull();
      const [{ id }] = (await ask('active')) as [{ id: string }];
      expect(await ask('query_task', { ids: [id] })).toEqual({
        [id]: ['active', expect.objectContaining({ id })],
      });
      await handle.revoke({ running: 'kill' });
      await vi.waitFor(async () => expect(await ask('active')).toEqual([]), { timeout: 25_000 });
    });

    test('CEL-60 stats have the keys that theirs have', async () => {
      const stats = (await ask('stats')) as Dict;
      const theirs = recorded['stats']?.reply?.body['w1@vm'] as Dict;
      for (const key of Object.keys(theirs)) expect(stats, key).toHaveProperty(key);
      expect(stats['clock']).toEqual(expect.stringMatching(/^\d+$/));
    });

    test('CEL-61 CEL-64 CEL-65 what is told is done, and answered with the words of theirs', async () => {
      const { cases } = fixture('control-replies.celery-5.2.6') as {
        readonly cases: readonly {
          readonly method: string;
          readonly arguments?: Dict;
          readonly reply?: unknown;
          readonly again?: unknown;
          readonly pattern?: string;
        }[];
      };
      const told = cases.filter(
        ({ method, reply, pattern }) =>
          reply !== undefined &&
          pattern === undefined &&
          !['active', 'scheduled', 'clock', 'ping'].includes(method),
      );
      expect(told.length).toBeGreaterThanOrEqual(14);
      for (const { method, arguments: args = {}, reply, again } of told) {
        const named = JSON.parse(
          JSON.stringify(args)
            .replaceAll('t.add', 'js.add')
            .replaceAll('extra', `${names.js}-extra`),
        ) as Dict;
        const expected = JSON.parse(
          JSON.stringify(reply).replaceAll('extra', `${names.js}-extra`),
        ) as unknown;
        expect(await ask(method, named), method).toEqual(expected);
        if (again !== undefined) expect(await ask(method, named), method).toEqual(expected);
      }
      expect(await ask('rate_limit', { task_name: 'js.add', rate_limit: '10/m' })).toEqual({
        ok: 'new rate limit set successfully',
      });
      expect(await ask('rate_limit', { task_name: 'js.add', rate_limit: 0 })).toEqual({
        ok: 'rate limit disabled successfully',
      });
      expect(await ask('disable_events')).toEqual({ ok: 'task events disabled' });
      expect(await ask('enable_events')).toEqual({ ok: 'task events enabled' });
      expect(await ask('pool_grow', { n: 2 })).toEqual({ ok: 'pool will grow' });
      expect(await ask('conf')).toMatchObject({ worker_concurrency: 10 });
    });

    test('CEL-64 a rate limit holds, and a time limit ends what takes longer', async () => {
      await ask('time_limit', { task_name: 'js.nap', hard: 0.2 });
      await expect((await ours.app.submit(nap.s(60_000))).get({ within: 20_000 })).rejects.toThrow(
        '0.2',
      );
      await ask('time_limit', { task_name: 'js.nap', hard: null });
    });

    test('CEL-70 CEL-71 events are told as theirs: those of tasks in batches, those of the worker one by one', async () => {
      const heard: { readonly key: string; readonly event: Dict }[] = [];
      const stop = await listenTo(pair, (key, body) => {
        for (const event of Array.isArray(body) ? body : [body])
          if ((event as Dict)['hostname'] === node) heard.push({ key, event: event as Dict });
      });
      const theirs = fixture('events.celery-5.2.6') as Record<
        string,
        { readonly routing_key: string; readonly event: Dict }
      >;
      const boom = celeryTask<[string], number>('js.boom', { queue: names.js });
      const flaky = celeryTask<[number], number>('js.flaky', { queue: names.js });
      const expired = celeryTask<[number], number>('js.double', { queue: names.js });
      await (await ours.app.submit(flaky.s(1))).get({ within: 20_000 });
      await (await ours.app.submit(boom.s('x'))).get({ within: 20_000 }).catch(() => undefined);
      const id = randomUUID();
      await ask('revoke', { task_id: id });
      await (await ours.app.submit(expired.s(1), { id }))
        .get({ within: 20_000 })
        .catch(() => undefined);
      const wanted = [
        'worker-heartbeat',
        'task-received',
        'task-started',
        'task-succeeded',
        'task-failed',
        'task-retried',
        'task-revoked',
      ];
      await vi.waitFor(
        () =>
          expect(new Set(heard.map(({ event }) => event['type']))).toEqual(
            new Set([...wanted, 'task-sent']),
          ),
        { timeout: 25_000 },
      );
      for (const type of wanted) {
        const { key, event } = heard.find(
          (each) => each.event['type'] === type,
        ) as (typeof heard)[0];
        const python = theirs[type] as (typeof theirs)[string];
        expect(key).toBe(python.routing_key);
        expect(Object.keys(event).sort(), type).toEqual(Object.keys(python.event).sort());
      }
      await stop();
    }, 30_000);
  },
);

async function listenTo(
  pair: Pair,
  heard: (key: string, body: unknown) => void,
): Promise<() => Promise<void>> {
  if (pair.broker.startsWith('redis')) {
    const redis = new Redis(REDIS);
    redis.on('pmessage', (_pattern: string, channel: string, text: string) =>
      heard(channel.split('/').at(-1) as string, JSON.parse(unpack(text).body)),
    );
    await redis.psubscribe('/*.celeryev/*');
    return async () => redis.disconnect();
  }
  const connection = await connect(RABBITMQ);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, 'celeryev', '#');
  await channel.consume(
    queue,
    (message) =>
      message && heard(message.fields.routingKey, JSON.parse(message.content.toString())),
    { noAck: true },
  );
  return async () => await connection.close();
}

test('CEL-74 with a broker that is slow, events are dropped first, and that is told', async () => {
  await using system = new ActorSystem({ log: 'off' });
  const told: string[] = [];
  system.events.on('celery_events_dropped', ({ count }) => told.push(String(count)));
  const sent: string[] = [];
  const wire = { pending: 0, emit: (_to: object, { body }: { body: string }) => sent.push(body) };
  const deployment = { wire, settings: { node: 'x@y' }, clock: new LogicalClock() };
  await system.run(function* dropping(self) {
    const events = new EventSender(self as never, deployment as never);
    events.task('task-started', 'first');
    // As many as are not confirmed while a broker does not keep up.
    wire.pending = 2001;
    for (let i = 0; i < 1000; i++) events.task('task-started', 'lost');
    events.worker('worker-heartbeat', { active: 0, processed: 0 });
    wire.pending = 0;
    events.task('task-started', 'last');
    events.flush();
  });
  expect(told).toEqual(['1']);
  expect(sent).toHaveLength(1);
  const uuids = (JSON.parse(sent[0] as string) as Dict[]).map(({ uuid }) => uuid);
  expect(uuids).toEqual(['first', 'last']);
});

describe.skipIf(MISSING !== undefined)('commands of Celery', () => {
  test('CEL-68 a worker of theirs that starts beside us learns what was revoked here, and the clock', async () => {
    const pair = PAIRS[0] as Pair;
    const names = freshNames();
    await using ours = await join(pair, names);
    const id = randomUUID();
    const its = { nodes: [names.jsNode], within: 10_000 };
    await ours.py.inspect('revoke', { task_id: id }, its);
    const hello = { from_node: names.jsNode, revoked: {} };
    expect(await ours.py.inspect('hello', hello, its)).toEqual({ [names.jsNode]: null });
    await using worker = await pythonWorker(pair, names);
    expect(worker.log()).toMatch(/mingle: sync with \d+ nodes/);
    const theirs = { nodes: [names.pyNode], within: 10_000 };
    const revoked = await ours.py.inspect<string[]>('revoked', {}, theirs);
    expect(revoked[names.pyNode]).toContain(id);
  }, 60_000);

  test('CEL-73 what Flower sends is answered by us as by a worker of theirs', async () => {
    const pair = PAIRS[0] as Pair;
    const names = freshNames();
    await using ours = await join(pair, names);
    const sent = fixture('flower-sends.celery-5.6.3') as Record<
      string,
      { readonly body: { readonly method: string; readonly arguments: Dict } }
    >;
    const its = { nodes: [names.jsNode], within: 10_000 };
    for (const { method, arguments: args } of Object.values(sent).map(({ body }) => body)) {
      if (method === 'shutdown') continue;
      const replies = await ours.py.inspect(method, args, its);
      expect(Object.keys(replies), method).toEqual([names.jsNode]);
      const error = (replies[names.jsNode] as { error?: string } | null)?.error;
      // What a worker of theirs refuses, too.
      expect([undefined, ...REFUSED], method).toContain(error);
    }
  }, 60_000);

  test('CEL-57 CEL-59 status, inspect and control print us as they do their own', async () => {
    const pair = PAIRS[0] as Pair;
    const names = freshNames();
    await using ours = await join(pair, names);
    const to = ['-d', names.jsNode, '-t', '10'];
    const [status, registered, stats, limited, dump] = await Promise.all([
      celeryCommand(pair, names, 'status', '-t', '10', '-d', names.jsNode),
      celeryCommand(pair, names, 'inspect', 'registered', ...to),
      celeryCommand(pair, names, 'inspect', 'stats', ...to),
      celeryCommand(pair, names, 'control', ...to, 'rate_limit', 'js.add', '10/m'),
      celeryCommand(pair, names, 'inspect', 'active_queues', ...to),
    ]);
    expect(status).toContain(`${names.jsNode}: OK`);
    expect(registered).toContain('js.add');
    expect(stats).toContain('"max-concurrency": 8');
    expect(limited).toContain('new rate limit set successfully');
    expect(dump).toContain(names.js);
    expect(ours.py.node).toBe(names.jsNode);
  }, 60_000);

  test('CEL-66 shutdown ends what runs in order, and the last that is heard is worker-offline', async () => {
    const pair = PAIRS[0] as Pair;
    const names = freshNames();
    await using ours = await join(pair, names);
    const types: unknown[] = [];
    const stop = await listenTo(pair, (_key, body) => {
      for (const event of Array.isArray(body) ? body : [body])
        if ((event as Dict)['hostname'] === names.jsNode) types.push((event as Dict)['type']);
    });
    await ours.py.inspect('shutdown', {}, { nodes: [names.jsNode], within: 500 });
    await vi.waitFor(() => expect(types.at(-1)).toBe('worker-offline'), { timeout: 25_000 });
    await stop();
  }, 30_000);
});

test.skipIf(MISSING === undefined)(`Celery was not asked: there is no ${MISSING}`, () => {
  expect(MISSING).toBeDefined();
});
