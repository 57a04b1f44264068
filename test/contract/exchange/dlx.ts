/** Dead letters. */

import {
  binding,
  deleteQueue,
  direct,
  type Exchange,
  fanout,
  purge,
  type Queue,
  type QueueOptions,
  queue,
  reject,
} from '@beamish/exchange';
import { expect } from 'vitest';
import type { Rows } from './contract.ts';
import type { Stage } from './stage.ts';

type Letters = Queue<unknown>;

async function graveyard(stage: Stage) {
  const exchange = fanout(stage.name('graves'));
  const dead = queue(stage.name('dead'), { bindings: [binding(exchange)] });
  await stage.declare(exchange, dead);
  return { exchange, dead, deadLetter: { exchange } };
}

/** Two queues that are bound to one direct exchange by their own names, and die into it by that of the other. */
async function cycle(stage: Stage, options: QueueOptions<unknown>): Promise<readonly Letters[]> {
  const x = direct(stage.name('x'));
  const made = ['a', 'b'].map((name, i) =>
    queue(stage.name(name), {
      ...options,
      bindings: [binding(x, name)],
      deadLetter: { exchange: x, key: i === 0 ? 'b' : 'a' },
    }),
  );
  await stage.declare(x, ...(made as [Letters, ...Letters[]]));
  return made;
}

/** A queue whose dead letters come back to it. */
async function ouroboros(stage: Stage, options: QueueOptions<unknown>): Promise<Letters> {
  const x: Exchange<'fanout'> = fanout(stage.name('x'));
  const q = queue(stage.name('q'), {
    ...options,
    bindings: [binding(x)],
    deadLetter: { exchange: x },
  });
  await stage.declare(x, q);
  return q;
}

