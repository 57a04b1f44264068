/** Priorities, expiry, limits: which message is next, and which has had its time. */

import { bind, binding, fanout, purge, queue } from '@beamish/exchange';
import { expect } from 'vitest';
import type { Rows } from './contract.ts';
import type { Stage } from './stage.ts';

/** An exchange for the dead, and a queue that gets all of it. */
async function graveyard(stage: Stage) {
  const exchange = fanout(stage.name('graves'));
  const dead = queue(stage.name('dead'), { bindings: [binding(exchange)] });
  await stage.declare(exchange, dead);
  return { exchange, dead, deadLetter: { exchange } };
}

export const pri: Rows = (row) => {
  row(
    'PRI-01',
    'the higher priority comes first, in order within it, and none is 0',
    async (stage) => {
      const q = await stage.queue('q', { priorities: 10 });
      const priorities = [0, 5, 9, 5, 0, 9, undefined];
      for (const [n, priority] of priorities.entries())
        await stage.publish(q, n, priority === undefined ? {} : { priority });
      expect(await stage.drain(q)).toEqual(['2', '5', '1', '3', '0', '4', '6']);
    },
  );

  row('PRI-02', 'above the top is as the top, and the property stays', async (stage) => {
    const q = await stage.queue('q', { priorities: 6 });
    for (const [n, priority] of [5, 9, 4, 5].entries()) await stage.publish(q, n, { priority });
    const actor = await stage.consumer(q, { prefetch: 4 });
    await stage.see(
      () => actor.got.map(({ message, properties }) => [message, properties.priority]),
      [
        [0, 5],
        [1, 9],
        [3, 5],
        [2, 4],
      ],
    );
  });

  row('PRI-03', 'a queue without priorities ignores them', async (stage) => {
    const q = await stage.queue();
    await stage.publish(q, 'a', { priority: 0 });
    await stage.publish(q, 'b', { priority: 9 });
    expect(await stage.drain(q)).toEqual(['a', 'b']);
  });

  row('PRI-04', 'what was delivered is not recalled for a higher one', async (stage) => {
    const q = await stage.queue('q', { priorities: 10 });
    for (const low of ['low0', 'low1', 'low2']) await stage.publish(q, low, { priority: 0 });
    const actor = await stage.consumer(q, { prefetch: 3 });
    await stage.publish(q, 'high', { priority: 9 });
    await actor.ack(0);
    await stage.see(() => actor.bodies, ['low0', 'low1', 'low2', 'high']);
  });

  row('PRI-05', 'what is requeued keeps its priority and its place in it', async (stage) => {
    const q = await stage.queue('q', { priorities: 10 });
    const priorities = [1, 9, 9, 5];
    for (const [n, priority] of priorities.entries()) await stage.publish(q, n, { priority });
    const actor = await stage.consumer(q, { prefetch: 4 });
    await actor.cancel();
    for (const i of [3, 1, 0, 2]) await actor.requeue(i);
    expect(await stage.drain(q)).toEqual(['1*', '2*', '3*', '0*']);
  });

  row('PRI-06', 'of 1,000 low ones and a high one, the high one is next', async (stage) => {
    const q = await stage.queue('q', { priorities: 10 });
    const actor = await stage.consumer(q);
    await stage.publishNumbers(q, 1000);
    await stage.publish(q, 'high', { priority: 9 });
    await actor.ack(0);
    await stage.see(() => actor.bodies, ['0', 'high']);
  });

  row(
    'PRI-07',
    'priorities and drop_head together are refused where the token is made',
    async (stage) => {
      const limit = { messages: 1, overflow: 'drop_head' } as const;
      expect(() => queue(stage.name('q'), { priorities: 2, limit })).toThrow(TypeError);
    },
  );

  row(
    'PRI-08',
    'a low one that expires behind a live high one is counted, and dies when it is its turn',
    async (stage) => {
      const { dead, deadLetter } = await graveyard(stage);
      const q = await stage.queue('q', { priorities: 10, deadLetter });
      await stage.publish(q, 'high', { priority: 9 });
      await stage.publish(q, 'low', { priority: 0, expirationMs: 100 });
      await stage.host.pass(300);
      await stage.holds(q, 2);
      expect(await stage.drain(q)).toEqual(['high']);
      expect(await stage.drain(dead)).toEqual(['low']);
    },
  );
};

