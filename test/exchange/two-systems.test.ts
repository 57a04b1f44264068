/** A broker in one thread, and its users in another: over channels in memory, which replay. */

import {
  ack,
  ask,
  type BrokerEvent,
  bind,
  binding,
  broker,
  cancel,
  consume,
  consumer,
  type Deliveries,
  type Delivery,
  declare,
  deleteQueue,
  fanout,
  inspect,
  PublishFailed,
  publish,
  queue,
  requeue,
  subscribe,
  watch,
} from '@beamish/exchange';
import { type Actor, type ActorSystem, name, type Self } from 'beamish';
import { expect, test } from 'vitest';
import { seeds } from '../support/schedules.ts';
import { Twin } from '../support/twin.ts';

const SEEDS = seeds(20);

/** As it is in the thread of the broker, and as others call it. */
const here = queue<number>('jobs');
const there = queue<number, number>('jobs', { broker: name('broker', 'main') });

async function twin(seed: number) {
  const both = new Twin({ seed });
  const ticks = fanout<number>('ticks');
  const started = both.system(0).start(broker({ topology: [here, ticks] }));
  await both.settle();
  await started;
  const [main, thread] = [both.system(0), both.system(1)];
  const answer = async <T>(asked: PromiseLike<T>): Promise<T> => {
    const settled = Promise.resolve(asked);
    settled.catch(() => undefined);
    await both.settle();
    return await settled;
  };
  return { both, main, thread, answer };
}

/** Runs a body to its end, in this system. */
async function ran<T>(both: Twin, system: ActorSystem, body: (self: Self<never>) => Actor<T>) {
  const result = system.run(body);
  result.catch(() => undefined);
  await both.advance(100);
  return await result;
}

test.each(SEEDS)(
  'CON-32: a consumer in another thread that dies, or whose thread does, gives back what it held (seed %i)',
  async (seed) => {
    const { both, main, thread, answer } = await twin(seed);
    const held: number[] = [];
    function* worker(self: Self<Deliveries<number>>): Actor {
      yield* consume(self, there, { prefetch: 2 });
      for (;;) held.push((yield* self.receive('delivery')).message);
    }
    const first = thread.spawn(worker);
    await both.settle();
    for (const n of [0, 1, 2]) await answer(publish(main, here, n));
    expect(held).toEqual([0, 1]);
    thread.exitSignal(first, 'kill');
    await both.settle();
    expect(await answer(inspect(main, here))).toMatchObject({
      ready: 3,
      unsettled: 0,
      consumers: 0,
    });
    thread.spawn(worker);
    await both.settle();
    expect(await answer(inspect(main, here))).toMatchObject({ consumers: 1 });
    both.cut();
    await both.settle();
    expect(await answer(inspect(main, here))).toMatchObject({
      ready: 3,
      unsettled: 0,
      consumers: 0,
    });
  },
);

test.each(SEEDS)(
  'publishing, asking and settling work across threads as in one (seed %i)',
  async (seed) => {
    const { both, thread, answer } = await twin(seed);
    expect(await answer(publish(thread, there, 7))).toEqual({ queues: 1 });
    thread.spawn(consumer(there, (_self, n) => n * 2));
    await both.settle();
    expect(await answer(ask(thread, there, 21))).toBe(42);
    expect(await answer(inspect(thread, there))).toMatchObject({ ready: 0, unsettled: 0 });
    const nowhere = queue<number>('nowhere', { broker: name('broker', 'main') });
    await expect(answer(publish(thread, nowhere, 1))).rejects.toThrow(PublishFailed);
    const lost = fanout<number>('lost', { broker: name('broker', 'main') });
    await expect(answer(publish(thread, lost, 1))).rejects.toMatchObject({ reason: 'no_exchange' });
  },
);

test.each(SEEDS)(
  'topology, requeue, cancel and subscriptions work across threads (seed %i)',
  async (seed) => {
    const { both, main, thread, answer } = await twin(seed);
    const broker = name<never>('broker', 'main') as never;
    const x = fanout<number>('x', { broker });
    const q = queue('q', { broker, bindings: [binding(x)] });
    await answer(declare(thread, x, q));
    await answer(bind(thread, there, binding(x)));
    const told: unknown[] = [];
    function* worker(self: Self<Deliveries<number>>): Actor {
      const consumption = yield* consume(self, q);
      const first = yield* self.receive('delivery');
      requeue(self, first);
      const again = yield* self.receive('delivery');
      told.push([first.message, again.message, again.redelivered]);
      yield* cancel(self, consumption);
      ack(self, again);
      const listening = yield* subscribe(self, x);
      told.push((yield* self.receive('delivery')).message);
      yield* cancel(self, listening);
      yield* self.receive('cancelled');
    }
    const pid = thread.spawn(worker);
    await both.settle();
    expect(await answer(publish(main, fanout<number>('x'), 1))).toEqual({ queues: 2 });
    expect(await answer(inspect(main, queue('q')))).toMatchObject({ ready: 0, consumers: 0 });
    expect(await answer(publish(thread, x, 2))).toEqual({ queues: 3 });
    expect(told).toEqual([[1, 1, true], 2]);
    expect(await answer(publish(main, fanout<number>('x'), 3))).toEqual({ queues: 2 });
    thread.exitSignal(pid, 'kill');
    expect(await answer(deleteQueue(thread, q, { force: true }))).toEqual({ messages: 2 });
  },
);

test.each(SEEDS)(
  'who watches from another thread hears of a settlement that came too late (seed %i)',
  async (seed) => {
    const { both, main, thread, answer } = await twin(seed);
    const events: string[] = [];
    function* watcher(self: Self<BrokerEvent>): Actor {
      yield* watch(self, name('broker', 'main') as never);
      for (;;) events.push((yield* self.receive('broker')).kind);
    }
    thread.spawn(watcher);
    await answer(publish(main, here, 1));
    await ran(both, thread, function* (self: Self<Deliveries<number>>): Actor {
      yield* consume(self, there);
      const delivery: Delivery<number> = yield* self.receive('delivery');
      ack(self, delivery);
      ack(self, delivery);
      yield* self.sleep(10);
    } as never);
    expect(events).toEqual(['stale_settlement']);
  },
);
