/** What is refused, and whom it hurts: nobody but who asked. */

import { declare, fanout, publishing, type Queue, queue } from '@beamish/exchange';
import type { Actor } from 'beamish';
import { expect } from 'vitest';
import type { Rows } from './contract.ts';
import type { Stage } from './stage.ts';

/** What is refused, with AMQP's number. */
async function refusals(stage: Stage, present: Queue): Promise<readonly number[]> {
  const { system } = stage;
  const other = queue(present.queue, { priorities: 5 });
  const reserved = fanout<number>('amq.mine');
  const lost = queue(stage.name('lost'), {
    deadLetter: { exchange: fanout(stage.name('not-there')) },
  });
  const errors = [];
  for (const refused of [other, reserved, lost])
    errors.push(await stage.fails(declare(system, refused)));
  return errors.map(({ name, code }) => (name === 'BrokerRefused' ? code : name));
}

export const err: Rows = (row) => {
  row('ERR-01', 'what is refused goes on for everybody else', async (stage) => {
    const q = await stage.queue();
    const consumer = await stage.consumer(q, { prefetch: 10 });
    await stage.publish(q, 0);
    expect(await refusals(stage, q)).toEqual([406, 403, 404]);
    await stage.publish(q, 1);
    await stage.see(() => consumer.bodies, ['0', '1']);
    await consumer.ack(1);
    expect(stage.eventsOf('stale_settlement')).toEqual([]);
  });

  row('ERR-02', 'who is refused keeps what it has in hand', async (stage) => {
    const q = await stage.queue();
    const consumer = await stage.consumer(q, { prefetch: 2 });
    await stage.publishNumbers(q, 3);
    const refused = await consumer.does(function* (self): Actor<unknown> {
      try {
        yield* declare(self, queue(q.queue, { priorities: 5 }));
      } catch (error) {
        return error;
      }
      return undefined;
    });
    expect(refused).toMatchObject({ name: 'BrokerRefused', code: 406 });
    await stage.see(() => consumer.bodies, ['0', '1']);
    await consumer.ack(0);
    await stage.see(() => consumer.bodies, ['0', '1', '2']);
  });

  row(
    'PUB-15',
    'a publish to what is not there takes none with it of those before and behind it',
    async (stage) => {
      const q = await stage.queue();
      const missing = fanout<number>(stage.name('missing'));
      const actor = await stage.actor();
      const outcomes = await actor.does(function* (self): Actor<readonly string[]> {
        const underWay = [0, 1, 2, 3, 4, 5].map((n) =>
          n === 2 ? publishing(self, missing, n) : publishing(self, q as Queue<number>, n),
        );
        const all: string[] = [];
        for (const each of underWay) {
          const outcome = yield* each.wait(1000);
          if (outcome === undefined) all.push('nothing');
          else if (outcome.ok) all.push('ack');
          else all.push((outcome.reason as { reason: string }).reason);
        }
        return all;
      });
      expect(outcomes).toEqual(['ack', 'ack', 'no_exchange', 'ack', 'ack', 'ack']);
      expect(await stage.drain(q)).toEqual(['0', '1', '3', '4', '5']);
    },
  );
};
