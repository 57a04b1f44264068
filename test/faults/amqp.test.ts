/**
 * The broker breaks, and what was promised holds. On a RabbitMQ of the suite's own, which it stops, starves,
 * cuts off and kills programs against; the only file that does, and one at a time. The short form is what
 * every change runs; `BEAMISH_FAULTS=long` takes the faults that need their time, and more of each.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { inspect as show } from 'node:util';
import {
  ack,
  ask,
  binding,
  consume,
  type Deliveries,
  type Delivery,
  declare,
  direct,
  emit,
  fanout,
  inspect,
  publish,
  type Queue,
  quarantineOf,
  queue,
  subscribe,
} from '@beamish/exchange';
import { threads } from '@beamish/threads';
import { type ChannelModel, connect } from 'amqplib';
import { type Actor, CallFailed, child, type Self, supervisor } from 'beamish';
import { generator } from 'beamish/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { lock } from '../support/lock.ts';
import { run as runProgram } from '../support/program.ts';
import { freePort, isInstalled, type RabbitNode, startNode } from '../support/rabbitmq-node.ts';
import { type Held, holder } from './programs/bodies.ts';
import { type Detour, proxyTo } from './proxy.ts';
import { account, type Load, type Numbered, Scene } from './scene.ts';

const isLong = process.env['BEAMISH_FAULTS'] === 'long';
const long = test.skipIf(!isLong);
const isRequired = process.env['BEAMISH_REQUIRE_SERVICES'] === '1';
/** Few, so that a program with more consumers needs a second connection soon. */
const CHANNELS = 40;

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

const WORKER = new URL('programs/worker.ts', import.meta.url);
const run = (...args: readonly string[]) => runProgram(WORKER, args);

// A busy machine takes its time, and what is left of one test would break the next.
vi.setConfig({ testTimeout: isLong ? 600_000 : 120_000 });

let node: RabbitNode;
let tlsPort: number;
let release: () => void;
let names = 0;
const name = (what: string): string => `${what}.${++names}`;

