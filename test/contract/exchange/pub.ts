/** Publishing, confirms, mandatory messages, alternate exchanges. */

import {
  ack,
  binding,
  bytes,
  consume,
  direct,
  fanout,
  type HeaderTable,
  publish,
  publishAll,
  publishing,
  queue,
} from '@beamish/exchange';
import type { Actor, Pending } from 'beamish';
import { expect } from 'vitest';
import type { Rows } from './contract.ts';

export const pub: Rows = (row) => {
  row('PUB-01', 'unroutable and not mandatory is an answer: no queue', async (stage) => {
    const x = direct(stage.name('x'));
    await stage.declare(x);
    const published = await stage.publish(x, 1, { key: 'k', mandatory: false });
    expect(published).toEqual({ queues: 0 });
  });

  row('PUB-02', 'unroutable and mandatory fails with unroutable', async (stage) => {
    const x = direct(stage.name('x'));
    await stage.declare(x);
    const error = await stage.fails(stage.publish(x, 1, { key: 'k' }));
    expect(error).toMatchObject({ name: 'PublishFailed', reason: 'unroutable' });
    const lost = await stage.fails(stage.publish(queue(stage.name('nope')), 1));
    expect(lost).toMatchObject({ reason: 'unroutable', exchange: '', key: stage.name('nope') });
  });

  row('PUB-03', 'mandatory and routed answers with how many queues took it', async (stage) => {
    const x = fanout(stage.name('x'));
    const a = queue(stage.name('a'), { bindings: [binding(x)] });
    const b = queue(stage.name('b'), { bindings: [binding(x)] });
    await stage.declare(x, a);
    expect((await stage.publish(x, 1)).queues).toBe(1);
    await stage.declare(b);
    // A broker that does not say how many says 1 for some.
    expect((await stage.publish(x, 1)).queues).toBeGreaterThan(0);
    await stage.holds(a, 2);
    await stage.holds(b, 1);
  });

  row('PUB-04', 'the failure tells exchange, key and message id', async (stage) => {
    const x = direct(stage.name('x'));
    await stage.declare(x);
    const properties = { messageId: 'mine' };
    const error = await stage.fails(stage.publish(x, 1, { key: 'k', properties }));
    expect(error).toMatchObject({ exchange: x.exchange, key: 'k', messageId: 'mine' });
    const other = await stage.fails(stage.publish(x, 1, { key: 'k' }));
    expect(other.messageId).not.toBe('');
  });

  row(
    'PUB-05',
    'an alternate exchange takes what is unroutable, and that counts as routed',
    async (stage) => {
      const other = fanout(stage.name('other'));
      const x = direct(stage.name('x'), { alternate: other });
      const q = queue(stage.name('q'), { bindings: [binding(other)] });
      const bound = queue(stage.name('bound'), { bindings: [binding(x, 'k')] });
      await stage.declare(other, x, q, bound);
      expect(await stage.publish(x, 'a', { key: 'nobody' })).toEqual({ queues: 1 });
      expect(await stage.publish(x, 'b', { key: 'k' })).toEqual({ queues: 1 });
      expect(await stage.drain(q)).toEqual(['a']);
      expect(await stage.drain(bound)).toEqual(['b']);
    },
  );

  row(
    'PUB-06',
    'what came by the alternate exchange shows the one that it was published to, and no trace of the other',
    async (stage) => {
      const other = fanout(stage.name('other'));
      const x = direct(stage.name('x'), { alternate: other });
      const q = queue(stage.name('q'), { bindings: [binding(other)] });
      await stage.declare(other, x, q);
      await stage.publish(x, 1, { key: 'k' });
      const actor = await stage.consumer(q);
      await stage.see(
        () =>
          actor.got.map(({ exchange, key, headers, history }) => ({
            exchange,
            key,
            headers,
            history,
          })),
        [{ exchange: x.exchange, key: 'k', headers: {}, history: [] }],
      );
    },
  );

  row(
    'PUB-07',
    'unroutable at the alternate exchange too is unroutable, with the name of the first',
    async (stage) => {
      const other = fanout(stage.name('other'));
      const x = direct(stage.name('x'), { alternate: other });
      await stage.declare(other, x);
      const error = await stage.fails(stage.publish(x, 1, { key: 'k' }));
      expect(error).toMatchObject({ reason: 'unroutable', exchange: x.exchange });
    },
  );

  row(
    'PUB-08',
    'an alternate exchange that is not there is refused when the exchange is declared: 404',
    async (stage) => {
      const x = direct(stage.name('x'), { alternate: fanout(stage.name('nope')) });
      expect(await stage.fails(stage.declare(x))).toMatchObject({ code: 404 });
    },
  );

  row('PUB-09', 'alternate exchanges in a cycle do not loop: unroutable', async (stage) => {
    const a = direct(stage.name('a'));
    const b = direct(stage.name('b'), { alternate: a });
    await stage.declare(direct(stage.name('a'), { alternate: b }), b);
    const error = await stage.fails(stage.publish(a, 1, { key: 'k' }));
    expect(error).toMatchObject({ reason: 'unroutable', exchange: a.exchange });
  });

  row(
    'PUB-10',
    'where an exchange is bound that leads nowhere, the alternate is not asked: unroutable',
    async (stage) => {
      const alternate = fanout<number>(stage.name('alternate'));
      const q = queue(stage.name('q'), { bindings: [binding(alternate)] });
      const first = fanout<number>(stage.name('first'), { alternate });
      const nowhere = fanout<number>(stage.name('nowhere'), { bindings: [binding(first)] });
      await stage.declare(alternate, q, first, nowhere);
      expect(await stage.outcomes(first, 1)).toEqual(['unroutable']);
      await stage.holds(q, 0);
    },
  );

  row('PUB-11', 'properties and headers come as they were given', async (stage) => {
    const q = await stage.queue();
    const headers: HeaderTable = {
      text: 'ü',
      whole: 7,
      large: 2 ** 40,
      negative: -3,
      part: 1.5,
      yes: true,
      nothing: null,
      list: [1, 'two', null, { three: 3 }],
      table: { a: { b: [true] } },
      data: new Uint8Array([0, 255]),
      time: new Date(1_700_000_000_000),
    };
    const properties = {
      messageId: 'id',
      correlationId: 'c',
      type: 't',
      appId: 'a',
      timestamp: new Date(1_700_000_000_000),
    };
    await stage.publish(q, 1, { headers, properties, priority: 3 });
    const actor = await stage.consumer(q);
    await stage.see(() => actor.got.length, 1);
    expect(actor.got[0]?.headers).toEqual(headers);
    expect(actor.got[0]?.properties).toMatchObject({ ...properties, priority: 3 });
  });

  row('PUB-12', 'a header named __proto__ is refused', async (stage) => {
    const q = await stage.queue();
    const evil = JSON.parse('{"a": {"__proto__": {"evil": 1}}}') as HeaderTable;
    expect(() => publish(stage.system, q, 1, { headers: evil })).toThrow(TypeError);
    const worse = JSON.parse('{"__proto__": {"evil": 1}}') as HeaderTable;
    expect(() => publish(stage.system, q, 1, { headers: worse })).toThrow(TypeError);
    await stage.holds(q, 0);
  });

  row(
    'PUB-14',
    'an expiration that is negative, fractional or no number is a RangeError at once',
    async (stage) => {
      const q = await stage.queue();
      for (const expirationMs of [-1, 1.5, Number.NaN, '' as never])
        expect(() => publish(stage.system, q, 1, { expirationMs })).toThrow(RangeError);
      for (const priority of [-1, 10, 1.5])
        expect(() => publish(stage.system, q, 1, { priority })).toThrow(RangeError);
    },
  );

  row('PUB-19', 'an empty body, and one of a megabyte, come as they were', async (stage) => {
    const q = await stage.queue<Uint8Array>('q', { codec: bytes });
    const large = new Uint8Array(1_000_000).fill(7);
    await stage.publish(q, new Uint8Array(0));
    await stage.publish(q, large);
    const actor = await stage.consumer(q, { prefetch: 2 });
    await stage.see(() => actor.got.map(({ message }) => message.length), [0, 1_000_000]);
    expect(actor.got[1]?.message.every((byte: number) => byte === 7)).toBe(true);
  });

  row('PUB-20', 'of two queues one is full: rejected, although the other has it', async (stage) => {
    const x = fanout(stage.name('x'));
    const full = queue(stage.name('full'), { bindings: [binding(x)], limit: { messages: 0 } });
    const open = queue(stage.name('open'), { bindings: [binding(x)] });
    await stage.declare(x, full, open);
    const error = await stage.fails(stage.publish(x, 1));
    expect(error).toMatchObject({ name: 'PublishFailed', reason: 'rejected' });
    expect(error.message).toContain('others may have it');
    await stage.holds(open, 1);
  });

  row(
    'PUB-21',
    'who publishes to itself before it settles is not entered again, at any prefetch',
    async (stage) => {
      for (const prefetch of [1, 100]) {
        const q = await stage.queue<number>(`q${prefetch}`);
        const actor = await stage.actor();
        const handled = actor.does(function* (self): Actor<unknown> {
          yield* consume(self, q, { prefetch });
          yield* publish(self, q, 0);
          const order: string[] = [];
          for (let n = 0; n < 300; n++) {
            const delivery = yield* self.receive('delivery');
            order.push(`in ${delivery.message}`);
            yield* publish(self, q, n + 1);
            order.push(`out ${delivery.message}`);
            ack(self, delivery);
          }
          return order;
        });
        const expected = Array.from({ length: 300 }, (_, n) => [`in ${n}`, `out ${n}`]).flat();
        expect(await handled).toEqual(expected);
      }
    },
  );

  row(
    'PUB-P1',
    'several publishes can be under way, and are answered in the order of the calls',
    async (stage) => {
      const q = await stage.queue<number>('q', { limit: { messages: 3 } });
      const actor = await stage.actor();
      const outcomes = await actor.does(function* (self): Actor<unknown> {
        const pending: Pending<unknown>[] = [];
        for (let n = 0; n < 5; n++) pending.push(publishing(self, q, n));
        const outcomes: unknown[] = [];
        for (const each of pending) outcomes.push((yield* each.wait(1000))?.ok);
        return outcomes;
      });
      expect(outcomes).toEqual([true, true, true, false, false]);
      expect(await stage.drain(q)).toEqual(['0', '1', '2']);
    },
  );

  row(
    'PUB-P2',
    'publishAll publishes all in order, a bounded number at a time, and fails with the first that does',
    async (stage) => {
      const q = await stage.queue<number>('q');
      const actor = await stage.actor();
      const numbers = Array.from({ length: 50 }, (_, n) => n);
      const published = await actor.does(function* (self): Actor<unknown> {
        return yield* publishAll(self, q, numbers, { limit: 7 });
      });
      expect(published).toEqual({ published: 50 });
      expect(await stage.drain(q)).toEqual(numbers.map(String));
      expect(await stage.do(publishAll(stage.system, q, numbers, { limit: 7 }))).toEqual({
        published: 50,
      });
      const full = await stage.queue<number>('full', { limit: { messages: 5 } });
      const error = await stage.fails(publishAll(stage.system, full, numbers, { limit: 3 }));
      expect(error).toMatchObject({ reason: 'rejected' });
    },
  );
};
