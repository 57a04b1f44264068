/** What holds of a queue whatever is done to it: nothing is lost or doubled, in order, and no innocent is set aside. */

import { binding, fanout, inspect, quarantineOf, queue } from '@beamish/exchange';
import { testSystem } from 'beamish/testing';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Host } from '../contract/exchange/contract.ts';
import { type Puppet, Stage } from '../contract/exchange/stage.ts';
import { property, schedule } from '../support/property.ts';

type Step =
  | { readonly do: 'publish'; readonly priority: number; readonly expires: boolean }
  | { readonly do: 'consume'; readonly prefetch: number }
  | {
      readonly do: 'ack' | 'reject' | 'requeue' | 'ack_twice';
      readonly of: number;
      readonly which: number;
    }
  | { readonly do: 'crash' | 'stop' | 'cancel'; readonly of: number }
  | { readonly do: 'crash_queue' }
  | { readonly do: 'pass' };

const index = fc.nat({ max: 50 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      priority: fc.nat({ max: 3 }),
      expires: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('consume' as const),
      prefetch: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'ack' as const,
        'reject' as const,
        'requeue' as const,
        'ack_twice' as const,
      ),
      of: index,
      which: index,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('crash' as const, 'stop' as const, 'cancel' as const),
      of: index,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'crash_queue' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'pass' as const }) },
);

type Held = Puppet['got'][number];

/** What the test knows of a consumer. */
interface Worker {
  readonly puppet: Puppet;
  readonly prefetch: number;
  /** Deliveries that it has not settled, by what it knows. */
  readonly held: Held[];
  taken: number;
}

property(
  'at every step, each published message is ready, held, settled, dead, set aside or dropped; once',
  fc.asyncProperty(
    fc.array(step, { minLength: 5, maxLength: 40 }),
    fc.constantFrom(1, 3),
    schedule,
    async (steps, priorities, seed) => {
      const stage = await Stage.open(hostOf(seed));
      const graves = fanout(stage.name('graves'));
      const dead = queue(stage.name('dead'), { bindings: [binding(graves)] });
      const q = queue(stage.name('q'), { priorities, deadLetter: { exchange: graves } });
      await stage.declare(graves, dead, q);
      const workers: Worker[] = [];
      /** How often a consumer died with it alone in hand. */
      const alone = new Map<number, number>();
      /** Of each priority, the last that was delivered for the first time. */
      const last = new Map<number, number>();
      let published = 0;
      let acked = 0;

      const look = async () => {
        await stage.host.settle();
        for (const worker of workers) {
          for (const delivery of worker.puppet.got.slice(worker.taken)) {
            worker.held.push(delivery);
            if (!delivery.redelivered) inOrder(delivery);
          }
          worker.taken = worker.puppet.got.length;
          expect(worker.held.length).toBeLessThanOrEqual(worker.prefetch);
          const suspects = worker.held.filter(({ crashes }) => crashes > 0);
          if (suspects.length > 0) expect(worker.held.length).toBe(1);
        }
        const here = await stage.inspect(q);
        const there = await stage.inspect(dead);
        const aside = await stage.do(inspect(stage.system, quarantineOf(q)));
        const sum = here.ready + (here.unsettled ?? 0) + there.ready + aside.ready + acked;
        expect(sum).toBe(published);
        expect(here.unsettled).toBe(workers.reduce((all, { held }) => all + held.length, 0));
      };

      const inOrder = ({ message, properties }: Held) => {
        const priority = Math.min(properties.priority ?? 0, priorities - 1);
        expect(message).toBeGreaterThan(last.get(priority) ?? -1);
        last.set(priority, message);
      };

      for (const each of steps) {
        const worker = 'of' in each ? workers[each.of % (workers.length || 1)] : undefined;
        switch (each.do) {
          case 'publish':
            await stage.publish(q, published++, {
              priority: each.priority,
              ...(each.expires ? { expirationMs: 50 } : {}),
            });
            break;
          case 'consume': {
            const { prefetch } = each;
            const puppet = await stage.consumer(q, { prefetch });
            workers.push({ puppet, prefetch, held: [], taken: 0 });
            break;
          }
          case 'pass':
            await stage.host.pass(30);
            break;
          case 'crash_queue':
            await stage.crashQueue(q);
            // All that they hold has gone back; what they get now, they hold.
            for (const its of workers) its.held.length = 0;
            break;
          default: {
            if (worker === undefined) break;
            if (each.do === 'cancel') {
              await worker.puppet.cancel();
              break;
            }
            if (each.do === 'crash' || each.do === 'stop') {
              const [only] = worker.held;
              if (each.do === 'crash' && worker.held.length === 1) {
                const n = (only as Held).message;
                alone.set(n, (alone.get(n) ?? 0) + 1);
              }
              workers.splice(workers.indexOf(worker), 1);
              await (each.do === 'crash' ? worker.puppet.crash() : worker.puppet.stop());
              break;
            }
            const which = 'which' in each ? each.which : 0;
            const [delivery] = worker.held.splice(which % (worker.held.length || 1), 1);
            if (delivery === undefined) break;
            const i = worker.puppet.got.indexOf(delivery);
            if (each.do === 'ack' || each.do === 'ack_twice') {
              await worker.puppet.ack(i);
              acked++;
              if (each.do === 'ack_twice') await worker.puppet.ack(i);
            } else await worker.puppet[each.do](i);
          }
        }
        await look();
      }
      const guilty = await stage.consumer(quarantineOf(q), { prefetch: 1000 });
      await stage.host.settle();
      for (const { message } of guilty.got) expect(alone.get(message)).toBeGreaterThanOrEqual(3);
      await stage.close();
    },
  ),
);

function hostOf(seed: number): Host {
  const system = testSystem({ seed });
  return {
    system,
    options: {},
    settle: () => system.settle(),
    pass: (ms) => system.advance(ms),
    async eventually(check) {
      await system.settle();
      check();
    },
    async crashQueue(of) {
      const actor = system.actors().find(({ name }) => name?.endsWith(`/${of}`));
      if (actor !== undefined) system.exitSignal(actor.pid, 'kill');
    },
    close: async () => {},
  };
}
