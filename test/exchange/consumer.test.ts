/** Actors made by `consumer`: what a handler returns, how it ends, and what becomes of its messages. */

import {
  ask,
  broker,
  consumer,
  type Delivery,
  deleteQueue,
  inspect,
  publish,
  type Queue,
  quarantineOf,
  queue,
  redeliver,
  reject,
  requeue,
} from '@beamish/exchange';
import { type Actor, type Body, child, type Message, type Self, supervisor } from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { answer, started } from '../support/supervised.ts';

const jobs = queue<string>('jobs');
const sums = queue<{ readonly a: number; readonly b: number }, number>('sums');

/** A broker with these queues, and one child besides that may crash often. */
async function running<M extends Message>(
  worker: Body<M, [], void>,
  topology: readonly Queue<never, never>[] = [jobs as never, sums as never],
) {
  const system = testSystem();
  const top = await started(
    system,
    supervisor({
      intensity: 10,
      children: [child('broker', broker({ topology })), child('worker', worker)],
    }),
  );
  await system.settle();
  return { system, top };
}

const ready = async (system: TestSystem, of: Queue<string>) => {
  const { ready, unsettled } = await answer(system, inspect(system, of));
  return { ready, unsettled };
};

test('a message is acknowledged when its handler has returned, be it plain, generator or async', async () => {
  const log: string[] = [];
  const plain = consumer(jobs, (_self, job) => void log.push(`plain ${job}`));
  const generator = consumer(jobs, function* (self, job) {
    yield* self.sleep(10);
    log.push(`generator ${job}`);
  });
  const asynchronous = consumer(jobs, async (self, job) => {
    await self.sleep(10);
    log.push(`async ${job}`);
  });
  for (const handler of [plain, generator, asynchronous]) {
    const { system } = await running(handler);
    await answer(system, publish(system, jobs, 'job'));
    await system.advance(20);
    expect(await ready(system, jobs)).toEqual({ ready: 0, unsettled: 0 });
  }
  expect(log).toEqual(['plain job', 'generator job', 'async job']);
});

test('until it has returned, a message is not acknowledged', async () => {
  const { system } = await running(
    consumer(jobs, function* (self) {
      yield* self.sleep(1000);
    }),
  );
  await answer(system, publish(system, jobs, 'job'));
  await system.advance(500);
  expect(await ready(system, jobs)).toEqual({ ready: 0, unsettled: 1 });
  await system.advance(500);
  expect(await ready(system, jobs)).toEqual({ ready: 0, unsettled: 0 });
});

test('what the handler returns is the answer to who asked, from each kind of handler', async () => {
  const handlers = [
    consumer(sums, (_self, { a, b }) => a + b),
    consumer(sums, function* (self, { a, b }) {
      yield* self.sleep(1);
      return a + b;
    }),
    consumer(sums, async (self, { a, b }) => {
      await self.sleep(1);
      return a + b;
    }),
  ];
  for (const handler of handlers) {
    const { system } = await running(handler);
    const three = ask(system, sums, { a: 1, b: 2 });
    await system.advance(5);
    expect(await three).toBe(3);
  }
});

test('a handler that has rejected or requeued its message is not acknowledged after that, and nothing is stale', async () => {
  const seen: (readonly [string, boolean])[] = [];
  const { system } = await running(
    consumer(jobs, (self, job, delivery) => {
      seen.push([job, delivery.redelivered]);
      if (job === 'bad') reject(self, delivery);
      else if (!delivery.redelivered) requeue(self, delivery);
    }),
  );
  await answer(system, publish(system, jobs, 'bad'));
  await answer(system, publish(system, jobs, 'again'));
  await system.settle();
  expect(seen).toEqual([
    ['bad', false],
    ['again', false],
    ['again', true],
  ]);
  expect(system.told('dead_letter')).toEqual([]);
});

test('a handler that throws crashes its actor, and after three crashes the message is set aside; redelivered, it is tried again', async () => {
  const seen: (readonly [string, number])[] = [];
  let isMended = false;
  const { system } = await running(
    consumer(jobs, (_self, job, { crashes }) => {
      seen.push([job, crashes]);
      if (job === 'poison' && !isMended) throw new Error('poison');
    }),
  );
  await answer(system, publish(system, jobs, 'poison'));
  await answer(system, publish(system, jobs, 'good'));
  await system.settle();
  expect(seen).toEqual([
    ['poison', 0],
    ['poison', 1],
    ['poison', 2],
    ['good', 0],
  ]);
  expect(await ready(system, quarantineOf(jobs))).toEqual({ ready: 1, unsettled: 0 });
  isMended = true;
  await answer(system, redeliver(system, jobs));
  await system.settle();
  expect(seen.at(-1)).toEqual(['poison', 0]);
  expect(await ready(system, jobs)).toEqual({ ready: 0, unsettled: 0 });
});

test('told to shut down, it finishes what it has in hand, and the rest of its prefetch goes back uncounted', async () => {
  const log: string[] = [];
  const system = testSystem();
  await started(system, supervisor({ children: [child('broker', broker({ topology: [jobs] }))] }));
  const worker = consumer(
    jobs,
    function* (self, job) {
      log.push(`began ${job}`);
      yield* self.sleep(100);
      log.push(`ended ${job}`);
    },
    { prefetch: 3 },
  );
  const workers = await started(system, supervisor({ children: [child('worker', worker)] }));
  for (const job of ['a', 'b', 'c']) await answer(system, publish(system, jobs, job));
  await system.advance(50);
  system.exitSignal(workers, 'shutdown');
  await system.advance(1000);
  expect(log).toEqual(['began a', 'ended a']);
  expect(await ready(system, jobs)).toEqual({ ready: 2, unsettled: 0 });
  const crashes: number[] = [];
  system.spawn(
    consumer(jobs, (_self, _job, delivery: Delivery<string>) => {
      crashes.push(delivery.crashes);
    }),
  );
  await system.settle();
  expect(crashes).toEqual([0, 0]);
});

test('it takes the arguments that its child spec gives it', async () => {
  const seen: unknown[] = [];
  const worker = consumer(
    jobs,
    (_self, job: string, _delivery, prefix: string) => void seen.push(prefix + job),
  );
  const system = testSystem();
  await started(
    system,
    supervisor({
      children: [child('broker', broker({ topology: [jobs] })), child('w', worker, '> ')],
    }),
  );
  await answer(system, publish(system, jobs, 'job'));
  expect(seen).toEqual(['> job']);
});

test('an actor that its handler is linked to and that crashes ends it between two messages', async () => {
  const { system } = await running(
    consumer(jobs, function* (self) {
      self.spawnLink(function* (_helper: Self): Actor {
        throw new Error('helper');
      });
      yield* self.sleep(1);
    }),
  );
  await answer(system, publish(system, jobs, 'job'));
  await system.advance(10);
  expect(system.told('restart').map(({ id }) => id)).toEqual(['worker']);
  expect(await ready(system, jobs)).toEqual({ ready: 0, unsettled: 0 });
});

test('a prefetch that there is not is a RangeError where the consumer is made', () => {
  expect(() => consumer(jobs, () => {}, { prefetch: 0 })).toThrow(RangeError);
});

test('of a queue that is deleted, it ends with BrokerRefused, and its supervisor decides', async () => {
  const { system, top } = await running(consumer(jobs, () => {}));
  await answer(system, deleteQueue(system, jobs, { force: true }));
  await system.advance(100);
  expect(system.told('crash')[0]?.reason).toMatchObject({ name: 'BrokerRefused', code: 404 });
  expect(system.reasonOf(top)).toBe('shutdown');
});
