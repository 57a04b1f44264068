/** Queues and their options. */

import {
  bind,
  binding,
  consume,
  declare,
  deleteQueue,
  emit,
  fanout,
  inspect,
  publish,
  purge,
  queue,
  subscribe,
} from '@beamish/exchange';
import type { Actor } from 'beamish';
import { expect } from 'vitest';
import type { Rows } from './contract.ts';

export const que: Rows = (row) => {
  row('QUE-01', 'inspect tells how many are ready, and how many consume', async (stage) => {
    const q = await stage.queue();
    await stage.publishNumbers(q, 2);
    expect(await stage.inspect(q)).toMatchObject({ ready: 2, consumers: 0 });
  });

  row('QUE-02', 'each subscription has a queue with a name of its own', async (stage) => {
    const x = fanout(stage.name('x'));
    await stage.declare(x);
    const actor = await stage.actor();
    const names = await actor.does(function* (self): Actor<readonly string[]> {
      const first = yield* subscribe(self, x);
      const second = yield* subscribe(self, x);
      return [first.queue, second.queue];
    });
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^amq\.gen-./);
  });

  row('QUE-03', 'a queue whose name begins with "amq." cannot be declared: 403', async (stage) => {
    expect(await stage.fails(stage.declare(queue('amq.mine')))).toMatchObject({ code: 403 });
  });

  row(
    'QUE-04',
    'declaring it again with other options is refused with 406, which says queue, option, wanted and present',
    async (stage) => {
      const x = fanout(stage.name('x'));
      await stage.declare(x);
      const q = await stage.queue('q', { limit: { messages: 5 } });
      const again = [
        queue(q.queue, { limit: { messages: 6 } }),
        queue(q.queue),
        queue(q.queue, { limit: { messages: 5 }, lifetime: 'auto_delete' }),
        queue(q.queue, { limit: { messages: 5 }, ttl: { messageMs: 1 } }),
        queue(q.queue, { limit: { messages: 5 }, priorities: 2 }),
        queue(q.queue, { limit: { messages: 5 }, deadLetter: { exchange: x } }),
      ];
      for (const other of again) {
        expect(await stage.fails(stage.declare(other))).toMatchObject({
          code: 406,
          reason: 'precondition_failed',
        });
      }
      const error = await stage.fails(stage.declare(again[0] as (typeof again)[0]));
      for (const part of [q.queue, '5', '6']) expect(error.message).toContain(part);
    },
  );

  row('QUE-05', 'declaring the same again is no error, and its messages stay', async (stage) => {
    const q = await stage.queue('q', { limit: { messages: 5 } });
    await stage.publish(q, 1);
    await stage.declare(q, queue(q.queue, { limit: { messages: 5 } }));
    await stage.holds(q, 1);
  });

  row('QUE-06', 'looking at a queue does not ask for its options', async (stage) => {
    const q = await stage.queue('q', { limit: { messages: 5 } });
    expect(await stage.inspect(queue(q.queue))).toMatchObject({ ready: 0 });
  });

  row(
    'QUE-07',
    'an exclusive queue is locked for others: 405 to declare, look, consume, bind, purge and delete',
    async (stage) => {
      const x = fanout(stage.name('x'));
      await stage.declare(x);
      const q = queue(stage.name('q'), { lifetime: 'exclusive' });
      const owner = await stage.actor();
      await owner.does(function* (self): Actor {
        yield* declare(self, q);
        yield* inspect(self, q);
      });
      const other = await stage.actor();
      const tries = [
        other.does((self) => declare(self, q)[Symbol.iterator]() as Actor),
        other.does((self) => inspect(self, q)[Symbol.iterator]() as Actor<unknown>),
        other.does((self) => consume(self, q)[Symbol.iterator]() as Actor<unknown>),
        other.does((self) => bind(self, q, binding(x))[Symbol.iterator]() as Actor),
        other.does((self) => purge(self, q)[Symbol.iterator]() as Actor<unknown>),
        other.does(
          (self) => deleteQueue(self, q, { force: true })[Symbol.iterator]() as Actor<unknown>,
        ),
      ];
      for (const each of tries) each.catch(() => undefined);
      for (const each of tries) {
        expect(await stage.fails(each)).toMatchObject({ code: 405, reason: 'resource_locked' });
      }
    },
  );

  row('QUE-08', 'others may publish to an exclusive queue', async (stage) => {
    const q = queue(stage.name('q'), { lifetime: 'exclusive' });
    const owner = await stage.actor();
    await owner.does(function* (self): Actor {
      yield* declare(self, q);
      yield* consume(self, q);
    });
    await stage.publish(q, 'm');
    await stage.see(() => owner.bodies, ['m']);
  });

  row('QUE-09', 'an exclusive queue is gone with its owner', async (stage) => {
    const q = queue(stage.name('q'), { lifetime: 'exclusive' });
    const owner = await stage.actor();
    await owner.does(function* (self): Actor {
      yield* declare(self, q);
    });
    const gone = async (): Promise<unknown> => {
      let error: unknown;
      await stage.host.eventually(async () => {
        error = await stage.fails(stage.publish(q, 1));
      });
      return error;
    };
    const publisher = await stage.actor();
    const failed = publisher.does(function* (self): Actor<unknown> {
      self.monitor(owner.pid);
      self.exitSignal(owner.pid, 'kill');
      yield* self.receive('DOWN');
      if (stage.host.isBehind !== true) return yield* publish(self, q, 1);
      throw yield* self.wait(gone());
    });
    expect(await stage.fails(failed)).toMatchObject({ reason: 'unroutable' });
    expect(await stage.fails(stage.inspect(q))).toMatchObject({ code: 404 });
  });

  row(
    'QUE-10',
    'an auto-delete queue stays while it has had no consumer, and goes with the last, by cancel or by death',
    async (stage) => {
      for (const end of ['cancel', 'kill'] as const) {
        const q = await stage.queue(end, { lifetime: 'auto_delete' });
        await stage.publish(q, 1);
        await stage.holds(q, 1);
        const first = await stage.consumer(q);
        const last = await stage.consumer(q);
        await first[end]();
        expect(await stage.inspect(q)).toMatchObject({ consumers: 1 });
        await last[end]();
        expect(await stage.fails(stage.inspect(q))).toMatchObject({ code: 404 });
      }
    },
  );

  row(
    'QUE-11',
    'deleting a queue tells how many ready messages went; 0 of one that is not there',
    async (stage) => {
      const q = await stage.queue();
      await stage.publishNumbers(q, 2);
      const gone = await stage.do(deleteQueue(stage.system, q, { force: true }));
      expect(gone).toEqual({ messages: 2 });
      expect(await stage.do(deleteQueue(stage.system, q))).toEqual({ messages: 0 });
    },
  );

  row(
    'QUE-12',
    'without force, a queue that has messages or consumers is not deleted: 406',
    async (stage) => {
      const full = await stage.queue('full');
      await stage.publish(full, 1);
      expect(await stage.fails(deleteQueue(stage.system, full))).toMatchObject({ code: 406 });
      const used = await stage.queue('used');
      await stage.consumer(used);
      expect(await stage.fails(deleteQueue(stage.system, used))).toMatchObject({ code: 406 });
      await stage.holds(full, 1);
    },
  );

  row('QUE-13', 'purge drops what is ready, and not what is held', async (stage) => {
    const q = await stage.queue();
    await stage.publishNumbers(q, 5);
    const actor = await stage.consumer(q);
    expect(await stage.do(purge(stage.system, q))).toEqual({ messages: 4 });
    await actor.kill();
    await stage.holds(q, 1);
  });

  row(
    'QUE-14',
    'a queue that nobody uses for queueMs goes; declaring, looking and consuming begin the time anew, publishing does not',
    async (stage) => {
      const ttl = { queueMs: stage.ms(1000) };
      const declared = await stage.queue('declared', { ttl });
      const looked = await stage.queue('looked', { ttl });
      const consumed = await stage.queue('consumed', { ttl });
      const published = await stage.queue('published', { ttl });
      const actor = await stage.consumer(consumed);
      await stage.host.pass(stage.ms(700));
      await stage.declare(declared);
      await stage.inspect(looked);
      await stage.publish(published, 1);
      await actor.stop();
      await stage.host.pass(stage.ms(600));
      expect(await stage.fails(stage.inspect(published))).toMatchObject({ code: 404 });
      for (const q of [declared, looked, consumed]) await stage.inspect(q);
      await stage.host.pass(stage.ms(1300));
      for (const q of [declared, looked, consumed])
        expect(await stage.fails(stage.inspect(q))).toMatchObject({ code: 404 });
    },
  );

  row('QUE-15', 'the expiry, deletion and purge of a queue dead-letter nothing', async (stage) => {
    const x = fanout(stage.name('x'));
    const dead = queue(stage.name('dead'), { bindings: [binding(x)] });
    await stage.declare(x, dead);
    const deadLetter = { exchange: x };
    const expiring = await stage.queue('expiring', { deadLetter, ttl: { queueMs: 500 } });
    const deleted = await stage.queue('deleted', { deadLetter });
    const purged = await stage.queue('purged', { deadLetter });
    for (const q of [expiring, deleted, purged]) await stage.publish(q, 1);
    await stage.do(deleteQueue(stage.system, deleted, { force: true }));
    await stage.do(purge(stage.system, purged));
    await stage.host.pass(800);
    await stage.holds(dead, 0);
  });

  row(
    'QUE-16',
    'options that make no sense are a RangeError or TypeError where the token is made',
    async (stage) => {
      const name = stage.name('q');
      for (const ms of [-1, 1.5, Number.NaN, '1' as never])
        expect(() => queue(name, { ttl: { messageMs: ms } })).toThrow(RangeError);
      expect(() => queue(name, { ttl: { queueMs: 0 } })).toThrow(RangeError);
      expect(() => queue(name, { priorities: 256 })).toThrow(RangeError);
      expect(() => queue(name, { priorities: 0 })).toThrow(RangeError);
      expect(() => queue(name, { limit: { messages: -1 } })).toThrow(RangeError);
      expect(() => queue(name, { limit: { overflow: 'explode' as never } })).toThrow(TypeError);
      expect(() => queue(name, { maxCrashes: 0 })).toThrow(RangeError);
      expect(() => queue(name, { deadLetter: { key: 'k' } as never })).toThrow(TypeError);
      expect(() => queue(name, { lifetime: 'short' as never })).toThrow(TypeError);
    },
  );

  row('QUE-17', 'what is held is not counted as ready', async (stage) => {
    const q = await stage.queue();
    await stage.publishNumbers(q, 5);
    await stage.consumer(q, { prefetch: 3 });
    expect(await stage.inspect(q)).toMatchObject({ ready: 2, consumers: 1 });
  });

  row(
    'QUE-18',
    'deleted while messages are held, they are gone, and the late ack is a stale settlement',
    async (stage) => {
      const q = await stage.queue();
      await stage.publish(q, 1);
      const actor = await stage.consumer(q);
      const gone = await stage.do(deleteQueue(stage.system, q, { force: true }));
      expect(gone).toEqual({ messages: 0 });
      await actor.ack(0);
      await stage.see(() => stage.eventsOf('stale_settlement').length, 1);
      await stage.declare(q);
      await stage.holds(q, 0);
    },
  );

  row(
    'QUE-20',
    'what one publisher publishes to one queue comes in order, 10,000 of them',
    async (stage) => {
      const q = await stage.queue<number>();
      const publisher = await stage.actor();
      await publisher.does(function* (self): Actor {
        for (let n = 0; n < 9_999; n++) emit(self, q, n);
        yield* publish(self, q, 9_999);
      });
      const consumer = await stage.consumer(q, { ack: 'auto' });
      await stage.see(
        () => consumer.got.every(({ message }, i) => message === i) && consumer.got.length,
        10_000,
      );
    },
  );

  row(
    'QUE-22',
    'deleted and declared anew by another: its consumer is told, and is none of the new one',
    async (stage) => {
      const q = await stage.queue();
      const consumer = await stage.consumer(q);
      await stage.do(deleteQueue(stage.system, q, { force: true }));
      await stage.declare(q);
      await stage.see(() => consumer.cancelled.map(({ reason }) => reason), ['queue_deleted']);
      await stage.publish(q, 0);
      expect(await stage.inspect(q)).toMatchObject({ ready: 1, consumers: 0 });
      await consumer.consume(q);
      await stage.see(() => consumer.bodies, ['0']);
    },
  );
};
