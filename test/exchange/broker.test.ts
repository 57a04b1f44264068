/** The tree that `broker` makes: its names, its children, and several of them in one system. */

import {
  type Broker,
  type BrokerEvent,
  broker,
  consumer,
  declare,
  type Engine,
  fanout,
  inspect,
  publish,
  quarantineOf,
  queue,
  watch,
} from '@beamish/exchange';
import {
  type Actor,
  child,
  name,
  type Pid,
  type Self,
  type Supervisor,
  supervisor,
  whichChildren,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { answer, pidOf, started } from '../support/supervised.ts';

const jobs = queue<number>('jobs');
const x = fanout<number>('x');

test('its tree shows queues and exchanges by these ids, and the actor of a queue by the queue’s name', async () => {
  const system = testSystem();
  const tree = await started(system, broker({ topology: [jobs, x] }));
  const ids = async (pid: Pid<Supervisor>) =>
    (await answer(system, whichChildren(system, pid))).map(({ id }) => id).sort();
  expect(await ids(tree)).toEqual(['exchanges', 'front', 'queues', 'shelves']);
  expect(await ids((await pidOf(system, tree, 'queues')) as Pid<Supervisor>)).toEqual(['jobs']);
  expect(await ids((await pidOf(system, tree, 'exchanges')) as Pid<Supervisor>)).toEqual([
    'amq.default',
    'x',
  ]);
  await answer(system, inspect(system, quarantineOf(jobs)));
  expect(await ids((await pidOf(system, tree, 'queues')) as Pid<Supervisor>)).toEqual([
    'jobs',
    'jobs.quarantine',
  ]);
});

test('two brokers of different names know nothing of each other', async () => {
  const system = testSystem();
  const other = name<Broker>('other');
  const theirs = queue<number>('jobs', { broker: other });
  const tree = supervisor({
    children: [
      child('one', broker({ topology: [jobs] })),
      child('two', broker({ name: other, topology: [theirs] })),
    ],
  });
  await started(system, tree);
  const got: number[] = [];
  system.spawn(consumer(theirs, (_self, n) => void got.push(n)));
  await answer(system, publish(system, jobs, 1));
  await answer(system, publish(system, theirs, 2));
  expect(got).toEqual([2]);
  expect((await answer(system, inspect(system, jobs))).ready).toBe(1);
});

test('it has started when its topology stands, and does not start with one that contradicts itself', async () => {
  const system = testSystem();
  const contradiction = [queue('q', { priorities: 2 }), queue('q', { priorities: 3 })];
  await expect(started(system, broker({ topology: contradiction }))).rejects.toMatchObject({
    name: 'StartFailed',
  });
  const lacking = queue('q', { deadLetter: { exchange: fanout('nope') } });
  await expect(started(system, broker({ topology: [lacking] }))).rejects.toThrow(/"nope"/);
});

test('an engine is chosen by the scheme of the url, and by value', async () => {
  const asked: unknown[] = [];
  const mine: Engine = {
    schemes: ['mine'],
    start(options) {
      asked.push(options.url);
      return broker();
    },
  };
  const system = testSystem();
  await started(system, broker({ url: 'mine://host', engines: [mine] }));
  await answer(system, declare(system, jobs));
  expect(asked).toEqual(['mine://host']);
  expect(() => broker({ url: 'other://host', engines: [mine] })).toThrow(/memory:, file:, mine:/);
});

test('who watches hears that the topology stands after a restart', async () => {
  const system = testSystem();
  await started(system, broker({ topology: [jobs] }));
  const kinds: string[] = [];
  system.spawn(function* watcher(self: Self<BrokerEvent>): Actor {
    yield* watch(self);
    for (;;) kinds.push((yield* self.receive('broker')).kind);
  });
  await system.settle();
  const front = system.whereis('broker');
  if (front !== undefined) system.exitSignal(front, 'kill');
  await system.settle();
  expect(kinds).toEqual(['topology_declared']);
});
