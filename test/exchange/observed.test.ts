/** What a broker tells the log, and shows an observer. */

import {
  ask,
  type BrokerEvent,
  binding,
  broker,
  consumer,
  declare,
  emit,
  fanout,
  inspect,
  publish,
  quarantineOf,
  queue,
} from '@beamish/exchange';
import { child, supervisor } from 'beamish';
import { panelsOf } from 'beamish/observation';
import { testSystem } from 'beamish/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { Log } from '../support/log.ts';
import { answer, started } from '../support/supervised.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const jobs = queue<number>('jobs', { limit: { messages: 5 } });
const x = fanout<number>('x');
const bound = queue('bound', { bindings: [binding(x)] });

async function running(options: Parameters<typeof testSystem>[0] = {}) {
  const system = testSystem(options);
  const topology = [jobs, x, bound];
  await started(system, supervisor({ children: [child('broker', broker({ topology }))] }));
  return system;
}

test('what somebody should read is in the log and an event of the system, in words', async () => {
  const log = Log.ofStderr();
  const system = await running({ log: 'text' });
  const events: BrokerEvent[] = [];
  system.events.on('broker', (event) => events.push(event));
  for (let n = 0; n < 6; n++) emit(system, jobs, n);
  await system.settle();
  expect(events.map(({ kind }) => kind)).toEqual(['rejected']);
  await answer(system, system.shutdown());
  const lines = log.lines.filter((line) => line.includes('broker "broker"'));
  expect(lines).toEqual([
    expect.stringMatching(/a message to the queue "jobs" is lost \(rejected\): ./),
  ]);
});

test('an observer is shown queues, quarantines and exchanges, and can redeliver and purge', async () => {
  const system = await running();
  const tables = async () => (await panelsOf(system)[0]?.look()) ?? [];
  for (const n of [1, 2]) await answer(system, publish(system, jobs, n));
  await answer(system, publish(system, x, 3));
  await system.advance(1000);
  const [queues, , exchanges] = await tables();
  expect(queues?.rows.map(({ cells }) => cells)).toEqual([
    ['jobs', 2, 0, 1000, 0, 5],
    ['bound', 1, 0, 1000, 0, null],
  ]);
  expect(exchanges?.rows.map(({ cells }) => cells)).toEqual([['x', 'fanout', '', 'bound']]);
  const poison = consumer(jobs, () => {
    throw new Error('poison');
  });
  const crashing = supervisor({ intensity: 20, children: [child('poison', poison)] });
  const pid = await started(system, crashing);
  await system.settle();
  system.exitSignal(pid, 'shutdown');
  await system.settle();
  const [, quarantines] = await tables();
  expect(quarantines?.rows.map(({ cells }) => cells)).toEqual([['jobs.quarantine', 2, 0]]);
  const panel = panelsOf(system)[0];
  expect(await panel?.act?.('redeliver', 'jobs.quarantine')).toEqual({ ok: true });
  await system.settle();
  expect((await answer(system, inspect(system, jobs))).ready).toBe(2);
  expect((await answer(system, inspect(system, quarantineOf(jobs)))).ready).toBe(0);
  expect(await panel?.act?.('purge', 'jobs')).toEqual({ ok: true });
  expect(await panel?.act?.('purge', 'nope')).toEqual({ ok: false, reason: 'noproc' });
  await system.settle();
  expect((await answer(system, inspect(system, jobs))).ready).toBe(0);
  expect(system.told('dead_letter')).toEqual([]);
  await answer(system, system.shutdown());
  expect(panelsOf(system)).toEqual([]);
});

test.each(['freeze', 'clone'] as const)(
  'with messages that are made to %s, deliveries are, and all else works',
  async (messages) => {
    const system = await running({ messages });
    const got: object[] = [];
    const records = queue<{ readonly n: number }>('records');
    await answer(system, declare(system, records));
    system.spawn(consumer(records, (_self, record) => void got.push(record)));
    const record = { n: 1 };
    await answer(system, publish(system, records, record, { headers: { a: 1 } }));
    expect(got).toEqual([{ n: 1 }]);
    expect(messages === 'freeze' ? Object.isFrozen(got[0]) : got[0] !== record).toBe(true);
    const sums = queue<number, number>('sums');
    await answer(system, declare(system, sums));
    system.spawn(consumer(sums, (_self, n) => n + 1));
    expect(await answer(system, ask(system, sums, 1))).toBe(2);
    await expect(answer(system, publish(system, queue('nope'), 1))).rejects.toMatchObject({
      reason: 'unroutable',
    });
  },
);