export const ttl: Rows = (row) => {
  row(
    'TTL-01',
    'what waits longer than messageMs is there before and gone after',
    async (stage) => {
      const q = await stage.queue('q', { ttl: { messageMs: stage.ms(500) } });
      await stage.publish(q, 1);
      await stage.host.pass(stage.ms(300));
      await stage.holds(q, 1);
      await stage.host.pass(stage.ms(300));
      await stage.holds(q, 0);
      stage.sawDropped([{ reason: 'expired' }]);
    },
  );

  row('TTL-02', 'of the queue’s and the message’s own, the shorter time counts', async (stage) => {
    const short = await stage.queue('short', { ttl: { messageMs: 200 } });
    const long = await stage.queue('long', { ttl: { messageMs: 60_000 } });
    await stage.publish(short, 1, { expirationMs: 60_000 });
    await stage.publish(long, 1, { expirationMs: 200 });
    await stage.host.pass(400);
    await stage.holds(short, 0);
    await stage.holds(long, 0);
  });

  row('TTL-03', 'it never dies early, and soon after when the queue is idle', async (stage) => {
    const { dead, deadLetter } = await graveyard(stage);
    const q = await stage.queue('q', { ttl: { messageMs: 1000 }, deadLetter });
    await stage.publish(q, 1);
    await stage.host.pass(900);
    await stage.holds(dead, 0);
    await stage.host.pass(200);
    await stage.holds(dead, 1);
  });

  row(
    'TTL-04',
    'with a time of 0 it is delivered if a consumer waits, else it is dead at once',
    async (stage) => {
      const q = await stage.queue('q', { ttl: { messageMs: 0 } });
      const actor = await stage.consumer(q);
      await stage.publish(q, 'a');
      await stage.see(() => actor.bodies, ['a']);
      await stage.publish(q, 'b');
      await stage.holds(q, 0);
      await actor.ack(0);
      await stage.see(() => actor.bodies, ['a']);
    },
  );

  row(
    'TTL-05',
    'a short time behind a long one dies with the head: it is counted until then, and the dead come in the order of the queue',
    async (stage) => {
      const { dead, deadLetter } = await graveyard(stage);
      const q = await stage.queue('q', { deadLetter });
      await stage.publish(q, 'long', { expirationMs: 1000 });
      await stage.publish(q, 'short', { expirationMs: 100 });
      await stage.host.pass(500);
      await stage.holds(q, 2);
      await stage.host.pass(700);
      await stage.holds(q, 0);
      expect(await stage.drain(dead)).toEqual(['long', 'short']);
    },
  );

  row('TTL-06', 'what has expired is never delivered, wherever it stood', async (stage) => {
    const q = await stage.queue();
    await stage.publish(q, 'live');
    await stage.publish(q, 'short', { expirationMs: 100 });
    await stage.publish(q, 'live2');
    await stage.host.pass(300);
    expect(await stage.drain(q)).toEqual(['live', 'live2']);
  });

  row(
    'TTL-07',
    'what is held does not expire; requeued after its time it is dead at once',
    async (stage) => {
      const q = await stage.queue('q', { ttl: { messageMs: 200 } });
      await stage.publish(q, 1);
      const actor = await stage.consumer(q);
      await stage.host.pass(500);
      expect(stage.eventsOf('dropped')).toEqual([]);
      await actor.cancel();
      await actor.requeue(0);
      await stage.holds(q, 0);
      stage.sawDropped([{ reason: 'expired' }]);
    },
  );

  row('TTL-08', 'requeued in time, it keeps its first deadline', async (stage) => {
    const { dead, deadLetter } = await graveyard(stage);
    const q = await stage.queue('q', { ttl: { messageMs: 1000 }, deadLetter });
    await stage.publish(q, 1);
    const actor = await stage.consumer(q);
    await stage.host.pass(600);
    await actor.cancel();
    await actor.requeue(0);
    await stage.holds(q, 1);
    await stage.host.pass(600);
    await stage.holds(q, 0);
    const heir = await stage.consumer(dead);
    await stage.see(() => heir.got[0]?.history[0]?.reason, 'expired');
  });

  row(
    'TTL-09',
    'what died of its own expiration has none any more, and its history tells it',
    async (stage) => {
      const { dead, deadLetter } = await graveyard(stage);
      const q = await stage.queue('q', { deadLetter });
      await stage.publish(q, 1, { expirationMs: 30 });
      await stage.host.pass(300);
      await stage.host.pass(300);
      await stage.holds(dead, 1);
      const heir = await stage.consumer(dead);
      await stage.see(() => heir.got[0]?.history[0]?.originalExpirationMs, 30);
    },
  );
};