export const dlx: Rows = (row) => {
  row(
    'DLX-01',
    'what is rejected comes through the dead-letter exchange with its key, headers and id, not redelivered',
    async (stage) => {
      const { exchange, dead, deadLetter } = await graveyard(stage);
      const x = direct(stage.name('x'));
      const q = queue(stage.name('q'), { bindings: [binding(x, 'k')], deadLetter });
      await stage.declare(x, q);
      await stage.publish(x, 'm', { key: 'k', headers: { a: 1 }, properties: { messageId: 'id' } });
      await (await stage.consumer(q)).reject(0);
      const heir = await stage.consumer(dead);
      await stage.see(() => heir.got.length, 1);
      expect(heir.got[0]).toMatchObject({
        message: 'm',
        exchange: exchange.exchange,
        key: 'k',
        headers: { a: 1 },
        redelivered: false,
      });
      expect(heir.got[0]?.properties.messageId).toBe('id');
    },
  );

  row(
    'DLX-02',
    'its history tells count, reason, queue, time to the second, exchange and keys',
    async (stage) => {
      const { dead, deadLetter } = await graveyard(stage);
      const x = direct(stage.name('x'));
      const q = queue(stage.name('q'), { bindings: [binding(x, 'k')], deadLetter });
      await stage.declare(x, q);
      await stage.publish(x, 'm', { key: 'k' });
      await (await stage.consumer(q)).reject(0);
      const heir = await stage.consumer(dead);
      await stage.see(() => heir.got.length, 1);
      const [death] = heir.got[0]?.history ?? [];
      expect(death).toMatchObject({
        queue: q.queue,
        reason: 'rejected',
        count: 1,
        exchange: x.exchange,
        keys: ['k'],
      });
      expect(death?.at.getTime()).toBe(Math.floor((death?.at.getTime() ?? 0) / 1000) * 1000);
      expect(death?.at.getTime()).toBeGreaterThan(0);
    },
  );

  row('DLX-03', 'the last of its history is its first death, and stays so', async (stage) => {
    const { dead, deadLetter } = await graveyard(stage);
    const between = fanout(stage.name('between'));
    const first = queue(stage.name('first'), { deadLetter: { exchange: between } });
    const second = queue(stage.name('second'), { bindings: [binding(between)], deadLetter });
    await stage.declare(between, first, second);
    await stage.publish(first, 'm');
    await (await stage.consumer(first)).reject(0);
    await (await stage.consumer(second)).reject(0);
    const heir = await stage.consumer(dead);
    await stage.see(() => heir.got[0]?.history.at(-1)?.queue, first.queue);
    expect(heir.got[0]?.history.at(-1)).toMatchObject({ reason: 'rejected', exchange: '' });
  });

  row('DLX-04', 'a dead-letter key replaces the key', async (stage) => {
    const graves = direct(stage.name('graves'));
    const dead = queue(stage.name('dead'), { bindings: [binding(graves, 'other')] });
    await stage.declare(graves, dead);
    const q = await stage.queue('q', { deadLetter: { exchange: graves, key: 'other' } });
    await stage.publish(q, 'm');
    await (await stage.consumer(q)).reject(0);
    const heir = await stage.consumer(dead);
    await stage.see(() => heir.got.map(({ key }) => key), ['other']);
  });

  row(
    'DLX-05',
    'the latest death is first, and there is one for each queue and reason',
    async (stage) => {
      const { dead, deadLetter } = await graveyard(stage);
      const between = fanout(stage.name('between'));
      const a = queue(stage.name('a'), { deadLetter: { exchange: between } });
      const b = queue(stage.name('b'), { bindings: [binding(between)], deadLetter });
      await stage.declare(between, a, b);
      await stage.publish(a, 'm');
      await (await stage.consumer(a)).reject(0);
      await (await stage.consumer(b)).reject(0);
      const heir = await stage.consumer(dead);
      await stage.see(
        () => heir.got[0]?.history.map(({ queue, reason, count }) => [queue, reason, count]),
        [
          [b.queue, 'rejected', 1],
          [a.queue, 'rejected', 1],
        ],
      );
    },
  );

  row('DLX-06', 'in a loop of reject, wait and return the counts rise', async (stage) => {
    const retry = fanout(stage.name('retry'));
    const back = fanout(stage.name('back'));
    const work = queue(stage.name('work'), {
      bindings: [binding(back)],
      deadLetter: { exchange: retry },
    });
    const wait = queue(stage.name('wait'), {
      bindings: [binding(retry)],
      ttl: { messageMs: 100 },
      deadLetter: { exchange: back },
    });
    await stage.declare(retry, back, work, wait);
    await stage.publish(work, 'm');
    const actor = await stage.consumer(work);
    for (let n = 0; n < 3; n++) {
      await stage.see(() => actor.got.length, n + 1);
      await actor.reject(n);
      await stage.host.pass(300);
    }
    await stage.see(
      () => actor.got[3]?.history.map(({ queue, reason, count }) => [queue, reason, count]),
      [
        [wait.queue, 'expired', 3],
        [work.queue, 'rejected', 3],
      ],
    );
  });

  row('DLX-07', 'a cycle in which nobody rejects is cut, with an event', async (stage) => {
    const [a, b] = (await cycle(stage, { ttl: { messageMs: 100 } })) as [Letters, Letters];
    await stage.publish(a, 'm');
    await stage.host.pass(1000);
    await stage.holds(a, 0);
    await stage.holds(b, 0);
    stage.sawDropped([{ queue: b.queue, reason: 'expired' }]);
  });

  row(
    'DLX-08',
    'a queue that expires, or overflows, into itself does not get it back',
    async (stage) => {
      const expiring = await ouroboros(stage, { ttl: { messageMs: 100 } });
      await stage.publish(expiring, 'm');
      await stage.host.pass(400);
      await stage.holds(expiring, 0);
      await stage.do(deleteQueue(stage.system, expiring, { force: true }));
      const limit = { messages: 2, overflow: 'drop_head' } as const;
      const other = fanout(stage.name('other'));
      const full = queue(stage.name('full'), {
        limit,
        bindings: [binding(other)],
        deadLetter: { exchange: other },
      });
      await stage.declare(other, full);
      await stage.publishNumbers(full, 4);
      expect(await stage.drain(full)).toEqual(['2', '3']);
    },
  );

  row('DLX-09', 'a queue that rejects into itself gets it again', async (stage) => {
    const q = await ouroboros(stage, {});
    await stage.publish(q, 'm');
    const actor = await stage.consumer(q);
    for (let n = 0; n < 3; n++) {
      await stage.see(() => actor.got.length, n + 1);
      await actor.reject(n);
    }
    await stage.see(() => actor.got.at(-1)?.history[0]?.count, 3);
  });

  row(
    'DLX-10',
    'a dead-letter exchange that is not there is refused at the declaration; one that routes nowhere drops with an event',
    async (stage) => {
      const nope = fanout(stage.name('nope'));
      const refused = queue(stage.name('refused'), { deadLetter: { exchange: nope } });
      expect(await stage.fails(stage.declare(refused))).toMatchObject({ code: 404 });
      await stage.declare(nope);
      await stage.declare(refused);
      await stage.publish(refused, 'm');
      await (await stage.consumer(refused)).reject(0);
      await stage.holds(refused, 0);
      stage.sawDropped([{ queue: refused.queue, reason: 'rejected' }]);
    },
  );

  row('DLX-11', 'what is unroutable there goes to the alternate exchange', async (stage) => {
    const { exchange, dead } = await graveyard(stage);
    const graves = direct(stage.name('closed'), { alternate: exchange });
    await stage.declare(graves);
    const q = await stage.queue('q', { deadLetter: { exchange: graves, key: 'nobody' } });
    await stage.publish(q, 'm');
    await (await stage.consumer(q)).reject(0);
    await stage.holds(dead, 1);
  });

  row(
    'DLX-12',
    'several that die at once come each, in order; 200 that expire, in order',
    async (stage) => {
      const { dead, deadLetter } = await graveyard(stage);
      const q = await stage.queue('q', { deadLetter });
      await stage.publishNumbers(q, 5);
      const actor = await stage.consumer(q, { prefetch: 5 });
      await actor.does((self) => {
        for (const delivery of actor.got) reject(self, delivery);
      });
      await stage.host.settle();
      expect(await stage.drain(dead)).toEqual(['0', '1', '2', '3', '4']);
      const expiring = await stage.queue('expiring', { deadLetter, ttl: { messageMs: 200 } });
      await stage.publishNumbers(expiring, 200);
      await stage.host.pass(1000);
      expect(await stage.drain(dead)).toEqual(Array.from({ length: 200 }, (_, n) => String(n)));
    },
  );

  row('DLX-13', 'priority, correlation id, and who asked are kept', async (stage) => {
    const { dead, deadLetter } = await graveyard(stage);
    const q = await stage.queue('q', { deadLetter });
    const properties = { correlationId: 'c', type: 't', persistent: false };
    await stage.publish(q, 'm', { priority: 4, properties });
    await (await stage.consumer(q)).reject(0);
    const heir = await stage.consumer(dead);
    await stage.see(() => heir.got.length, 1);
    expect(heir.got[0]?.properties).toMatchObject({ ...properties, priority: 4 });
  });

  row('DLX-14', 'a publisher cannot give a message a history', async (stage) => {
    const q = await stage.queue();
    const past = { queue: q.queue, reason: 'rejected', count: 7 };
    await stage.publish(q, 'm', { headers: { 'x-death': [past] } });
    const actor = await stage.consumer(q);
    await stage.see(() => actor.got[0]?.history, []);
  });

  row('DLX-15', 'deleting and purging a queue dead-letters nothing', async (stage) => {
    const { dead, deadLetter } = await graveyard(stage);
    const q = await stage.queue('q', { deadLetter });
    await stage.publishNumbers(q, 3);
    await stage.do(purge(stage.system, q));
    await stage.publishNumbers(q, 3);
    await stage.do(deleteQueue(stage.system, q, { force: true }));
    await stage.holds(dead, 0);
  });
};
