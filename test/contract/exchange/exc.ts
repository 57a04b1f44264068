/** Exchanges and bindings. */

import {
  bind,
  binding,
  declare,
  deleteExchange,
  deleteQueue,
  direct,
  fanout,
  headers,
  type Keyed,
  publish,
  queue,
  subscribe,
  topic,
  unbind,
} from '@beamish/exchange';
import type { Actor } from 'beamish';
import { expect } from 'vitest';
import type { Rows } from './contract.ts';
import type { Stage } from './stage.ts';

/** A queue of its own that is bound. */
async function bound(stage: Stage, base: string, to: ReturnType<typeof binding>) {
  const made = queue(stage.name(base), { bindings: [to] });
  await stage.declare(made);
  return made;
}

export const exc: Rows = (row) => {
  row('EXC-01', 'declaring an exchange twice with the same options does nothing', async (stage) => {
    const x = topic(stage.name('x'), { autoDelete: true });
    await stage.declare(x);
    const again = stage.declare(topic(x.exchange, { autoDelete: true }), x);
    await expect(again).resolves.toBeUndefined();
  });

  row(
    'EXC-02',
    'declaring it again with another type, durability or alternate exchange is refused with 406, and the old one stays',
    async (stage) => {
      const x = direct(stage.name('x'));
      const other = fanout(stage.name('other'));
      await stage.do(declare(stage.system, x, other));
      for (const again of [
        fanout(x.exchange),
        direct(x.exchange, { durable: true }),
        direct(x.exchange, { alternate: other }),
      ]) {
        const error = await stage.fails(declare(stage.system, again));
        expect(error).toMatchObject({ name: 'BrokerRefused', code: 406 });
        expect(error.message).toContain(x.exchange);
      }
      await bound(stage, 'q', binding(x, 'k'));
      expect(await stage.publish(x, 1, { key: 'k' })).toEqual({ queues: 1 });
    },
  );

  row('EXC-04', 'who binds to an exchange that is not there is refused with 404', async (stage) => {
    const q = await stage.queue();
    const error = await stage.fails(bind(stage.system, q, binding(fanout(stage.name('nope')))));
    expect(error).toMatchObject({ code: 404, reason: 'not_found' });
  });

  row(
    'EXC-05',
    'an exchange whose name begins with "amq." cannot be declared: 403',
    async (stage) => {
      const error = await stage.fails(stage.declare(fanout('amq.mine')));
      expect(error).toMatchObject({ code: 403, reason: 'access_refused' });
    },
  );

  row(
    'EXC-06',
    'an exchange of unknown type is a TypeError before anything is sent',
    async (stage) => {
      const strange = { ...fanout(stage.name('x')), type: 'random' as never };
      await expect(stage.declare(strange)).rejects.toThrow(TypeError);
    },
  );

  row(
    'EXC-07',
    'publishing to an exchange that is not there fails with no_exchange',
    async (stage) => {
      const error = await stage.fails(stage.publish(fanout(stage.name('nope')), 1));
      expect(error).toMatchObject({ name: 'PublishFailed', reason: 'no_exchange' });
      expect(error.exchange).toBe(stage.name('nope'));
    },
  );

  row('EXC-08', 'deleting an exchange that is not there is no error', async (stage) => {
    const deleted = stage.do(deleteExchange(stage.system, fanout(stage.name('nope'))));
    await expect(deleted).resolves.toBeUndefined();
  });

  row(
    'EXC-10',
    'deleting an exchange takes its bindings; queues and messages stay, and a new one routes nothing',
    async (stage) => {
      const x = fanout(stage.name('x'));
      await stage.declare(x);
      const q = await bound(stage, 'q', binding(x));
      await stage.publish(x, 1);
      await stage.do(deleteExchange(stage.system, x));
      await stage.holds(q, 1);
      await stage.declare(x);
      expect(await stage.outcomes(x, 2)).toEqual(['unroutable']);
      await stage.holds(q, 1);
    },
  );

  row(
    'EXC-11',
    'a fanout exchange gives each of three queues one, whatever the key',
    async (stage) => {
      const x = fanout(stage.name('x'));
      await stage.declare(x);
      const queues = [];
      for (const base of ['a', 'b', 'c']) queues.push(await bound(stage, base, binding(x)));
      await stage.publish(x, 'm', { key: 'whatever' } as never);
      for (const q of queues) expect(await stage.drain(q)).toEqual(['m']);
    },
  );

  row(
    'EXC-12',
    'a queue that is bound to a fanout exchange by two keys gets one copy',
    async (stage) => {
      const x = fanout(stage.name('x'));
      await stage.declare(x);
      const q = await bound(stage, 'q', binding(x));
      await stage.do(bind(stage.system, q, { ...binding(x), key: 'other' }));
      await stage.publish(x, 1);
      await stage.holds(q, 1);
    },
  );

  row(
    'EXC-13',
    'a direct exchange wants an equal key, to the letter, and the empty key is a key',
    async (stage) => {
      const x = direct(stage.name('x'));
      await stage.declare(x);
      const q = await bound(stage, 'q', binding(x, 'key'));
      const empty = await bound(stage, 'empty', binding(x, ''));
      for (const key of ['Key', 'key ', 'key.x', '*', '#']) {
        const error = await stage.fails(stage.publish(x, key, { key }));
        expect(error.reason).toBe('unroutable');
      }
      await stage.publish(x, 1, { key: 'key' });
      await stage.publish(x, 2, { key: '' });
      expect(await stage.drain(q)).toEqual(['1']);
      expect(await stage.drain(empty)).toEqual(['2']);
    },
  );

  row('EXC-14', 'two queues on one key of a direct exchange both get it', async (stage) => {
    const x = direct(stage.name('x'));
    await stage.declare(x);
    const a = await bound(stage, 'a', binding(x, 'k'));
    const b = await bound(stage, 'b', binding(x, 'k'));
    await stage.publish(x, 'm', { key: 'k' });
    expect([await stage.drain(a), await stage.drain(b)]).toEqual([['m'], ['m']]);
  });

  row('EXC-15', 'bound twice and unbound once is unbound', async (stage) => {
    const x = direct(stage.name('x'));
    await stage.declare(x);
    const q = await bound(stage, 'q', binding(x, 'k'));
    await stage.do(bind(stage.system, q, binding(x, 'k')));
    await stage.publish(x, 1, { key: 'k' });
    await stage.do(unbind(stage.system, q, binding(x, 'k')));
    await stage.publish(x, 2, { key: 'k', mandatory: false });
    expect(await stage.drain(q)).toEqual(['1']);
  });

  row('EXC-16', 'unbinding what is not bound is no error', async (stage) => {
    const x = direct(stage.name('x'));
    await stage.declare(x);
    const unbound = stage.do(unbind(stage.system, await stage.queue(), binding(x, 'k')));
    await expect(unbound).resolves.toBeUndefined();
  });

  row(
    'EXC-17',
    'binding a queue, or to an exchange, that is not there is refused with 404',
    async (stage) => {
      const x = fanout(stage.name('x'));
      await stage.declare(x);
      const lost = queue(stage.name('nope'));
      expect(await stage.fails(bind(stage.system, lost, binding(x)))).toMatchObject({ code: 404 });
      const q = await stage.queue();
      const nowhere = binding(fanout(stage.name('nowhere')));
      expect(await stage.fails(bind(stage.system, q, nowhere))).toMatchObject({ code: 404 });
    },
  );

  row('EXC-18', 'unbinding from an exchange that is not there is no error', async (stage) => {
    const q = await stage.queue();
    const unbound = stage.do(unbind(stage.system, q, binding(fanout(stage.name('nope')))));
    await expect(unbound).resolves.toBeUndefined();
  });

  row(
    'EXC-19',
    'publishing to a queue goes through the default exchange, with its name as the key',
    async (stage) => {
      const q = await stage.queue();
      await stage.publish(q, 'm');
      const actor = await stage.consumer(q);
      await stage.see(() => actor.got.map(({ exchange, key }) => [exchange, key]), [['', q.queue]]);
    },
  );

  row(
    'EXC-21',
    'exchanges bound to exchanges in a cycle, and to one queue by two ways: one copy, no loop, with the exchange that was published to',
    async (stage) => {
      const a = fanout<number>(stage.name('a'));
      const b = fanout(stage.name('b'), { bindings: [binding(a)] });
      const c = fanout(stage.name('c'), { bindings: [binding(a)] });
      const q = queue(stage.name('q'), { bindings: [binding(b), binding(c)] });
      // Declared together, in any order.
      await stage.declare(c, b, a, q);
      await stage.do(bind(stage.system, a, binding(b)));
      const { got } = await stage.consumer(q, { prefetch: 2 });
      expect(await stage.publish(a, 1)).toEqual({ queues: 1 });
      expect(await stage.publish(b, 2)).toEqual({ queues: 1 });
      await stage.see(
        () => got.map(({ message, exchange }) => [message, exchange]),
        [
          [1, a.exchange],
          [2, b.exchange],
        ],
      );
    },
  );

  row('EXC-22', 'each of the exchanges judges the key of the publisher', async (stage) => {
    const logs = topic<Keyed<number>>(stage.name('logs'));
    const some = direct<Keyed<number>>(stage.name('some'), { bindings: [binding(logs, 'log.#')] });
    const q = queue(stage.name('q'), { bindings: [binding(some, 'log.x')] });
    await stage.declare(logs, some, q);
    const publishes = (key: string) => stage.publish(logs, 1, { key, mandatory: false });
    expect(await publishes('log.x')).toEqual({ queues: 1 });
    expect(await publishes('log.y')).toEqual({ queues: 0 });
    expect(await publishes('x')).toEqual({ queues: 0 });
    await stage.holds(q, 1);
  });

  row(
    'EXC-P1',
    'an exchange that is unbound, or deleted, leads nowhere, and one that goes with its last binding goes with that of an exchange',
    async (stage) => {
      const first = fanout<number>(stage.name('first'), { autoDelete: true });
      const second = fanout<number>(stage.name('second'));
      await stage.declare(first, second);
      const q = await bound(stage, 'q', binding(second));
      await stage.do(bind(stage.system, second, binding(first)));
      expect(await stage.publish(first, 1)).toEqual({ queues: 1 });
      await stage.do(unbind(stage.system, second, binding(first)));
      expect(await stage.outcomes(first, 2)).toEqual(['no_exchange']);
      await stage.declare(first);
      await stage.do(bind(stage.system, second, binding(first)));
      await stage.do(deleteExchange(stage.system, second));
      expect(await stage.outcomes(first, 3)).toEqual(['no_exchange']);
      await stage.holds(q, 1);
      const missing = await stage.fails(bind(stage.system, second, binding(first)));
      expect(missing).toMatchObject({ code: 404 });
    },
  );

  row(
    'EXC-P2',
    'what is subscribed to through another exchange is gone once its actor ended',
    async (stage) => {
      const first = fanout<number>(stage.name('first'));
      const second = fanout<number>(stage.name('second'), { bindings: [binding(first)] });
      await stage.declare(first, second);
      const listener = await stage.actor();
      await listener.does(function* (self): Actor {
        yield* subscribe(self, second);
      });
      const publisher = await stage.actor();
      const told = publisher.does(function* (self): Actor<unknown> {
        const before = yield* publish(self, first, 1);
        self.monitor(listener.pid);
        self.exitSignal(listener.pid, 'kill');
        yield* self.receive('DOWN');
        if (stage.host.isBehind === true) return [before.queues];
        const after = yield* publish(self, first, 2, { mandatory: false });
        return [before.queues, after.queues];
      });
      expect(await told).toEqual(stage.host.isBehind === true ? [1] : [1, 0]);
      await stage.host.eventually(async () =>
        expect(await stage.outcomes(first, 2)).toEqual(['unroutable']),
      );
    },
  );

  row(
    'EXC-23',
    'an auto-delete exchange lives before its first binding and goes with its last, also with the queue',
    async (stage) => {
      const x = fanout(stage.name('x'), { autoDelete: true });
      await stage.declare(x);
      expect(await stage.outcomes(x, 1)).toEqual(['unroutable']);
      const q = await bound(stage, 'q', binding(x));
      const other = await bound(stage, 'other', binding(x));
      await stage.do(unbind(stage.system, q, binding(x)));
      expect(await stage.publish(x, 1)).toEqual({ queues: 1 });
      await stage.do(deleteQueue(stage.system, other, { force: true }));
      expect(await stage.outcomes(x, 2)).toEqual(['no_exchange']);
    },
  );

  row(
    'EXC-26',
    'an exchange has no memory: what was published before the binding is not delivered',
    async (stage) => {
      const x = fanout(stage.name('x'));
      await stage.declare(x);
      await stage.publish(x, 'before', { mandatory: false });
      const q = await bound(stage, 'q', binding(x));
      await stage.publish(x, 'after');
      expect(await stage.drain(q)).toEqual(['after']);
    },
  );

  row('EXC-27', 'the same key with other arguments is another binding', async (stage) => {
    const x = headers(stage.name('x'));
    await stage.declare(x);
    const q = await bound(stage, 'q', binding(x, 'all', { a: 1 }));
    await stage.do(bind(stage.system, q, binding(x, 'all', { b: 1 })));
    await stage.do(unbind(stage.system, q, binding(x, 'all', { a: 1 })));
    expect(await stage.publish(x, 1, { headers: { b: 1 } })).toEqual({ queues: 1 });
    const none = await stage.publish(x, 1, { headers: { a: 1 }, mandatory: false });
    expect(none).toEqual({ queues: 0 });
  });

  row('EXC-29', 'a key or a name of more than 255 bytes of UTF-8 is a TypeError', async (stage) => {
    const x = direct(stage.name('x'));
    await stage.declare(x);
    const long = 'ü'.repeat(128);
    expect(() => fanout(long)).toThrow(TypeError);
    expect(() => queue(long)).toThrow(TypeError);
    expect(() => binding(x, long)).toThrow(TypeError);
    expect(() => publish(stage.system, x, 1, { key: long })).toThrow(TypeError);
    await stage.publish(x, 1, { key: 'ü'.repeat(127), mandatory: false });
  });

  row(
    'EXC-30',
    'unbinding between the publishes of one publisher is an exact cut',
    async (stage) => {
      const x = fanout<number>(stage.name('x'));
      await stage.declare(x);
      const q = await bound(stage, 'q', binding(x));
      const other = await bound(stage, 'other', binding(x));
      const actor = await stage.actor();
      await actor.does(function* (self): Actor {
        for (let n = 0; n < 100; n++) {
          if (n === 50) yield* unbind(self, q, binding(x));
          yield* publish(self, x, n);
        }
      });
      await stage.holds(q, 50);
      await stage.holds(other, 100);
    },
  );

  row('EXC-31', 'a transient queue can be bound to a durable exchange', async (stage) => {
    const x = fanout(stage.name('x'), { durable: true });
    await stage.declare(x);
    await bound(stage, 'q', binding(x));
    expect(await stage.publish(x, 1)).toEqual({ queues: 1 });
    await stage.do(deleteExchange(stage.system, x));
  });

  row(
    'EXC-32',
    'a binding that subscribe made is gone once its actor has ended, for whoever hears of the end',
    async (stage) => {
      const { isBehind = false } = stage.host;
      const x = fanout<number>(stage.name('x'));
      await stage.declare(x);
      const stays = await stage.actor();
      const goes = await stage.actor();
      for (const actor of [stays, goes]) {
        await actor.does(function* (self): Actor {
          yield* subscribe(self, x);
        });
      }
      const publisher = await stage.actor();
      const told = publisher.does(function* (self): Actor<unknown> {
        const before = yield* publish(self, x, 1);
        self.monitor(goes.pid);
        self.exitSignal(goes.pid, 'kill');
        yield* self.receive('DOWN');
        if (isBehind) return [before.queues];
        const after = yield* publish(self, x, 2);
        return [before.queues, after.queues];
      });
      expect(await told).toEqual(isBehind ? [1] : [2, 1]);
      if (!isBehind) return await stage.see(() => stays.bodies, ['1', '2']);
      // Where nobody counts the queues, that there is none shows.
      await stays.kill();
      await stage.host.eventually(async () =>
        expect(await stage.outcomes(x, 2)).toEqual(['unroutable']),
      );
    },
  );
};