export const len: Rows = (row) => {
  row(
    'LEN-01',
    'drop_head confirms all and keeps the last; the oldest die of maxlen',
    async (stage) => {
      const { dead, deadLetter } = await graveyard(stage);
      const limit = { messages: 3, overflow: 'drop_head' } as const;
      const q = await stage.queue('q', { limit, deadLetter });
      expect(await stage.outcomes(q, 0, 1, 2, 3, 4)).toEqual(['ack', 'ack', 'ack', 'ack', 'ack']);
      expect(await stage.drain(q)).toEqual(['2', '3', '4']);
      const heir = await stage.consumer(dead, { prefetch: 5 });
      await stage.see(() => heir.bodies, ['0', '1']);
      expect(heir.got[0]?.history[0]?.reason).toBe('maxlen');
    },
  );

  row(
    'LEN-02',
    'what is held does not count; requeued above the limit, the oldest go',
    async (stage) => {
      const limit = { messages: 2, overflow: 'drop_head' } as const;
      const q = await stage.queue('q', { limit });
      const actor = await stage.consumer(q, { prefetch: 2 });
      await stage.publishNumbers(q, 4);
      await stage.holds(q, 2);
      expect(stage.eventsOf('dropped')).toEqual([]);
      await actor.stop();
      expect(await stage.drain(q)).toEqual(['2', '3']);
    },
  );

  row('LEN-03', 'reject_publish refuses the others, and they are not unroutable', async (stage) => {
    const q = await stage.queue('q', { limit: { messages: 2 } });
    expect(await stage.outcomes(q, 0, 1, 2, 3)).toEqual(['ack', 'ack', 'rejected', 'rejected']);
    expect(await stage.drain(q)).toEqual(['0', '1']);
  });

  row('LEN-04', 'what is emitted to a full queue is an event', async (stage) => {
    const q = await stage.queue('q', { limit: { messages: 1 } });
    await stage.emit(q, 0);
    await stage.emit(q, 1);
    await stage.see(() => stage.eventsOf('rejected').length, 1);
    expect(stage.eventsOf('rejected')[0]).toMatchObject({ exchange: '', key: q.queue });
    await stage.holds(q, 1);
  });

  row('LEN-06', 'bytes count bodies only, and either limit holds', async (stage) => {
    const limit = { messages: 100, bytes: 12, overflow: 'drop_head' } as const;
    const q = await stage.queue('q', { limit });
    // Six bytes each, as JSON.
    const headers = { much: 'x'.repeat(100) };
    for (const body of ['aaaa', 'bbbb', 'cccc']) await stage.publish(q, body, { headers });
    expect(await stage.drain(q)).toEqual(['bbbb', 'cccc']);
    const few = await stage.queue('few', {
      limit: { messages: 1, bytes: 1000, overflow: 'drop_head' },
    });
    await stage.publishNumbers(few, 3);
    await stage.holds(few, 1);
  });

  row(
    'LEN-07',
    'one message above the limit of bytes, alone, is dropped with an event',
    async (stage) => {
      const q = await stage.queue('q', { limit: { bytes: 3, overflow: 'drop_head' } });
      await stage.publish(q, 'aaaa');
      await stage.holds(q, 0);
      stage.sawDropped([{ reason: 'maxlen' }]);
    },
  );

  row(
    'LEN-08',
    'reject_publish refuses the one that would bring it over its bytes',
    async (stage) => {
      const q = await stage.queue('q', { limit: { bytes: 5 } });
      expect(await stage.outcomes(q, 'aa', 'bb', 'cc')).toEqual(['ack', 'rejected', 'rejected']);
    },
  );

  row(
    'LEN-09',
    'with a limit of 0 a message goes to a consumer that waits, and else is gone',
    async (stage) => {
      const q = await stage.queue('q', { limit: { messages: 0, overflow: 'drop_head' } });
      await stage.publish(q, 'a');
      await stage.holds(q, 0);
      const actor = await stage.consumer(q);
      await stage.publish(q, 'b');
      await stage.see(() => actor.bodies, ['b']);
    },
  );

  row(
    'LEN-10',
    'with reject_publish 1 and a consumer at prefetch 1, one is held and one waits',
    async (stage) => {
      const q = await stage.queue('q', { limit: { messages: 1 } });
      const actor = await stage.consumer(q);
      expect(await stage.outcomes(q, 0, 1, 2, 3)).toEqual(['ack', 'ack', 'rejected', 'rejected']);
      await stage.see(() => actor.bodies, ['0']);
    },
  );

  row(
    'LEN-P2',
    'with reject_publish 0 a message goes to a consumer that has room, and else is refused',
    async (stage) => {
      for (const limit of [{ messages: 0 }, { bytes: 0 }]) {
        const q = await stage.queue(Object.keys(limit)[0], { limit });
        expect(await stage.outcomes(q, 'nobody')).toEqual(['rejected']);
        const actor = await stage.consumer(q, { prefetch: 2 });
        expect(await stage.outcomes(q, 'a', 'b', 'c')).toEqual(['ack', 'ack', 'rejected']);
        await stage.see(() => actor.bodies, ['a', 'b']);
      }
    },
  );

  row('LEN-P1', 'purge and rebinding keep the limit exact', async (stage) => {
    const x = fanout(stage.name('x'));
    const q = await stage.queue('q', { limit: { bytes: 6 } });
    await stage.declare(x);
    await stage.do(bind(stage.system, q, binding(x)));
    expect(await stage.outcomes(x, 'aaaa', 'bbbb')).toEqual(['ack', 'rejected']);
    await stage.do(purge(stage.system, q));
    expect(await stage.outcomes(x, 'aaaa', 'bbbb')).toEqual(['ack', 'rejected']);
  });
};
