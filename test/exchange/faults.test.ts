/** What is left when the actors of a broker are killed: nothing confirmed is lost, and its users go on. */

import {
  ack,
  type BrokerEvent,
  binding,
  broker,
  consume,
  consumer,
  type Deliveries,
  direct,
  fanout,
  inspect,
  PublishFailed,
  publish,
  quarantineOf,
  queue,
  subscribe,
  watch,
} from '@beamish/exchange';
import { type Actor, CallFailed, child, type Self, supervisor } from 'beamish';
import type { TestSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { underSchedules } from '../support/schedules.ts';
import { answer } from '../support/supervised.ts';

/** A name by what it ends with. */
function kill(system: TestSystem, what: string): void {
  const actor = system.actors().find(({ name }) => name?.endsWith(what));
  if (actor !== undefined) system.exitSignal(actor.pid, 'kill');
}

const FAULTS = ['/jobs', '/exchange/', '/exchange/x', 'broker'];

test.each(FAULTS)(
  'killing the actor "%s" under load loses nothing that was confirmed',
  async (victim) => {
    await underSchedules(10, async (system) => {
      const x = direct<{ k: number }>('x');
      const jobs = queue('jobs', { bindings: [binding(x, 'k')] });
      const confirmed: number[] = [];
      const handled = new Map<number, boolean>();
      function* publisher(self: Self, first: number): Actor {
        for (let n = first; n < 300; n += 3) {
          // What got no answer may have arrived or not, and is another message when it is sent again.
          const message = n;
          try {
            if (n % 2 === 0) yield* publish(self, jobs, message);
            else yield* publish(self, x, message, { key: 'k' });
            confirmed.push(n);
          } catch (error) {
            if (!(error instanceof CallFailed || error instanceof PublishFailed)) throw error;
          }
          yield* self.sleep(1);
        }
      }
      const work = consumer(
        jobs,
        function* (self, n, delivery) {
          if (handled.has(n)) expect(delivery.redelivered).toBe(true);
          handled.set(n, true);
          yield* self.sleep(1);
        },
        { prefetch: 3 },
      );
      const tree = supervisor({
        intensity: 100,
        children: [
          child('broker', broker({ topology: [x, jobs] })),
          child('a', work),
          child('b', work),
          ...[0, 1, 2].map((first) =>
            child({ id: `p${first}`, restart: 'temporary' }, publisher, first),
          ),
        ],
      });
      await answer(system, system.start(tree));
      for (let n = 0; n < 5; n++) {
        await system.advance(20);
        kill(system, victim);
      }
      await system.advance(60_000);
      expect(confirmed.length).toBeGreaterThan(200);
      expect(confirmed.filter((n) => !handled.has(n))).toEqual([]);
      expect(await answer(system, inspect(system, jobs))).toMatchObject({
        ready: 0,
        unsettled: 0,
        consumers: 2,
      });
      expect(await answer(system, inspect(system, quarantineOf(jobs)))).toMatchObject({ ready: 0 });
    });
  },
);

test('when the owner of the shelves is killed, all of it is gone, the topology stands again, and consumers consume again', async () => {
  await underSchedules(10, async (system) => {
    const jobs = queue<string>('jobs');
    const handled: string[] = [];
    const tree = supervisor({
      children: [
        child('broker', broker({ topology: [jobs] })),
        child(
          'worker',
          consumer(jobs, function* (self, job) {
            handled.push(job);
            yield* self.sleep(10);
          }),
        ),
      ],
    });
    await answer(system, system.start(tree));
    await answer(system, publish(system, jobs, 'before'));
    await answer(system, publish(system, jobs, 'lost'));
    kill(system, 'broker/shelves');
    await system.advance(1000);
    expect(await answer(system, inspect(system, jobs))).toMatchObject({ ready: 0, consumers: 1 });
    await answer(system, publish(system, jobs, 'after'));
    await system.advance(1000);
    expect(handled).toEqual(['before', 'after']);
    // Its supervisor had nothing to do with it.
    const ids = system.told('restart').map(({ id }) => id);
    expect(ids).toEqual(['shelves']);
  });
});

test('a consumption that ends with its broker is told so, and a stale settlement to the next one is an event', async () => {
  await underSchedules(10, async (system) => {
    const jobs = queue<string>('jobs');
    const seen: unknown[] = [];
    const events: BrokerEvent[] = [];
    function* worker(self: Self<Deliveries<string>>): Actor {
      yield* consume(self, jobs);
      const delivery = yield* self.receive('delivery');
      seen.push(delivery.message);
      seen.push((yield* self.receive('cancelled')).reason);
      yield* self.sleep(10);
      ack(self, delivery);
    }
    function* watcher(self: Self<BrokerEvent>): Actor {
      for (;;) {
        yield* watch(self);
        const event = yield* self.receive('broker');
        events.push(event);
      }
    }
    await answer(
      system,
      system.start(supervisor({ children: [child('broker', broker({ topology: [jobs] }))] })),
    );
    system.spawn(worker);
    await answer(system, publish(system, jobs, 'job'));
    kill(system, 'broker/shelves');
    await system.settle();
    system.spawn(watcher);
    await system.advance(20);
    expect(seen).toEqual(['job', 'broker_down']);
    expect(events.map(({ kind }) => kind)).toEqual(['stale_settlement']);
  });
});

test('a settlement that comes after its queue’s actor has crashed is stale, and the message comes again', async () => {
  await underSchedules(10, async (system) => {
    const jobs = queue<string>('jobs');
    const seen: unknown[] = [];
    const events: BrokerEvent[] = [];
    function* worker(self: Self<Deliveries<string>>): Actor {
      yield* consume(self, jobs);
      const first = yield* self.receive('delivery');
      yield* self.sleep(10);
      ack(self, first);
      const again = yield* self.receive('delivery');
      seen.push([again.message, again.redelivered, again.crashes]);
      ack(self, again);
    }
    function* watcher(self: Self<BrokerEvent>): Actor {
      yield* watch(self);
      for (;;) events.push(yield* self.receive('broker'));
    }
    await answer(
      system,
      system.start(supervisor({ children: [child('broker', broker({ topology: [jobs] }))] })),
    );
    system.spawn(watcher);
    system.spawn(worker);
    await answer(system, publish(system, jobs, 'job'));
    kill(system, '/jobs');
    await system.advance(20);
    expect(seen).toEqual([['job', true, 0]]);
    expect(events.map(({ kind }) => kind)).toEqual(['stale_settlement']);
    expect(await answer(system, inspect(system, jobs))).toMatchObject({ ready: 0, unsettled: 0 });
  });
});

test('subscriptions go on when exchanges and the broker’s server are killed', async () => {
  await underSchedules(10, async (system) => {
    const ticks = fanout<number>('ticks');
    const got: number[] = [];
    function* listener(self: Self<Deliveries<number>>): Actor {
      yield* subscribe(self, ticks);
      for (;;) got.push((yield* self.receive('delivery')).message);
    }
    await answer(
      system,
      system.start(supervisor({ children: [child('broker', broker({ topology: [ticks] }))] })),
    );
    const pid = system.spawn(listener);
    await system.settle();
    await answer(system, publish(system, ticks, 1));
    kill(system, '/exchange/ticks');
    const second = publish(system, ticks, 2);
    await answer(system, second);
    kill(system, 'broker');
    await answer(system, publish(system, ticks, 3));
    expect(got).toEqual([1, 2, 3]);
    // The new actors of exchanges hear of the end, too.
    system.exitSignal(pid, 'kill');
    await system.settle();
    const { queues } = await answer(system, publish(system, ticks, 4, { mandatory: false }));
    expect(queues).toBe(0);
  });
});
