/** Consuming, settling, and the order of what comes. */

import {
  ack,
  type Consumption,
  cancel,
  consume,
  deleteQueue,
  emit,
  publish,
  queue,
  requeue,
} from '@beamish/exchange';
import type { Actor } from 'beamish';
import { expect } from 'vitest';
import type { Rows } from './contract.ts';
import type { Puppet } from './stage.ts';

/** Acknowledges all that has come, until nothing more comes. */
async function ackAll(actor: Puppet): Promise<void> {
  for (let i = 0; i < actor.got.length; i++) await actor.ack(i);
}

export const con: Rows = (row) => {
  row('CON-01', 'two consumers that are free are served in turn', async (stage) => {
    const q = await stage.queue();
    const a = await stage.consumer(q, { prefetch: 10 });
    const b = await stage.consumer(q, { prefetch: 10 });
    await stage.publishNumbers(q, 10);
    await stage.see(
      () => [a.bodies, b.bodies],
      [
        ['0', '2', '4', '6', '8'],
        ['1', '3', '5', '7', '9'],
      ],
    );
  });

  row('CON-02', 'three at prefetch 1, all quick, are served in turn', async (stage) => {
    const q = await stage.queue();
    const actors = [await stage.consumer(q), await stage.consumer(q), await stage.consumer(q)];
    for (let n = 0; n < 9; n++) {
      await stage.publish(q, n);
      const actor = actors[n % 3] as Puppet;
      await stage.see(() => actor.bodies.at(-1), String(n));
      await actor.ack(Math.floor(n / 3));
    }
    expect(actors.map((each) => each.bodies)).toEqual([
      ['0', '3', '6'],
      ['1', '4', '7'],
      ['2', '5', '8'],
    ]);
  });

  row(
    'CON-03',
    'at prefetch 1, who never settles holds one, and the other gets the rest',
    async (stage) => {
      const q = await stage.queue();
      const stuck = await stage.consumer(q);
      const busy = await stage.consumer(q);
      await stage.publishNumbers(q, 10);
      await ackAll(busy);
      await stage.see(() => [stuck.got.length, busy.got.length], [1, 9]);
    },
  );

  row(
    'CON-04',
    'a prefetch of n lets exactly n come, and then one for each that is settled',
    async (stage) => {
      const q = await stage.queue();
      await stage.publishNumbers(q, 10);
      const actor = await stage.consumer(q, { prefetch: 4 });
      await stage.see(() => actor.got.length, 4);
      await actor.ack(1);
      await stage.see(() => actor.bodies, ['0', '1', '2', '3', '4']);
    },
  );

  row('CON-05', 'the prefetch is that of one consumer', async (stage) => {
    const q = await stage.queue();
    const a = await stage.consumer(q, { prefetch: 3 });
    const b = await stage.consumer(q, { prefetch: 3 });
    await stage.publishNumbers(q, 10);
    await stage.see(() => [a.got.length, b.got.length], [3, 3]);
  });

  row('CON-06', 'another prefetch does not touch a consumption that runs', async (stage) => {
    const q = await stage.queue('q');
    const other = await stage.queue('other');
    await stage.publishNumbers(q, 10);
    await stage.publishNumbers(other, 10);
    const actor = await stage.consumer(q, { prefetch: 2 });
    await actor.consume(other, { prefetch: 5 });
    await stage.see(
      () => [q, other].map((its) => actor.got.filter((each) => each.queue === its.queue).length),
      [2, 5],
    );
  });

  row('CON-07', 'a prefetch of 0, or above 65,535, is a RangeError', async (stage) => {
    const q = await stage.queue();
    const actor = await stage.actor();
    for (const prefetch of [0, 65_536, 1.5]) {
      await expect(actor.does((self) => void consume(self, q, { prefetch }))).rejects.toThrow(
        RangeError,
      );
    }
  });

  row('CON-08', 'automatic acknowledgement knows no prefetch', async (stage) => {
    const q = await stage.queue();
    await stage.publishNumbers(q, 50);
    const actor = await stage.consumer(q, { ack: 'auto', prefetch: 1 });
    await stage.see(() => actor.got.length, 50);
    await actor.kill();
    await stage.holds(q, 0);
  });

  row(
    'CON-09',
    'to settle twice, or what needs no settlement, does nothing and is an event',
    async (stage) => {
      const q = await stage.queue();
      await stage.publishNumbers(q, 3);
      const actor = await stage.consumer(q, { prefetch: 2 });
      await actor.ack(0);
      await actor.ack(0);
      await stage.see(() => stage.eventsOf('stale_settlement').length, 1);
      await actor.reject(0);
      await stage.see(() => stage.eventsOf('stale_settlement').length, 2);
      await stage.see(() => actor.bodies, ['0', '1', '2']);
      const other = await stage.queue('other');
      await stage.publish(other, 1);
      const automatic = await stage.consumer(other, { ack: 'auto' });
      await automatic.ack(0);
      await stage.see(() => stage.eventsOf('stale_settlement').length, 3);
    },
  );

  row('CON-10', 'what is requeued goes back to its place, redelivered', async (stage) => {
    const q = await stage.queue();
    await stage.publishNumbers(q, 4);
    const actor = await stage.consumer(q);
    await actor.requeue(0);
    await ackFrom(actor, 1);
    await stage.see(() => actor.bodies, ['0', '0*', '1', '2', '3']);
  });

  row('CON-11', 'requeued in another order, the order of the queue is restored', async (stage) => {
    const q = await stage.queue();
    await stage.publishNumbers(q, 6);
    const actor = await stage.consumer(q, { prefetch: 4 });
    await actor.cancel();
    for (const i of [2, 0, 3, 1]) await actor.requeue(i);
    expect(await stage.drain(q)).toEqual(['0*', '1*', '2*', '3*', '4', '5']);
  });

  row('CON-12', 'what is requeued goes to another consumer that is free', async (stage) => {
    const q = await stage.queue();
    const a = await stage.consumer(q);
    const b = await stage.consumer(q);
    await stage.publish(q, 'm');
    await stage.see(() => a.bodies, ['m']);
    await a.requeue(0);
    await stage.see(() => [a.bodies, b.bodies], [['m'], ['m*']]);
  });

  row(
    'CON-13',
    'with one consumer, what is requeued comes again at once, and is not counted as a crash',
    async (stage) => {
      const q = await stage.queue();
      await stage.publish(q, 'm');
      const actor = await stage.actor();
      const last = await actor.does(function* (self): Actor<unknown> {
        yield* consume(self, q);
        for (let n = 0; n < 100; n++) requeue(self, yield* self.receive('delivery'));
        const { redelivered, crashes } = yield* self.receive('delivery');
        return { redelivered, crashes };
      });
      expect(last).toEqual({ redelivered: true, crashes: 0 });
    },
  );

  row(
    'CON-14',
    'rejected without a dead-letter exchange, it is dropped, with an event',
    async (stage) => {
      const q = await stage.queue();
      await stage.publish(q, 'm', { properties: { messageId: 'mine' } });
      const actor = await stage.consumer(q);
      await actor.reject(0);
      await stage.see(
        () => stage.eventsOf('dropped'),
        [{ tag: 'broker', kind: 'dropped', queue: q.queue, reason: 'rejected', messageId: 'mine' }],
      );
      await actor.stop();
      await stage.holds(q, 0);
    },
  );

  row(
    'CON-15',
    'when a consumer ends, all that it held is back in order, before anyone who monitors it hears',
    async (stage) => {
      const q = await stage.queue();
      await stage.publishNumbers(q, 5);
      const actor = await stage.consumer(q, { prefetch: 3 });
      const witness = await stage.actor();
      const bodies = await witness.does(function* (self): Actor<unknown> {
        self.monitor(actor.pid);
        self.exitSignal(actor.pid, 'kill');
        yield* self.receive('DOWN');
        yield* consume(self, q, { prefetch: 1 });
        const bodies: string[] = [];
        for (let n = 0; n < 5; n++) {
          const delivery = yield* self.receive('delivery');
          bodies.push(`${delivery.message}${delivery.redelivered ? '*' : ''}`);
          ack(self, delivery);
        }
        return bodies;
      });
      expect(bodies).toEqual(['0*', '1*', '2*', '3', '4']);
    },
  );

  row('CON-16', 'only what was delivered is redelivered', async (stage) => {
    const q = await stage.queue();
    await stage.publishNumbers(q, 3);
    const actor = await stage.consumer(q);
    await actor.stop();
    expect(await stage.drain(q)).toEqual(['0*', '1', '2']);
  });

  row(
    'CON-17',
    'after cancel nothing more comes, and what is held can be settled',
    async (stage) => {
      const q = await stage.queue();
      await stage.publishNumbers(q, 5);
      const actor = await stage.consumer(q, { prefetch: 3 });
      await actor.cancel();
      await actor.ack(0);
      expect(actor.got.length).toBe(3);
      expect(await stage.inspect(q)).toMatchObject({ ready: 2, consumers: 0 });
      await actor.stop();
      expect(await stage.drain(q)).toEqual(['1*', '2*', '3', '4']);
      expect(stage.eventsOf('stale_settlement')).toEqual([]);
    },
  );

  row('CON-18', 'cancelling twice, or after the queue is gone, is no error', async (stage) => {
    const q = await stage.queue();
    const actor = await stage.consumer(q);
    await actor.cancel();
    await actor.cancel();
    await stage.do(deleteQueue(stage.system, q));
    await expect(actor.cancel()).resolves.toBeUndefined();
  });

  row('CON-19', 'the consumers of a queue that is deleted are told', async (stage) => {
    const q = await stage.queue();
    const actor = await stage.consumer(q);
    await stage.do(deleteQueue(stage.system, q, { force: true }));
    await stage.see(
      () => actor.cancelled.map(({ queue, reason }) => ({ queue, reason })),
      [{ queue: q.queue, reason: 'queue_deleted' }],
    );
  });

  row('CON-20', 'consuming a queue that is not there is refused with 404', async (stage) => {
    const nope = queue(stage.name('nope'));
    await expect(stage.consumer(nope)).rejects.toMatchObject({
      name: 'BrokerRefused',
      code: 404,
    });
  });

  row(
    'CON-22',
    'an exclusive consumer is refused beside another, and another beside it: 403',
    async (stage) => {
      const used = await stage.queue('used');
      await stage.consumer(used);
      await expect(stage.consumer(used, { exclusive: true })).rejects.toMatchObject({ code: 403 });
      const q = await stage.queue('q');
      const exclusive = await stage.consumer(q, { exclusive: true });
      await expect(stage.consumer(q)).rejects.toMatchObject({ code: 403 });
      await exclusive.stop();
      await expect(stage.consumer(q)).resolves.toBeDefined();
    },
  );

  row(
    'CON-23',
    'the consumer of higher priority is served while it has room, then the lower one; who joins later with more gets all',
    async (stage) => {
      const q = await stage.queue();
      const low = await stage.consumer(q, { prefetch: 2, priority: 1 });
      const high = await stage.consumer(q, { prefetch: 2, priority: 5 });
      await stage.publishNumbers(q, 4);
      await stage.see(
        () => [high.bodies, low.bodies],
        [
          ['0', '1'],
          ['2', '3'],
        ],
      );
      const top = await stage.consumer(q, { prefetch: 10, priority: 9 });
      for (const i of [0, 1]) await high.ack(i);
      await stage.publish(q, 4);
      await stage.publish(q, 5);
      await stage.see(() => top.bodies, ['4', '5']);
    },
  );

  row(
    'CON-24',
    'of a single active consumer the next gets something only when the first is gone and has nothing unsettled',
    async (stage) => {
      const q = await stage.queue('q', { singleActiveConsumer: true });
      const first = await stage.consumer(q, { prefetch: 2 });
      const next = await stage.consumer(q, { prefetch: 10 });
      await stage.publishNumbers(q, 4);
      await stage.see(() => [first.bodies, next.bodies], [['0', '1'], []]);
      await first.cancel();
      await stage.see(() => next.bodies, []);
      await first.stop();
      await stage.see(() => next.bodies, ['0*', '1*', '2', '3']);
    },
  );

  row(
    'CON-25',
    'a queue with a single active consumer refuses exclusive ones: 403',
    async (stage) => {
      const q = await stage.queue('q', { singleActiveConsumer: true });
      await expect(stage.consumer(q, { exclusive: true })).rejects.toMatchObject({ code: 403 });
    },
  );

  row(
    'CON-26',
    'many settlements of one turn take effect one by one, over several queues',
    async (stage) => {
      const a = await stage.queue('a');
      const b = await stage.queue('b');
      await stage.publishNumbers(a, 3);
      await stage.publishNumbers(b, 3);
      const actor = await stage.consumer(a, { prefetch: 3 });
      await actor.consume(b, { prefetch: 3 });
      await stage.see(() => actor.got.length, 6);
      await actor.does((self) => {
        for (const delivery of actor.got) if (delivery.message !== 1) ack(self, delivery);
      });
      await actor.stop();
      expect([await stage.drain(a), await stage.drain(b)]).toEqual([['1*'], ['1*']]);
    },
  );

  row(
    'CON-29',
    'a result that was published before the settlement stays when the consumer dies, and the message comes again',
    async (stage) => {
      const jobs = await stage.queue('jobs');
      const results = await stage.queue('results');
      await stage.publish(jobs, 'job');
      const actor = await stage.consumer(jobs);
      await actor.does(function* (self): Actor {
        yield* publish(self, results, 'result');
      });
      await actor.crash();
      expect(await stage.drain(results)).toEqual(['result']);
      expect(await stage.drain(jobs)).toEqual(['job*']);
    },
  );

  row(
    'CON-33',
    'a delivery can be settled by another actor while its consumer lives',
    async (stage) => {
      const q = await stage.queue();
      await stage.publishNumbers(q, 2);
      const actor = await stage.consumer(q);
      const helper = await stage.actor();
      const [first] = actor.got;
      await helper.does((self) => ack(self, first as never));
      await stage.see(() => actor.bodies, ['0', '1']);
      await helper.does((self) => ack(self, first as never));
      await stage.see(() => stage.eventsOf('stale_settlement').length, 1);
    },
  );

  row(
    'CON-P1',
    'deliveries have the tag that was asked for, so that they can be received apart',
    async (stage) => {
      const a = await stage.queue('a');
      const b = await stage.queue('b');
      const actor = await stage.actor();
      const order = await actor.does(function* (self): Actor<unknown> {
        yield* consume(self, a, { tag: 'job' });
        yield* consume(self, b, { tag: 'order' });
        yield* publish(self, a, 'a');
        yield* publish(self, b, 'b');
        const order = yield* self.receive('order');
        const job = yield* self.receive('job');
        return [order.message, job.message];
      });
      expect(order).toEqual(['b', 'a']);
    },
  );

  row(
    'CON-P2',
    'after cancel of a consumption that acknowledges by itself, nothing of it is left in the mailbox',
    async (stage) => {
      const q = await stage.queue<number>();
      const other = await stage.queue<number>('other');
      const actor = await stage.actor();
      const ending = await actor.does(function* (self): Actor<Consumption> {
        const consumption = yield* consume(self, q, { ack: 'auto', tag: 'one' });
        yield* consume(self, other, { ack: 'auto', tag: 'one' });
        return consumption;
      });
      const left = await actor.does(function* (self): Actor<unknown> {
        for (let n = 0; n < 5; n++) emit(self, q, n);
        yield* publish(self, other, 7);
        yield* cancel(self, ending);
        yield* publish(self, q, 5);
        const kept = yield* self.receive('one').after(10);
        const none = yield* self.receive('one').after(0);
        return [kept?.message, none];
      });
      expect(left).toEqual([7, undefined]);
    },
  );

  row('CON-30', 'the number of a settlement is never used again', async (stage) => {
    const q = await stage.queue();
    const other = await stage.queue('other');
    const [a, b] = [await stage.consumer(q), await stage.consumer(q)];
    const c = await stage.consumer(other, { prefetch: 10 });
    await stage.publishNumbers(q, 3);
    await stage.publishNumbers(other, 3);
    await stage.see(() => a.got.length + b.got.length + c.got.length, 5);
    await a.requeue(0);
    await stage.see(() => a.got.length + b.got.length, 3);
    await stage.crashQueue(q);
    await stage.see(() => a.got.length + b.got.length >= 5, true);
    const settlements = [...a.got, ...b.got, ...c.got].map(
      ({ queue: from, settlement: { number } }) => `${from} ${number}`,
    );
    expect(new Set(settlements).size).toBe(settlements.length);
    // Settled late, an old number settles nothing new.
    await a.ack(0);
    await stage.see(() => stage.eventsOf('stale_settlement').length > 0, true);
  });
};

/** Acknowledges from this delivery on, as they come. */
async function ackFrom(actor: Puppet, from: number): Promise<void> {
  for (let i = from; i < actor.got.length; i++) await actor.ack(i);
}
