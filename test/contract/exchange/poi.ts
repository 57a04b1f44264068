/** Messages that their consumers die of, and those that nobody can read. */

import {
  type Codec,
  inspect,
  quarantineOf,
  redeliver,
  type StandardSchema,
} from '@beamish/exchange';
import { expect } from 'vitest';
import type { Rows } from './contract.ts';
import type { Stage } from './stage.ts';

/** Lets one consumer after the other die with what it has in hand. */
async function die(
  stage: Stage,
  q: Parameters<Stage['inspect']>[0],
  prefetch: number,
  times: number,
) {
  const seen: (readonly string[])[] = [];
  for (let n = 0; n < times; n++) {
    const actor = await stage.consumer(q, { prefetch });
    await stage.host.eventually(() => expect(actor.got.length).toBeGreaterThan(0));
    await stage.host.settle();
    seen.push(actor.bodies);
    await actor.crash();
  }
  return seen;
}

const even: StandardSchema<number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'number' && value % 2 === 0
        ? { value }
        : { issues: [{ message: 'it is not even' }] },
  },
};

export const poi: Rows = (row) => {
  row(
    'POI-01',
    'after three deaths with it alone in hand a message is set aside, and the one behind it is handled',
    async (stage) => {
      const q = await stage.queue();
      await stage.publish(q, 'poison', { properties: { messageId: 'p' } });
      await stage.publish(q, 'good');
      expect(await die(stage, q, 1, 3)).toEqual([['poison'], ['poison*'], ['poison*']]);
      const actor = await stage.consumer(q);
      await stage.see(() => actor.bodies, ['good']);
      const heir = await stage.consumer(quarantineOf(q));
      await stage.see(
        () =>
          heir.got.map(({ message, history }) => [message, history[0]?.reason, history[0]?.queue]),
        [['poison', 'delivery_limit', q.queue]],
      );
      expect(stage.eventsOf('quarantined')).toMatchObject([
        { queue: q.queue, reason: 'delivery_limit', messageId: 'p' },
      ]);
    },
  );

  row(
    'POI-02',
    'at prefetch 3, of a poison and two innocents only the poison is set aside',
    async (stage) => {
      const q = await stage.queue();
      await stage.publish(q, 'poison');
      await stage.publish(q, 'innocent1');
      await stage.publish(q, 'innocent2');
      const handled: unknown[] = [];
      for (let n = 0; n < 8; n++) {
        const actor = await stage.consumer(q, { prefetch: 3 });
        await stage.host.settle();
        for (let i = 0; i < actor.got.length; i++) {
          const message = actor.got[i]?.message;
          if (message === 'poison') break;
          handled.push(message);
          await actor.ack(i);
        }
        await actor.crash();
      }
      expect(handled).toEqual(['innocent1', 'innocent2']);
      expect(await stage.drain(quarantineOf(q))).toEqual(['poison']);
      await stage.holds(q, 0);
    },
  );

  row('POI-03', 'the count is shown to the consumer', async (stage) => {
    const q = await stage.queue();
    await stage.publish(q, 'm');
    const counts: unknown[] = [];
    for (let n = 0; n < 3; n++) {
      const actor = await stage.consumer(q);
      await stage.see(() => actor.got.length, 1);
      counts.push(actor.got[0]?.crashes);
      await actor.crash();
    }
    expect(counts).toEqual([0, 1, 2]);
  });

  row(
    'POI-P5',
    'a death with several in hand is counted of none of them, even if one is the most that there may be',
    async (stage) => {
      const q = await stage.queue('q', { maxCrashes: 1 });
      await stage.publishNumbers(q, 3);
      await die(stage, q, 3, 1);
      await stage.holds(q, 3);
      const actor = await stage.consumer(q, { prefetch: 3 });
      await stage.see(() => actor.got.map(({ message, crashes }) => [message, crashes]), [[0, 0]]);
      await actor.crash();
      await stage.holds(quarantineOf(q), 1);
      await stage.holds(q, 2);
    },
  );

  row('POI-04', 'to requeue is no crash, and neither is an end in order', async (stage) => {
    const q = await stage.queue();
    await stage.publish(q, 'm');
    for (let n = 0; n < 5; n++) {
      const actor = await stage.consumer(q);
      await stage.see(() => actor.got.length, 1);
      if (n % 2 === 0) await actor.cancel();
      if (n % 2 === 0) await actor.requeue(0);
      await actor.stop();
    }
    const actor = await stage.consumer(q);
    await stage.see(() => actor.got.map(({ crashes }) => crashes), [0]);
  });

  row(
    'POI-05',
    'what does not pass the schema, or cannot be decoded, never reaches a consumer: it is set aside as invalid',
    async (stage) => {
      const q = await stage.queue('q', { schema: even });
      for (const n of [1, 2, 'three', 4]) await stage.publish(q, n);
      const actor = await stage.consumer(q, { prefetch: 10 });
      await stage.see(() => actor.bodies, ['2', '4']);
      const heir = await stage.consumer(quarantineOf(q), { prefetch: 10 });
      await stage.see(
        () => heir.got.map(({ message, history }) => [message, history[0]?.reason]),
        [
          [1, 'invalid'],
          ['three', 'invalid'],
        ],
      );
      expect(stage.eventsOf('quarantined')).toMatchObject([
        { reason: 'invalid' },
        { reason: 'invalid' },
      ]);
    },
  );

  row('POI-06', 'the count survives a crash of the queue', async (stage) => {
    const q = await stage.queue();
    await stage.publish(q, 'm');
    await die(stage, q, 1, 2);
    await stage.crashQueue(q);
    const actor = await stage.consumer(q);
    await stage.see(() => actor.got.map(({ crashes }) => crashes), [2]);
    await actor.crash();
    expect(await stage.drain(quarantineOf(q))).toEqual(['m']);
  });

  row('POI-07', 'what comes back after a crash comes back to its place', async (stage) => {
    const q = await stage.queue();
    await stage.publishNumbers(q, 4);
    await die(stage, q, 2, 1);
    expect(await stage.drain(q)).toEqual(['0*', '1*', '2', '3']);
  });

  row(
    'POI-10',
    'redeliver puts what was set aside back at the end, the oldest first, its crashes 0 and its history kept',
    async (stage) => {
      const q = await stage.queue('q', { maxCrashes: 1 });
      await stage.publishNumbers(q, 3);
      await die(stage, q, 1, 2);
      await stage.publish(q, 3);
      expect(await stage.do(redeliver(stage.system, q, { limit: 1 }))).toEqual({ messages: 1 });
      expect(await stage.do(inspect(stage.system, quarantineOf(q)))).toMatchObject({ ready: 1 });
      expect(await stage.do(redeliver(stage.system, q))).toEqual({ messages: 1 });
      const actor = await stage.consumer(q, { prefetch: 10 });
      await stage.see(
        () => actor.got.map(({ message, crashes, history }) => [message, crashes, history.length]),
        [
          [2, 0, 0],
          [3, 0, 0],
          [0, 0, 1],
          [1, 0, 1],
        ],
      );
    },
  );

  row(
    'POI-P1',
    'a suspect travels alone: nothing is given beside it, and others go on elsewhere',
    async (stage) => {
      const q = await stage.queue();
      await stage.publishNumbers(q, 2);
      await die(stage, q, 2, 1);
      const careful = await stage.consumer(q, { prefetch: 10 });
      await stage.publish(q, 2);
      await stage.see(() => careful.bodies, ['0*']);
      const other = await stage.consumer(q, { prefetch: 10 });
      await stage.see(() => other.bodies, ['1*']);
      await careful.ack(0);
      await stage.see(() => careful.bodies, ['0*', '2']);
    },
  );

  row(
    'POI-P2',
    'a suspect waits for a consumer to have nothing else in hand, which gets nothing more until then',
    async (stage) => {
      const q = await stage.queue();
      const busy = await stage.consumer(q, { prefetch: 3 });
      await stage.publishNumbers(q, 2);
      await stage.see(() => busy.bodies, ['0', '1']);
      const victim = await stage.consumer(q, { prefetch: 2, priority: 9 });
      await stage.publish(q, 'a');
      await stage.publish(q, 'b');
      await stage.see(() => victim.bodies, ['a', 'b']);
      await victim.crash();
      await stage.publish(q, 'c');
      await stage.see(() => busy.bodies, ['0', '1']);
      await busy.ack(0);
      await busy.ack(1);
      await stage.see(() => busy.bodies, ['0', '1', 'a*']);
      await busy.ack(2);
      await stage.see(() => busy.bodies, ['0', '1', 'a*', 'b*']);
      await busy.ack(3);
      await stage.see(() => busy.bodies, ['0', '1', 'a*', 'b*', 'c']);
    },
  );

  row(
    'POI-P3',
    'with maxCrashes infinity nothing is counted and there are no suspects',
    async (stage) => {
      const q = await stage.queue('q', { maxCrashes: 'infinity' });
      await stage.publishNumbers(q, 2);
      await die(stage, q, 2, 5);
      const actor = await stage.consumer(q, { prefetch: 2 });
      await stage.see(
        () => actor.got.map(({ message, crashes }) => [message, crashes]),
        [
          [0, 0],
          [1, 0],
        ],
      );
    },
  );

  row(
    'POI-P4',
    'what its codec cannot decode is invalid where messages are encoded, and can be read in quarantine as bytes',
    async (stage) => {
      const sour: Codec<unknown> = {
        contentType: 'application/x-sour',
        encode: () => new Uint8Array([1, 2, 3]),
        decode() {
          throw new Error('sour');
        },
      };
      const q = await stage.queue('q', { codec: sour });
      await stage.publish(q, 'm');
      const actor = await stage.consumer(q);
      await stage.host.settle();
      const { wire, url = 'memory:' } = stage.host.options;
      const isEncoded = wire === 'encode' || url.startsWith('amqp');
      expect(actor.bodies).toEqual(isEncoded ? [] : ['m']);
      if (!isEncoded) return;
      const heir = await stage.consumer(quarantineOf(q));
      await stage.see(() => heir.got.map(({ message }) => [...message]), [[1, 2, 3]]);
    },
  );
};
