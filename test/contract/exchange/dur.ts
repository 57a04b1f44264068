/** What survives the end of a program by a kill. */

import {
  bind,
  binding,
  declare,
  deleteQueue,
  fanout,
  publish,
  purge,
  quarantineOf,
  queue,
  redeliver,
  topic,
  unbind,
} from '@beamish/exchange';
import { expect } from 'vitest';
import type { Rows } from './contract.ts';

const durable = { durable: true } as const;

export const dur: Rows = (row) => {
  row(
    'DUR-01',
    'persistent messages of a durable queue are there after a kill, in order, and what was acknowledged stays gone',
    async (stage) => {
      const q = await stage.queue('q', durable);
      await stage.publishNumbers(q, 6);
      const actor = await stage.consumer(q);
      await actor.ack(0);
      await stage.host.settle();
      await stage.restart();
      expect(await stage.drain(q)).toEqual(['1*', '2', '3', '4', '5']);
    },
  );

  row('DUR-02', 'what was held is back redelivered; what was only ready is not', async (stage) => {
    const q = await stage.queue('q', durable);
    await stage.publishNumbers(q, 3);
    await stage.consumer(q, { prefetch: 2 });
    await stage.restart();
    expect(await stage.drain(q)).toEqual(['0*', '1*', '2']);
  });

  row(
    'DUR-03',
    'transient messages are gone, and so are transient queues and exchanges, and exclusive ones',
    async (stage) => {
      const q = await stage.queue('q', durable);
      const transient = queue(stage.name('transient'));
      const x = fanout(stage.name('x'));
      const owned = queue(stage.name('owned'), { durable: true, lifetime: 'exclusive' });
      await stage.do(declare(stage.system, transient, x));
      await stage.do(declare(stage.system, owned));
      await stage.publish(q, 'transient', { properties: { persistent: false } });
      await stage.publish(q, 'persistent');
      await stage.publish(transient, 'm');
      await stage.publish(owned, 'm');
      await stage.restart();
      expect(await stage.drain(q)).toEqual(['persistent']);
      expect(await stage.fails(stage.inspect(transient))).toMatchObject({ code: 404 });
      expect(await stage.fails(stage.inspect(owned))).toMatchObject({ code: 404 });
      expect(await stage.outcomes(x, 1)).toEqual(['no_exchange']);
    },
  );

  row('DUR-04', 'a durable auto-delete queue is there, with its message', async (stage) => {
    const q = await stage.queue('q', { durable: true, lifetime: 'auto_delete' });
    await stage.publish(q, 'm');
    await stage.restart();
    await stage.holds(q, 1);
    const actor = await stage.consumer(q);
    await actor.stop();
    expect(await stage.fails(stage.inspect(q))).toMatchObject({ code: 404 });
    await stage.restart();
    expect(await stage.fails(stage.inspect(q))).toMatchObject({ code: 404 });
  });

  row(
    'DUR-05',
    'bindings of durable queues to durable exchanges are there, and those that were taken back are not',
    async (stage) => {
      const x = topic(stage.name('x'), durable);
      const q = queue(stage.name('q'), {
        durable: true,
        bindings: [binding(x, 'a.*'), binding(x, 'b.*')],
      });
      await stage.declare(x, q);
      const first = fanout<number>(stage.name('first'), durable);
      const second = fanout<number>(stage.name('second'), durable);
      await stage.declare(first, second);
      for (const from of [first, second]) await stage.do(bind(stage.system, x, binding(from)));
      await stage.do(unbind(stage.system, x, binding(second)));
      await stage.do(unbind(stage.system, q, binding(x, 'b.*')));
      await stage.publish(q, 'm');
      await stage.restart();
      expect(await stage.publish(first, 1, { mandatory: false })).toEqual({ queues: 0 });
      await stage.do(bind(stage.system, q, binding(x, '#')));
      expect(await stage.publish(first, 1)).toEqual({ queues: 1 });
      expect(await stage.outcomes(second, 1)).toEqual(['unroutable']);
      await stage.do(unbind(stage.system, q, binding(x, '#')));
      expect(await stage.publish(x, 1, { key: 'a.b' })).toEqual({ queues: 1 });
      expect(await stage.publish(x, 1, { key: 'b.b', mandatory: false })).toEqual({ queues: 0 });
    },
  );

  row(
    'DUR-07',
    'what expired while the program was down is dead-lettered at the start',
    async (stage) => {
      const x = fanout(stage.name('x'), durable);
      const dead = queue(stage.name('dead'), { durable: true, bindings: [binding(x)] });
      const q = queue(stage.name('q'), {
        durable: true,
        ttl: { messageMs: 1000 },
        deadLetter: { exchange: x },
      });
      await stage.declare(x, dead, q);
      await stage.publish(q, 'm');
      await stage.restart(2000);
      await stage.holds(q, 0);
      const heir = await stage.consumer(dead);
      await stage.see(
        () => heir.got.map(({ message, history }) => [message, history[0]?.reason]),
        [['m', 'expired']],
      );
    },
  );

  row('TTL-10', 'the time of a message runs while the program is down', async (stage) => {
    const q = await stage.queue('q', { durable: true, ttl: { messageMs: 1000 } });
    await stage.publish(q, 'm');
    await stage.host.pass(300);
    await stage.restart(400);
    await stage.holds(q, 1);
    await stage.host.pass(200);
    await stage.holds(q, 1);
    await stage.host.pass(200);
    await stage.holds(q, 0);
  });

  row(
    'DUR-08',
    'killed while publishing, the queue holds a prefix of what each publisher sent, without a gap or a double, and all that was confirmed',
    async (stage) => {
      const q = await stage.queue<string>('q', durable);
      const confirmed = [0, 0, 0];
      for (const who of confirmed.keys()) {
        const actor = await stage.actor();
        void actor
          .does(function* (self) {
            for (let n = 0; n < 200; n++) {
              yield* publish(self, q, `${who} ${n}`);
              confirmed[who] = n + 1;
            }
          })
          .catch(() => undefined);
      }
      await stage.host.pass(1);
      const sent = [...confirmed];
      await stage.restart();
      const bodies = (await stage.drain(q)).map((body) => body.split(' '));
      for (const who of confirmed.keys()) {
        const its = bodies
          .filter(([publisher]) => publisher === String(who))
          .map(([, n]) => Number(n));
        expect(its).toEqual(its.map((_, n) => n));
        expect(its.length).toBeGreaterThanOrEqual(sent[who] as number);
      }
    },
  );

  row(
    'DLX-16',
    'a dead letter and its move are one step: killed at any moment, it is in one of the two queues',
    async (stage) => {
      const x = fanout(stage.name('x'), durable);
      const dead = queue(stage.name('dead'), { durable: true, bindings: [binding(x)] });
      const q = queue(stage.name('q'), { durable: true, deadLetter: { exchange: x } });
      await stage.declare(x, dead, q);
      await stage.publishNumbers(q, 3);
      const actor = await stage.consumer(q, { prefetch: 3 });
      await actor.reject(0);
      await actor.reject(1);
      await stage.restart();
      const [here, there] = [await stage.drain(q), await stage.drain(dead)];
      expect([...here, ...there].map((body) => body.replace('*', '')).sort()).toEqual([
        '0',
        '1',
        '2',
      ]);
      await stage.restart();
      await stage.holds(q, 0);
      await stage.holds(dead, 0);
    },
  );

  row(
    'DUR-P1',
    'properties, headers, history, priority and place come back as they were',
    async (stage) => {
      const q = await stage.queue('q', { durable: true, priorities: 10 });
      const headers = {
        when: new Date(5000),
        big: 2n ** 60n,
        data: new Uint8Array([1, 2]),
        list: [1, { $date: 7 }, null],
      };
      const properties = { correlationId: 'c', timestamp: new Date(7000), messageId: 'mine' };
      await stage.publish(q, 'low', { headers, properties });
      await stage.publish(q, 'high', { priority: 9 });
      await stage.restart();
      const actor = await stage.consumer(q, { prefetch: 2 });
      await stage.see(() => actor.bodies, ['high', 'low']);
      expect(actor.got[1]?.headers).toEqual(headers);
      expect(actor.got[1]?.properties).toEqual(properties);
      expect(actor.got[0]?.properties.priority).toBe(9);
    },
  );

  row('DUR-P2', 'the quarantine and its counts survive, and redeliver goes on', async (stage) => {
    const q = await stage.queue('q', durable);
    await stage.publish(q, 'poison');
    await stage.publish(q, 'good');
    for (let n = 0; n < 2; n++) {
      const victim = await stage.consumer(q);
      await stage.see(() => victim.got.length, 1);
      await victim.crash();
      // It has left when its crash is counted.
      await stage.host.eventually(async () =>
        expect(await stage.inspect(q)).toMatchObject({ consumers: 0 }),
      );
    }
    await stage.restart(0, { topology: [q] });
    const last = await stage.consumer(q);
    await stage.see(
      () => last.got.map(({ message, crashes }) => [message, crashes]),
      [['poison', 2]],
    );
    await last.crash();
    await stage.holds(quarantineOf(q), 1);
    await stage.restart(0, { topology: [q] });
    await stage.holds(quarantineOf(q), 1);
    await stage.do(redeliver(stage.system, q));
    await stage.restart(0, { topology: [q] });
    await stage.holds(quarantineOf(q), 0);
    const heir = await stage.consumer(q, { prefetch: 2 });
    await stage.see(
      () => heir.got.map(({ message, crashes }) => [message, crashes]),
      [
        ['good', 0],
        ['poison', 0],
      ],
    );
    expect(heir.got[1]?.history[0]).toMatchObject({ reason: 'delivery_limit', queue: q.queue });
  });

  row('DUR-P3', 'what was purged, dropped or deleted stays gone', async (stage) => {
    const x = fanout(stage.name('x'), durable);
    const [purged, deleted, full] = ['purged', 'deleted', 'full'].map((name) =>
      queue(stage.name(name), {
        durable: true,
        bindings: [binding(x)],
        limit: { messages: 2, overflow: 'drop_head' },
      }),
    ) as [never, never, never];
    await stage.declare(x, purged, deleted, full);
    for (let n = 0; n < 4; n++) await stage.publish(x, n);
    await stage.do(purge(stage.system, purged));
    await stage.do(deleteQueue(stage.system, deleted, { force: true }));
    await stage.host.settle();
    await stage.restart();
    await stage.holds(purged, 0);
    expect(await stage.fails(stage.inspect(deleted))).toMatchObject({ code: 404 });
    await stage.declare(deleted);
    await stage.holds(deleted, 0);
    expect(await stage.drain(full)).toEqual(['2', '3']);
  });

  row('DUR-P4', 'what was automatically acknowledged does not come again', async (stage) => {
    const q = await stage.queue('q', durable);
    await stage.publishNumbers(q, 3);
    const actor = await stage.consumer(q, { ack: 'auto' });
    await stage.see(() => actor.bodies, ['0', '1', '2']);
    await stage.restart();
    await stage.holds(q, 0);
  });
};
