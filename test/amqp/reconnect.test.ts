/** What is lost with a connection, and comes back with the next one: RabbitMQ behind a relay that can be cut. */

import { amqpWith } from '@beamish/amqp';
import {
  ack,
  type BrokerEvent,
  broker,
  consume,
  type Deliveries,
  deleteExchange,
  deleteQueue,
  fanout,
  publish,
  queue,
  subscribe,
  watch,
} from '@beamish/exchange';
import { type Actor, ActorSystem, child, type Self, supervisor } from 'beamish';
import { describe, expect, test, vi } from 'vitest';
import { isThere, URL_OF_BROKER } from '../contract/exchange/broker.ts';
import { relayTo } from '../support/relay.ts';

const isMissing = !(await isThere()) && process.env['BEAMISH_REQUIRE_SERVICES'] !== '1';

describe.skipIf(isMissing)('a connection that is cut', () => {
  test('what is published and consumed goes on: nothing confirmed is lost', async () => {
    const relay = await relayTo(new URL(URL_OF_BROKER));
    const system = new ActorSystem({ log: 'off' });
    const q = queue<number>(`test.cut.${process.pid}.${Math.random().toString(36).slice(2)}`);
    const url = new URL(URL_OF_BROKER);
    url.port = String(relay.port);
    const engine = amqpWith({ backoff: { firstMs: 10, maxMs: 50 } });
    await system.start(
      supervisor({
        children: [child('broker', broker({ url: url.href, engines: [engine], topology: [q] }))],
      }),
    );
    const got = new Set<number>();
    const events: string[] = [];
    system.spawn(function* (self: Self<BrokerEvent>): Actor {
      yield* watch(self);
      for (;;) events.push((yield* self.receive('broker')).kind);
    });
    system.spawn(function* (self: Self<Deliveries<number>>): Actor {
      yield* consume(self, q, { prefetch: 10 });
      for (;;) {
        const delivery = yield* self.receive('delivery');
        got.add(delivery.message);
        ack(self, delivery);
      }
    });
    const count = 300;
    for (let n = 0; n < count; n++) {
      if (n % 100 === 50) relay.cut();
      expect(await publish(system, q, n)).toEqual({ queues: 1 });
    }
    await vi.waitFor(() => expect(got.size).toBe(count), { timeout: 25_000 });
    expect(events.filter((kind) => kind === 'disconnected').length).toBeGreaterThanOrEqual(3);
    expect(events.filter((kind) => kind === 'connected').length).toBeGreaterThanOrEqual(3);
    expect(events).toContain('consumption_renewed');
    await deleteQueue(system, q, { force: true });
    await system.shutdown();
    relay.close();
  });

  test('who has subscribed hears what is published after it, too', async () => {
    const relay = await relayTo(new URL(URL_OF_BROKER));
    const system = new ActorSystem({ log: 'off' });
    const ticks = fanout<number>(`test.cut.${process.pid}.${Math.random().toString(36).slice(2)}`);
    const url = new URL(URL_OF_BROKER);
    url.port = String(relay.port);
    const engine = amqpWith({ backoff: { firstMs: 10, maxMs: 50 } });
    await system.start(
      supervisor({
        children: [
          child('broker', broker({ url: url.href, engines: [engine], topology: [ticks] })),
        ],
      }),
    );
    const heard: unknown[] = [];
    const events: string[] = [];
    system.spawn(function* (self: Self<BrokerEvent>): Actor {
      yield* watch(self);
      for (;;) events.push((yield* self.receive('broker')).kind);
    });
    system.spawn(function* (self: Self<Deliveries<number>>): Actor {
      yield* subscribe(self, ticks);
      for (;;) {
        const message = yield* self.receive();
        heard.push(message.tag === 'delivery' ? message.message : message.tag);
      }
    });
    await vi.waitFor(() => publish(system, ticks, 1), { timeout: 25_000 });
    await vi.waitFor(() => expect(heard).toEqual([1]), { timeout: 25_000 });
    relay.cut();
    await vi.waitFor(() => expect(events).toContain('consumption_renewed'), { timeout: 25_000 });
    await publish(system, ticks, 2);
    await vi.waitFor(() => expect(heard).toEqual([1, 2]), { timeout: 25_000 });
    await deleteExchange(system, ticks);
    await system.shutdown();
    relay.close();
  });

  test('a start with a wrong password fails, and does not show it', async () => {
    const system = new ActorSystem({ log: 'off' });
    const url = new URL(URL_OF_BROKER);
    url.password = 'sesame-4711';
    const started = system.start(
      supervisor({
        children: [child('broker', broker({ url: url.href, engines: [amqpWith({})] }))],
      }),
    );
    const failure = await Promise.resolve(started).then(
      () => undefined,
      (error: unknown) => error,
    );
    const { inspect } = await import('node:util');
    const shown = inspect(failure, { depth: 10 });
    expect(shown).toContain('ACCESS');
    expect(shown).not.toContain('sesame-4711');
    await system.shutdown();
  });
});