describe.skipIf(!isInstalled && !isRequired)('RabbitMQ breaks', () => {
  beforeAll(async () => {
    release = await lock('beamish-rabbitmq-faults');
    tlsPort = await freePort();
    node = await startNode({
      config: (folder) => [
        `channel_max = ${CHANNELS}`,
        ...(hasOpenssl
          ? [
              `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
              `ssl_options.certfile = ${join(folder, 'cert.pem')}`,
              `ssl_options.keyfile = ${join(folder, 'cert-key.pem')}`,
            ]
          : []),
      ],
      prepare: (folder) => {
        if (hasOpenssl) certify(folder, 'cert', '20491231000000Z');
      },
    });
  }, 240_000);
  afterAll(async () => {
    await node?.stop();
    release?.();
  }, 60_000);

  /** Publishes and consumes, lets something happen meanwhile, and takes the account. */
  async function under(
    scene: Scene,
    fault: () => Promise<unknown>,
    mayFail?: (error: unknown) => boolean,
  ): Promise<readonly Delivery<Numbered>[]> {
    const q = queue<Numbered>(name('load'), { durable: true });
    await declare(scene.system, q);
    const takers = [scene.consumer(q, { prefetch: 10 })];
    const loads = ['a', 'b'].map((who) => scene.publisher(q, who));
    await scene.until(() => expect(takers[0]?.got.length).toBeGreaterThan(20));
    await fault();
    await Promise.all(loads.map((load) => load.stop()));
    const got = () => takers.flatMap((taker) => taker.got);
    await scene.until(() => settled(scene, q, loads, got()));
    account(loads, got(), { mayFail });
    return got();
  }

  async function settled(
    scene: Scene,
    q: Queue<Numbered>,
    loads: readonly Load[],
    got: readonly Delivery<Numbered>[],
  ): Promise<void> {
    const there = new Set(got.map(({ message: { from, n } }) => `${from} ${n}`));
    for (const { name: who, confirmed } of loads)
      expect(confirmed.filter((n) => !there.has(`${who} ${n}`))).toEqual([]);
    expect(await inspect(scene.system, q)).toMatchObject({ ready: 0 });
  }

  /** What an operator does, on a connection of its own. */
  async function operator<T>(does: (model: ChannelModel) => Promise<T>): Promise<T> {
    const model = await connect(node.url);
    model.on('error', () => {});
    try {
      return await does(model);
    } finally {
      await model.close();
    }
  }

  async function proxied(): Promise<Detour> {
    return await proxyTo(node.url);
  }

  // ── the broker and its connections ────────────────────────────────────────────────────────

  test('F1: the broker stops and starts again: nothing confirmed is lost, and nobody has to do anything', async () => {
    await using scene = await Scene.open({ url: node.url });
    const held = queue<string>(name('held'), { durable: true });
    await declare(scene.system, held);
    await publish(scene.system, held, 'm');
    const holder = scene.consumer(held, { holds: true });
    await scene.until(() => expect(holder.got.length).toBe(1));
    await under(scene, async () => {
      await node.stopApp();
      await setTimeout(isLong ? 3000 : 100);
      await node.startApp();
      await scene.until(() => expect(scene.count('consumption_renewed')).toBeGreaterThan(1));
    });
    expect(scene.kinds()).toEqual(expect.arrayContaining(['disconnected', 'connected']));
    expect(scene.count('topology_declared')).toBe(1);
    expect(JSON.stringify(scene.events)).toContain('CONNECTION_FORCED');
    // What was held before is not to be settled any more, and has come again.
    // Those that were at work beside it may have said the same of theirs.
    const stale = scene.count('stale_settlement');
    ack(scene.system, holder.got[0] as Delivery<string>);
    await scene.until(() => expect(scene.count('stale_settlement')).toBeGreaterThan(stale));
    await scene.until(() => expect(holder.got.length).toBe(2));
    expect(holder.got[1]).toMatchObject({ message: 'm', redelivered: true, crashes: 0 });
  });

  test.each(['publisher', 'consumers'])(
    'CONN-01: the broker closes the connection of the %s: it comes back, and the other one is not harmed',
    async (which) => {
      await using scene = await Scene.open({ url: node.url });
      const before = await node.connections();
      await under(scene, async () => {
        expect(await node.closeConnections(new RegExp(`${which}$`))).toBe(1);
        await scene.until(() => expect(scene.count('connected')).toBe(1));
      });
      expect(scene.count('disconnected')).toBe(1);
      expect(scene.count('consumption_renewed')).toBe(which === 'consumers' ? 1 : 0);
      expect(before.length).toBe(2);
    },
  );

  test('ERR-06: while connections are closed at random, no publisher is told that a channel is closed', async () => {
    await using scene = await Scene.open({ url: node.url });
    await under(scene, async () => {
      for (let n = 0; n < (isLong ? 100 : 8); n++) {
        await node.closeConnections(n % 3 === 0 ? /publisher$/ : n % 3 === 1 ? /consumers$/ : /^/);
        await setTimeout((n * 97) % 300);
      }
    });
  });

  long(
    'F23: a hundred kicks at random in a minute, and of a hundred deliveries one crashes its consumer',
    async () => {
      const random = generator(23);
      await using scene = await Scene.open({ url: node.url });
      const q = queue<Numbered>(name('load'), { durable: true, maxCrashes: 'infinity' });
      await declare(scene.system, q);
      const got: Delivery<Numbered>[] = [];
      let crashes = 0;
      function* worker(self: Self<Deliveries<Numbered>>): Actor {
        yield* consume(self, q, { prefetch: 10 });
        for (;;) {
          const delivery = yield* self.receive('delivery');
          got.push(delivery);
          if (random() < 0.01) {
            crashes++;
            throw new Error('A crash of the test');
          }
          ack(self, delivery);
        }
      }
      const children = [1, 2, 3].map((n) => child(`worker-${n}`, worker));
      await scene.system.start(supervisor({ intensity: 100_000, periodMs: 1000, children }));
      const loads = ['a', 'b'].map((who) => scene.publisher(q, who));
      const moments = Array.from({ length: 100 }, () => random() * 60_000).sort((a, b) => a - b);
      const began = performance.now();
      for (const moment of moments) {
        await setTimeout(Math.max(0, began + moment - performance.now()));
        const which = [/publisher$/, /consumers$/, /^/][Math.floor(random() * 3)];
        await node.closeConnections(which);
      }
      await Promise.all(loads.map((load) => load.stop()));
      await scene.until(() => settled(scene, q, loads, got));
      // Three consumers take from one queue: which of them is first is nobody's promise.
      account(loads, got, { isOrdered: false });
      expect(crashes).toBeGreaterThan(0);
      expect(scene.count('disconnected')).toBeGreaterThan(50);
    },
  );

  test('ERR-08: where nobody listens, a start fails in its time with host and vhost and no password, and does not hurry', async () => {
    const server = createServer((socket) => {
      tries++;
      socket.destroy();
    });
    let tries = 0;
    await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
    const { port } = server.address() as { port: number };
    const url = `amqp://ann:sesame-4711@127.0.0.1:${port}/side`;
    const engine = { startTimeoutMs: 1000, backoff: { firstMs: 100, maxMs: 30_000 } };
    const shown = await Scene.fails({ url, engine });
    expect(shown).toContain(`127.0.0.1:${port}/side as "ann"`);
    expect(shown).not.toContain('sesame');
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThan(7);
    server.close();
  });

  test('ERR-04: a wrong password and an unknown vhost fail the start at once, and no secret is shown', async () => {
    const wrong = new URL(node.url);
    wrong.password = 'sesame-4711';
    const shown = await Scene.fails({ url: wrong.href });
    expect(shown).toContain('ACCESS_REFUSED');
    expect(shown).toContain('as "guest"');
    expect(shown).not.toContain('sesame');
    const nowhere = await Scene.fails({ url: `${node.url}nowhere` });
    expect(nowhere).toContain('/nowhere');
  });

  test('ERR-05: a right that is missing is a refusal of that one thing', async () => {
    await node.erlang(
      'rabbit_auth_backend_internal:add_user(<<"reader">>, <<"sesame">>, <<"test">>)',
    );
    await node.erlang(
      'rabbit_auth_backend_internal:set_permissions(<<"reader">>, <<"/">>, <<"^mine">>, <<"^(mine.*|amq.default)$">>, <<".*">>, <<"test">>)',
    );
    const url = new URL(node.url);
    [url.username, url.password] = ['reader', 'sesame'];
    await using scene = await Scene.open({ url: url.href });
    const mine = queue<number>(name('mine'));
    await declare(scene.system, mine);
    const refused = Promise.resolve(declare(scene.system, queue(name('theirs'))));
    await expect(refused).rejects.toMatchObject({ code: 403, reason: 'access_refused' });
    await operator(async (model) => {
      const channel = await model.createChannel();
      await channel.assertExchange('theirs', 'fanout', {});
    });
    const published = publish(scene.system, fanout<number>('theirs'), 1);
    await expect(Promise.resolve(published)).rejects.toMatchObject({ reason: 'rejected' });
    // What was behind it is not harmed.
    const consumer = scene.consumer(mine);
    await expect(Promise.resolve(publish(scene.system, mine, 2))).resolves.toEqual({ queues: 1 });
    await scene.until(() => expect(consumer.got.length).toBe(1));
  });

  test('ERR-01: what is refused of one is nobody else’s trouble', async () => {
    await using scene = await Scene.open({ url: node.url });
    await under(scene, async () => {
      const there = name('there');
      await declare(scene.system, queue(there));
      for (let n = 0; n < 10; n++) {
        const other = Promise.resolve(declare(scene.system, queue(there, { priorities: 5 })));
        await expect(other).rejects.toMatchObject({ code: 406 });
        await expect(other).rejects.toThrow(/inequivalent arg 'x-max-priority' for queue/);
      }
    });
    expect(scene.kinds()).toEqual([]);
  });

  test('ERR-03: what kills a whole connection is a reconnect', async () => {
    const proxy = await proxied();
    await using scene = await Scene.open({ url: proxy.url });
    await under(scene, async () => {
      proxy.babble();
      await scene.until(() => expect(scene.count('connected')).toBeGreaterThan(0));
    });
    proxy.close();
  });

  test('ERR-07: more consumers than a connection has channels open another one', async () => {
    await using scene = await Scene.open({ url: node.url });
    const q = queue<number>(name('many'));
    await declare(scene.system, q);
    const takers = Array.from({ length: CHANNELS * 2 }, () => scene.consumer(q));
    await scene.until(async () =>
      expect(await inspect(scene.system, q)).toMatchObject({ consumers: takers.length }),
    );
    expect((await node.connections()).length).toBeGreaterThan(3);
    for (let n = 0; n < takers.length; n++) await publish(scene.system, q, n);
    await scene.until(() => expect(takers.flatMap(({ got }) => got).length).toBe(takers.length));
  });

  // ── what operators do ─────────────────────────────────────────────────────────────────────

  test('PUB-15: an exchange is deleted while it is published to: it is declared again, and its neighbours arrive', async () => {
    const there = fanout<number>(name('there'));
    const its = queue<number>(name('its'), { bindings: [binding(there)] });
    const topology = [there, its];
    await using scene = await Scene.open({ url: node.url, topology });
    const nowhere = fanout<number>('nowhere');
    await operator(async (model) => {
      const channel = await model.createChannel();
      await channel.assertExchange('nowhere', 'fanout');
      await publish(scene.system, nowhere, 0, { mandatory: false });
      await under(scene, async () => {
        for (let n = 0; n < 10; n++) {
          await channel.deleteExchange(there.exchange);
          await channel.deleteExchange('nowhere');
          const both = [publish(scene.system, there, n), publish(scene.system, nowhere, n)];
          const [first, second] = await Promise.allSettled(
            both.map((each) => Promise.resolve(each)),
          );
          expect(first).toEqual({ status: 'fulfilled', value: { queues: 1 } });
          expect(second).toMatchObject({ reason: { reason: 'no_exchange' } });
        }
      });
    });
    // What was behind the one that closed the channel is sent again, and may have arrived.
    const taker = scene.consumer(its, { prefetch: 100 });
    await scene.until(async () =>
      expect(await inspect(scene.system, its)).toMatchObject({ ready: 0 }),
    );
    expect(new Set(taker.got.map(({ message }) => message)).size).toBe(10);
    expect(new Set(taker.got.map(({ properties }) => properties.messageId)).size).toBe(10);
    expect(scene.count('disconnected')).toBe(0);
  });

  test('QUE-22: a queue is deleted under its consumer, or deleted and declared anew: consuming goes on', async () => {
    const x = fanout<string>(name('x'));
    const q = queue<string>(name('q'), { bindings: [binding(x)] });
    await using scene = await Scene.open({ url: node.url, topology: [x, q] });
    const taker = scene.consumer(q);
    await publish(scene.system, x, 'before');
    await scene.until(() => expect(taker.got.length).toBe(1));
    for (const isAnew of [false, true]) {
      const renewed = scene.count('consumption_renewed');
      await operator(async (model) => {
        const channel = await model.createChannel();
        await channel.deleteQueue(q.queue);
        if (isAnew) await channel.assertQueue(q.queue, { durable: false });
      });
      await scene.until(() => expect(scene.count('consumption_renewed')).toBe(renewed + 1), 2000);
      const had = taker.got.length;
      await publish(scene.system, x, 'after');
      await scene.until(() => expect(taker.got.length).toBe(had + 1));
    }
    expect(taker.cancelled).toEqual([]);
  });

  test('F13: a queue is declared anew with other options: its consumer is told, and nobody tries for ever', async () => {
    const q = queue<string>(name('q'));
    await using scene = await Scene.open({ url: node.url, topology: [q] });
    const taker = scene.consumer(q);
    await scene.until(async () =>
      expect(await inspect(scene.system, q)).toMatchObject({ consumers: 1 }),
    );
    await node.erlang(
      `N = rabbit_misc:r(<<"/">>, queue, <<"${q.queue}">>),
       {ok, Q} = rabbit_amqqueue:lookup(N),
       rabbit_amqqueue:delete(Q, false, false, <<"test">>),
       rabbit_amqqueue:declare(N, false, false, [{<<"x-max-priority">>, long, 5}], none, <<"test">>)`,
    );
    await scene.until(() => expect(taker.cancelled).toEqual(['refused']));
    expect(scene.count('consumption_renewed')).toBe(0);
  });

  long('F14: a consumer that gets nothing, in silence, is noticed and consumes again', async () => {
    const q = queue<string>(name('q'));
    await using scene = await Scene.open({ url: node.url, topology: [q] });
    const taker = scene.consumer(q);
    await scene.until(async () =>
      expect(await inspect(scene.system, q)).toMatchObject({ consumers: 1 }),
    );
    await node.erlang(
      `{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"${q.queue}">>)),
       [gen_server2:call(amqqueue:get_pid(Q), {basic_cancel, element(1, C), element(2, C), undefined, <<"test">>})
        || C <- rabbit_amqqueue:consumers(Q)]`,
    );
    expect(await inspect(scene.system, q)).toMatchObject({ consumers: 0 });
    await publish(scene.system, q, 'm');
    await scene.until(() => expect(taker.got.length).toBe(1));
    expect(scene.count('consumption_renewed')).toBe(1);
  });

  test('CONN-07: a consumer holds a message longer than the broker allows: it consumes again, and the event says why', async () => {
    const q = queue<string>(name('q'));
    await using scene = await Scene.open({ url: node.url, topology: [q] });
    const taker = await impatiently(async () => {
      const made = scene.consumer(q, { holds: true });
      await publish(scene.system, q, 'm');
      await scene.until(() => expect(scene.count('consumption_renewed')).toBeGreaterThan(0));
      return made;
    });
    const renewed = scene.events.find(({ kind }) => kind === 'consumption_renewed');
    expect(renewed).toMatchObject({ reason: expect.stringContaining('timed out') });
    await scene.until(() => expect(taker.got.length).toBeGreaterThan(1));
    expect(taker.got[1]).toMatchObject({ message: 'm', redelivered: true, crashes: 0 });
    ack(scene.system, taker.got[0] as Delivery<string>);
    await scene.until(() => expect(scene.count('stale_settlement')).toBe(1));
  });

  /** On a broker that lets nobody hold anything for long: what is opened meanwhile is told so. */
  async function impatiently<T>(does: () => Promise<T>): Promise<T> {
    const set = (ms: number, tick: number): Promise<string> =>
      node.erlang(
        `application:set_env(rabbit, consumer_timeout, ${ms}), application:set_env(rabbit, channel_tick_interval, ${tick})`,
      );
    await set(500, 200);
    try {
      return await does();
    } finally {
      await set(1_800_000, 60_000);
    }
  }

  test('F27: the broker comes back with nothing: what is declared stands again, and what was not confirmed is sent', async () => {
    const x = direct<{ k: number }>(name('x'), { durable: true });
    const next = fanout<number>(name('next'), { durable: true, bindings: [binding(x, 'k')] });
    const q = queue<number>(name('q'), { durable: true, bindings: [binding(next)] });
    await using scene = await Scene.open({ url: node.url, topology: [x, next, q] });
    const taker = scene.consumer(q);
    await publish(scene.system, x, 1, { key: 'k' });
    await scene.until(() => expect(taker.got.length).toBe(1));
    await node.stopApp();
    await node.erlang('mnesia:stop(), rabbit_mnesia:reset()');
    const late = publish(scene.system, x, 2, { key: 'k' }).within(20_000);
    const arrives = Promise.resolve(late);
    await node.startApp();
    expect(await arrives).toEqual({ queues: 1 });
    await scene.until(() => expect(taker.got.length).toBe(2));
  });

  /** The broker is short of it, until the end of the test at the latest. Returns how to end it. */
  async function alarm(what: string): Promise<() => Promise<void>> {
    const [set, clear] =
      what === 'memory'
        ? [
            'vm_memory_monitor:set_vm_memory_high_watermark(0.0001)',
            'vm_memory_monitor:set_vm_memory_high_watermark(0.4)',
          ]
        : [
            // What is free here is not for every node to see, so it is told so.
            'rabbit_alarm:set_alarm({{resource_limit, disk, node()}, []})',
            'rabbit_alarm:clear_alarm({resource_limit, disk, node()})',
          ];
    const over = async (): Promise<void> => void (await node.erlang(clear));
    onTestFinished(over);
    await node.erlang(set);
    // It is told to the connections by the process that is asked here, before it answers: whatever is published before that is confirmed.
    expect(await node.erlang('rabbit_alarm:get_alarms()')).toContain(what);
    return over;
  }

  // ── alarms ────────────────────────────────────────────────────────────────────────────────

  test.each(isLong ? ['memory', 'disk'] : ['memory'])(
    'CONN-02: an alarm for %s: publishing waits, within bounds, and all of it is confirmed after',
    async (what) => {
      const engine = { pendingLimit: 10 };
      const q = queue<number>(name('q'));
      await using scene = await Scene.open({ url: node.url, topology: [q], engine });
      const over = await alarm(what);
      const sent = Array.from({ length: 30 }, (_, n) =>
        Promise.resolve(publish(scene.system, q, n).within(20_000)),
      );
      await scene.until(() => expect(scene.count('blocked')).toBe(1));
      for (let n = 0; n < 5; n++) emit(scene.system, q, -1);
      await scene.until(() => expect(scene.count('not_connected')).toBe(5));
      const late = Promise.resolve(publish(scene.system, q, 30).within(100));
      await expect(late).rejects.toMatchObject({ name: 'CallFailed', reason: 'timeout' });
      if (isLong) await setTimeout(10_000);
      await over();
      expect((await Promise.all(sent)).length).toBe(30);
      await scene.until(() => expect(scene.count('unblocked')).toBe(1));
      // Of the one that was given up, the fate was unknown: here it arrives.
      await scene.until(async () =>
        expect(await inspect(scene.system, q)).toMatchObject({ ready: 31 }),
      );
    },
  );

  test('CONN-03: while publishing is blocked, consumers go on, and what they acknowledge is gone', async () => {
    const q = queue<number>(name('q'));
    await using scene = await Scene.open({ url: node.url, topology: [q] });
    for (let n = 0; n < 20; n++) await publish(scene.system, q, n);
    const over = await alarm('memory');
    const waits = Promise.resolve(publish(scene.system, q, 20).within(20_000));
    await scene.until(() => expect(scene.count('blocked')).toBe(1));
    const taker = scene.consumer(q);
    await scene.until(() => expect(taker.got.length).toBe(20));
    await scene.until(async () =>
      expect(await inspect(scene.system, q)).toMatchObject({ ready: 0 }),
    );
    await over();
    expect(await waits).toEqual({ queues: 1 });
  });

  // ── the way there ─────────────────────────────────────────────────────────────────────────

  test('F16: connections are cut without a word, and in the middle of a frame', async () => {
    const proxy = await proxied();
    await using scene = await Scene.open({ url: proxy.url });
    await under(scene, async () => {
      for (let n = 0; n < (isLong ? 20 : 4); n++) {
        const before = scene.count('connected');
        if (n % 2 === 0) proxy.cut(true);
        else proxy.cutAfter(1003);
        await scene.until(() => expect(scene.count('connected')).toBeGreaterThan(before));
      }
    });
    proxy.close();
  });

  test('PUB-16: nothing comes back any more, so what arrived is sent again, with the same id', async () => {
    const proxy = await proxied();
    const q = queue<number>(name('q'), { durable: true });
    await using scene = await Scene.open({ url: proxy.url, topology: [q] });
    await publish(scene.system, q, 0);
    proxy.lets = 'up';
    const sent = Array.from({ length: 5 }, (_, n) =>
      Promise.resolve(
        publish(scene.system, q, n + 1, { properties: { messageId: `m-${n + 1}` } }).within(20_000),
      ),
    );
    await using elsewhere = await Scene.open({ url: node.url });
    await scene.until(async () =>
      expect(await inspect(elsewhere.system, q)).toMatchObject({ ready: 6 }),
    );
    proxy.lets = 'both';
    proxy.cut();
    expect((await Promise.all(sent)).length).toBe(5);
    const taker = scene.consumer(q, { prefetch: 20 });
    await scene.until(() => expect(taker.got.length).toBe(11));
    const ids = taker.got.slice(1).map(({ properties }) => properties.messageId);
    expect(new Set(ids).size).toBe(5);
    // The second copies say that they may have been handled.
    expect(taker.got.filter(({ redelivered }) => redelivered).length).toBe(5);
    proxy.close();
  });

  long.each(['none', 'up', 'down'] as const)(
    'CONN-05: a way that swallows (only %s comes through) is noticed within three heartbeats, and nothing confirmed is lost',
    async (lets) => {
      const proxy = await proxied();
      await using scene = await Scene.open({ url: proxy.url });
      await under(scene, async () => {
        proxy.lets = lets;
        const began = performance.now();
        await scene.until(() => expect(scene.count('disconnected')).toBeGreaterThan(0));
        expect(performance.now() - began).toBeLessThan(4000);
        proxy.lets = 'both';
        proxy.cut();
        await scene.until(() => expect(scene.count('connected')).toBeGreaterThan(0));
      });
      proxy.close();
    },
  );

  long(
    'CONN-06: the broker thinks that we are still there: an exclusive queue is ours again when it has noticed',
    async () => {
      const proxy = await proxied();
      await using scene = await Scene.open({ url: proxy.url });
      const q = queue<number>(name('own'), { lifetime: 'exclusive' });
      const got: number[] = [];
      scene.system.spawn(function* (self: Self<Deliveries<number>>): Actor {
        yield* declare(self, q);
        yield* consume(self, q);
        for (;;) {
          const delivery = yield* self.receive('delivery');
          got.push(delivery.message);
          ack(self, delivery);
        }
      });
      await scene.until(() => publish(scene.system, q, 1));
      await scene.until(() => expect(got).toEqual([1]));
      proxy.halfOpen();
      await scene.until(() => expect(scene.count('connected')).toBe(1));
      await scene.until(() => expect(scene.count('consumption_renewed')).toBe(1));
      await publish(scene.system, q, 2);
      await scene.until(() => expect(got).toEqual([1, 2]));
      expect(scene.count('topology_refused')).toBe(0);
      proxy.close();
    },
  );

  long('F19: a slow way takes its time, and nothing breaks', async () => {
    const proxy = await proxied();
    const q = queue<string>(name('q'));
    await using scene = await Scene.open({ url: proxy.url, topology: [q] });
    proxy.delayMs = 200;
    proxy.rate = 64_000;
    const body = 'x'.repeat(100_000);
    const sent = [1, 2, 3].map(() =>
      Promise.resolve(publish(scene.system, q, body).within(30_000)),
    );
    const taker = scene.consumer(q);
    expect((await Promise.all(sent)).length).toBe(3);
    await scene.until(() => expect(taker.got.length).toBe(3));
    expect(scene.count('disconnected')).toBe(0);
    proxy.close();
  });

  long(
    'CONN-04: our loop stands still for longer than the broker waits: what was held is elsewhere, and a late settlement harmless',
    async () => {
      const q = queue<string>(name('q'));
      await using scene = await Scene.open({ url: node.url, topology: [q] });
      const taker = scene.consumer(q, { holds: true });
      await publish(scene.system, q, 'm');
      await scene.until(() => expect(taker.got.length).toBe(1));
      const until = performance.now() + 5000;
      while (performance.now() < until);
      ack(scene.system, taker.got[0] as Delivery<string>);
      await scene.until(() => expect(scene.count('stale_settlement')).toBe(1));
      await scene.until(() => expect(taker.got.length).toBe(2));
      expect(taker.got[1]?.redelivered).toBe(true);
      expect(scene.count('connected')).toBeGreaterThan(0);
    },
  );

  test('RPC-08: the connection is lost between a request and its answer: it is asked again, with the same id', async () => {
    const q = queue<number, string>(name('q'));
    await using scene = await Scene.open({ url: node.url, topology: [q] });
    await using elsewhere = await Scene.open({ url: node.url });
    const seen: string[] = [];
    const asked = Promise.resolve(ask(scene.system, q, 1).within(20_000));
    elsewhere.system.spawn(function* (self: Self<Deliveries<number, 'delivery', string>>): Actor {
      const { reply } = yield* self.wait(import('@beamish/exchange'));
      yield* consume(self, q);
      for (;;) {
        const delivery = yield* self.receive('delivery');
        seen.push(delivery.properties.messageId);
        if (seen.length === 1) yield* self.wait(node.closeConnections(/publisher$/));
        reply(self, delivery, 'answer');
        ack(self, delivery);
      }
    });
    expect(await asked).toBe('answer');
    expect(seen.length).toBe(2);
    expect(new Set(seen).size).toBe(1);
  });

  // ── programs that are killed ──────────────────────────────────────────────────────────────

  long(
    'F4: a program is killed while it publishes: what was confirmed is there, without a gap or a double',
    async () => {
      const q = queue<number>(name('q'), { durable: true });
      let from = 0;
      for (let kill = 0; kill < 50; kill++) {
        const program = run('publish', node.url, q.queue, String(from));
        await program.said(/^confirmed/);
        await setTimeout((kill * 37) % 200);
        await program.kill();
        const confirmed = program.lines.flatMap(
          (line) => line.match(/^confirmed (\d+)/)?.[1] ?? [],
        );
        const there = await drained(q.queue);
        expect(there).toEqual(there.map((_, n) => from + n));
        expect(confirmed.map(Number).filter((n) => !there.includes(n))).toEqual([]);
        from += there.length;
      }
    },
  );

  long(
    'F5: a program is killed while it consumes: what it held comes again at once, in order, redelivered',
    async () => {
      const q = queue<number>(name('q'), { durable: true });
      await using scene = await Scene.open({ url: node.url, topology: [q] });
      for (let n = 0; n < 15; n++) await publish(scene.system, q, n);
      const program = run('hold', node.url, q.queue, '10');
      await program.said(/^took 9/);
      const taker = scene.consumer(q, { prefetch: 20 });
      await scene.until(() => expect(taker.got.length).toBe(5));
      await program.kill();
      await scene.until(() => expect(taker.got.length).toBe(15), 1000);
      const again = taker.got.slice(5).map(({ message, redelivered }) => [message, redelivered]);
      expect(again).toEqual(Array.from({ length: 10 }, (_, n) => [n, true]));
    },
  );

  test('F6: CON-32: the thread of a consumer ends: what it held comes again, and the other consumers are not touched', async () => {
    const q = queue<number>(name('q'), { durable: true });
    await using scene = await Scene.open({ url: node.url, topology: [q] });
    await using cores = await threads(scene.system, { size: 1 });
    const held: unknown[] = [];
    const listener = scene.system.spawn(function* (self: Self<Held>): Actor {
      for (;;) held.push((yield* self.receive('held')).what);
    });
    cores.spawn(holder, q.queue, 3, listener);
    await scene.until(() => expect(held.length).toBe(1));
    for (let n = 0; n < 3; n++) await publish(scene.system, q, n);
    await scene.until(() => expect(held).toEqual(['nothing yet', 0, 1, 2]));
    const taker = scene.consumer(q, { prefetch: 10 });
    for (let n = 3; n < 6; n++) await publish(scene.system, q, n);
    await scene.until(() => expect(taker.got.length).toBe(3));
    cores.kill(0);
    await scene.until(() => expect(taker.got.length).toBe(6));
    const got = taker.got.map(({ message, redelivered }) => [message, redelivered]);
    expect(got.slice(0, 3)).toEqual([3, 4, 5].map((n) => [n, false]));
    expect(got.slice(3).sort()).toEqual([0, 1, 2].map((n) => [n, true]));
    expect(taker.cancelled).toEqual([]);
    expect(scene.count('disconnected')).toBe(0);
  });

  long(
    'F7: a message that kills the whole process is set aside after four starts, and nobody else is',
    async () => {
      const q = queue<number | string>(name('q'), { durable: true });
      await using scene = await Scene.open({ url: node.url, topology: [q] });
      for (const body of [0, 'poison', 1, 2]) await publish(scene.system, q, body);
      const crashes: string[] = [];
      for (let start = 0; start < 4; start++) {
        const program = run('settle', node.url, q.queue, '3');
        expect(await program.ended).toBe('SIGKILL');
        crashes.push(program.lines.find((line) => line.startsWith('took poison')) ?? '');
      }
      expect(crashes).toEqual([
        'took poison 0',
        'took poison* 0',
        'took poison* 1',
        'took poison* 2',
      ]);
      const last = run('settle', node.url, q.queue, '3');
      await last.said(/^took 2/);
      // What counted them is gone with them, and with the poison.
      await scene.until(async () => {
        const names = '[element(4, amqqueue:get_name(Q)) || Q <- rabbit_amqqueue:list()]';
        expect(await node.erlang(names)).not.toContain(`${q.queue}.crashes`);
        expect(await inspect(scene.system, quarantineOf(q))).toMatchObject({ ready: 1 });
      });
      await last.kill();
      await scene.until(async () =>
        expect(await inspect(scene.system, q)).toMatchObject({ ready: 0 }),
      );
    },
  );

  long(
    'F26: a program ends in order with a thousand messages under way: each is confirmed, or told of',
    async () => {
      const q = queue<number>(name('q'), { durable: true });
      await using scene = await Scene.open({ url: node.url, topology: [q] });
      const program = run('shutdown', node.url, q.queue);
      expect(await program.ended).toBe(0);
      const [, confirmed, of] = program.lines.at(-1)?.split(' ') ?? [];
      expect(of).toBe('1000');
      await scene.until(async () => {
        const { ready } = await inspect(scene.system, q);
        expect(ready).toBeGreaterThanOrEqual(Number(confirmed));
        expect(ready).toBeLessThanOrEqual(1000);
      });
    },
  );

  async function drained(from: string): Promise<readonly number[]> {
    return await operator(async (model) => {
      const channel = await model.createChannel();
      const bodies: number[] = [];
      for (;;) {
        const message = await channel.get(from, { noAck: true });
        if (message === false) return bodies;
        bodies.push(Number(message.content.toString()));
      }
    });
  }

  // ── our own actors ────────────────────────────────────────────────────────────────────────

  test('F25: the broker’s actors are killed under load: nothing confirmed is lost, and consumers are served again, in order', async () => {
    // Whoever asks one that is being started again is told so.
    const mayFail = (error: unknown): boolean => error instanceof CallFailed;
    for (let round = 0; round < (isLong ? 10 : 1); round++) {
      await using scene = await Scene.open({ url: node.url });
      await under(
        scene,
        async () => {
          for (const victim of [
            'broker/exchange/',
            'broker',
            'broker/publisher',
            'broker/consumers',
          ])
            await killed(scene, victim);
        },
        mayFail,
      );
      expect(scene.count('consumption_renewed')).toBeGreaterThan(0);
    }
  });

  async function killed(scene: Scene, victim: string): Promise<void> {
    const pid = scene.system.whereis(victim);
    if (pid === undefined) throw new Error(`Nobody is called ${victim}`);
    scene.system.exitSignal(pid, 'kill');
    await scene.until(() => {
      expect(scene.system.whereis(victim)).not.toBe(pid);
      expect(scene.system.whereis(victim)).toBeDefined();
      expect(scene.system.whereis('broker')).toBeDefined();
    });
  }

  test('F21: settled twice, too late, by another: nothing but events', async () => {
    const q = queue<number>(name('q'));
    await using scene = await Scene.open({ url: node.url, topology: [q] });
    const taker = scene.consumer(q, { holds: true, prefetch: 3 });
    for (let n = 0; n < 3; n++) await publish(scene.system, q, n);
    await scene.until(() => expect(taker.got.length).toBe(3));
    const [first, second, third] = taker.got as [
      Delivery<number>,
      Delivery<number>,
      Delivery<number>,
    ];
    ack(scene.system, first);
    ack(scene.system, first);
    await scene.until(() => expect(scene.count('stale_settlement')).toBe(1));
    await node.closeConnections(/consumers$/);
    await scene.until(() => expect(taker.got.length).toBe(5));
    ack(scene.system, second);
    await scene.until(() => expect(scene.count('stale_settlement')).toBe(2));
    scene.system.exitSignal(taker.pid, 'kill');
    await scene.until(async () =>
      expect(await inspect(scene.system, q)).toMatchObject({ ready: 2 }),
    );
    ack(scene.system, third);
    await scene.until(() => expect(scene.count('stale_settlement')).toBe(3));
    expect(scene.kinds().filter((kind) => kind === 'disconnected').length).toBe(1);
    expect(JSON.stringify(scene.events)).not.toContain('PRECONDITION');
  });

  test('ERR-02: what was held on a channel that the broker closed comes again, in order', async () => {
    const q = queue<number>(name('q'));
    await using scene = await Scene.open({ url: node.url, topology: [q] });
    await impatiently(async () => {
      const taker = scene.consumer(q, { holds: true, prefetch: 3 });
      for (let n = 0; n < 3; n++) await publish(scene.system, q, n);
      await scene.until(() => expect(taker.got.length).toBeGreaterThan(5));
      const again = taker.got.slice(3, 6).map(({ message, redelivered }) => [message, redelivered]);
      expect(again).toEqual([0, 1, 2].map((n) => [n, true]));
    });
    expect(scene.count('disconnected')).toBe(0);
  });

  test('who has subscribed hears what is published after a reconnect', async () => {
    const x = fanout<number>(name('x'));
    await using scene = await Scene.open({ url: node.url, topology: [x] });
    const heard: number[] = [];
    scene.system.spawn(function* (self: Self<Deliveries<number>>): Actor {
      yield* subscribe(self, x);
      for (;;) heard.push((yield* self.receive('delivery')).message);
    });
    await scene.until(() => publish(scene.system, x, 1));
    await scene.until(() => expect(heard).toEqual([1]));
    await node.closeConnections();
    await scene.until(() => expect(scene.count('consumption_renewed')).toBe(1));
    await publish(scene.system, x, 2);
    await scene.until(() => expect(heard).toEqual([1, 2]));
  });

  test('EXC-25: exchanges that are always there are used by their names', async () => {
    const topics = direct<{ k: number }>('amq.direct', { durable: true });
    const q = queue<number>(name('q'), { bindings: [binding(topics, 'k')] });
    await using scene = await Scene.open({ url: node.url, topology: [q] });
    expect(await publish(scene.system, topics, 1, { key: 'k' })).toEqual({ queues: 1 });
  });

  // ── TLS ───────────────────────────────────────────────────────────────────────────────────

  test('F22: no secret is in any event, report or error, whatever is looked at', async () => {
    await node.erlang(
      'rabbit_auth_backend_internal:add_user(<<"ann">>, <<"sesame-4711">>, <<"test">>)',
    );
    await node.erlang(
      'rabbit_auth_backend_internal:set_permissions(<<"ann">>, <<"/">>, <<".*">>, <<".*">>, <<".*">>, <<"test">>)',
    );
    const url = new URL(node.url);
    [url.username, url.password] = ['ann', 'sesame-4711'];
    const engine = { tls: { passphrase: 'sesame-4712' } };
    await using scene = await Scene.open({ url: url.href, engine });
    await under(scene, async () => {
      await node.closeConnections();
      await scene.until(() => expect(scene.count('connected')).toBeGreaterThan(0));
    });
    await killed(scene, 'broker/publisher');
    const seen = [scene.events, scene.log, scene.system, scene.system.info(scene.system.root)];
    const text = show(seen, { depth: 30, showHidden: true, maxArrayLength: 10_000 });
    expect(text.length).toBeGreaterThan(1000);
    expect(text).not.toContain('sesame');
    // The user's rights are taken away while it is connected: it is refused, and what was refused is told.
    await node.erlang(
      'rabbit_auth_backend_internal:change_password(<<"ann">>, <<"other">>, <<"test">>)',
    );
    await node.closeConnections();
    await scene.until(() => expect(JSON.stringify(scene.events)).toContain('ACCESS_REFUSED'));
    expect(JSON.stringify(scene.events)).not.toContain('sesame');
  });

  test.skipIf(!hasOpenssl)(
    'F22: amqps refuses a wrong authority, a wrong name and an old certificate, and never falls back',
    async () => {
      const { port } = new URL(node.url);
      const ca = readFileSync(join(node.folder, 'cert.pem'));
      const engine = { tls: { ca }, startTimeoutMs: 500 };
      const right = { url: `amqps://localhost:${tlsPort}/`, engine };
      await using scene = await Scene.open(right);
      await under(scene, async () => {});
      expect(await Scene.fails({ ...right, engine: {} })).toMatch(/self-signed/i);
      const other = { url: `amqps://127.0.0.1:${tlsPort}/`, engine };
      expect(await Scene.fails(other)).toMatch(/altname|does not match/i);
      // Nobody speaks TLS there.
      expect(await Scene.fails({ url: `amqps://localhost:${port}/`, engine })).toMatch(/SSL|TLS/i);
      const cert = certify(node.folder, 'old', '20200102000000Z');
      const server = createTlsServer({ cert, key: readFileSync(join(node.folder, 'old-key.pem')) });
      server.on('tlsClientError', () => {});
      await new Promise<void>((up) => server.listen(0, 'localhost', up));
      const url = `amqps://localhost:${(server.address() as { port: number }).port}/`;
      const old = { tls: { ca: cert }, startTimeoutMs: 500 };
      expect(await Scene.fails({ url, engine: old })).toMatch(/expired/i);
      server.close();
    },
  );
});

/** A certificate that is its own authority, for localhost by that name alone. */
function certify(folder: string, what: string, until: string): Buffer {
  const file = (ending: string): string => join(folder, `${what}${ending}`);
  const openssl = (...args: readonly string[]): void =>
    void execFileSync('openssl', args, { stdio: 'ignore', cwd: folder });
  writeFileSync(file('.index'), '');
  writeFileSync(
    file('.cnf'),
    `[ca]\ndefault_ca = d\n[d]\ndatabase = ${file('.index')}\nnew_certs_dir = ${folder}\n` +
      'default_md = sha256\npolicy = p\nrand_serial = yes\nx509_extensions = e\n' +
      '[p]\ncommonName = supplied\n[e]\nsubjectAltName = DNS:localhost\nbasicConstraints = CA:true\n',
  );
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const request = ['-keyout', file('-key.pem'), '-out', file('.csr'), '-subj', '/CN=localhost'];
  openssl('req', '-new', ...curve, ...request);
  const signed = ['-selfsign', '-keyfile', file('-key.pem'), '-in', file('.csr')];
  const times = ['-startdate', '20200101000000Z', '-enddate', until];
  openssl('ca', '-batch', '-config', file('.cnf'), ...signed, ...times, '-out', file('.pem'));
  return readFileSync(file('.pem'));
}
