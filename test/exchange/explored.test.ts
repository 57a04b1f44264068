/**
 * The engine in this process in every schedule: small programs in which a consumer, a queue or the owner of
 * the shelves dies at any step, and every confirmed message is in exactly the places where it may be.
 *
 * The actors of exchanges and queues share the shelves past their mailboxes, which the simulator does not see:
 * so the claim names them, and their steps are tried in every order.
 */

import {
  ack,
  type BrokerOptions,
  binding,
  broker,
  consume,
  type Deliveries,
  fanout,
  inspect,
  PublishFailed,
  publish,
  queue,
  reject,
} from '@beamish/exchange';
import { memoryDisk } from '@beamish/journal/testing';
import { explore, type Scenario, type Sim } from '@beamish/sim';
import {
  type Actor,
  CallFailed,
  type Context,
  child,
  type Message,
  name,
  type Pid,
  type Self,
  type ServerMessage,
  supervisor,
} from 'beamish';
import { expect, test } from 'vitest';
import type { HasShelves } from '../../packages/exchange/src/memory/front.ts';
import type { Shelves } from '../../packages/exchange/src/memory/shelves.ts';

const ANY_CRASH = { intensity: 100, periodMs: 1000 } as const;
const SHELVES_OWNER =
  name<ServerMessage<{ call: { get(): HasShelves }; cast: object }>>('broker/shelves');
const dead = fanout<number>('dead');
const jobs = queue<number>('jobs', { deadLetter: { exchange: dead } });
const graves = queue<number>('graves', { bindings: [binding(dead)] });

/** Something that the scenario waits for. */
interface Told extends Message {
  readonly tag: 'ready' | 'settled';
}

interface Go extends Message {
  readonly tag: 'go';
}

/** What a program knows of its messages. */
interface Books {
  readonly confirmed: Set<number>;
  readonly settled: Set<number>;
}

type Whole = Self<Told>;

function* startBroker(self: Whole, options: BrokerOptions): Actor<Shelves> {
  const tree = supervisor({ ...ANY_CRASH, children: [child('broker', broker(options))] });
  yield* self.startLink(tree);
  const { shelves } = yield* self.call(SHELVES_OWNER, 'get');
  return shelves;
}

/** With one message it is enough to count: ready or held in a queue, dead-lettered among them, or settled. */
function claim({ always }: Sim, shelves: Shelves, { confirmed, settled }: Books): void {
  const areThere = (): number =>
    [...shelves.queues.values()].reduce(
      (sum, { ready, held }) => sum + ready.length + held.size,
      0,
    );
  always(
    'every confirmed message is ready, held, dead-lettered or settled',
    () => [...confirmed].filter((n) => !settled.has(n)).length <= areThere(),
    'broker/exchange/*',
    'broker/queue/*',
  );
}

/** Takes a message, waits until it is told to settle it, and tells that it has. */
function* worker(
  self: Self<Deliveries<number> | Go>,
  whole: Pid<Told>,
  { settled }: Books,
  how: 'ack' | 'reject',
): Actor {
  yield* consume(self as Self<Deliveries<number>>, jobs);
  self.send(whole, { tag: 'ready' });
  for (;;) {
    const delivery = yield* self.receive('delivery');
    if (how === 'reject') {
      self.send(whole, { tag: 'ready' });
      yield* self.receive('go');
      reject(self, delivery);
    } else {
      ack(self, delivery);
      settled.add(delivery.message);
    }
    self.send(whole, { tag: 'settled' });
  }
}

function* publisher(self: Self, { confirmed }: Books): Actor {
  try {
    yield* publish(self, jobs, 1);
    confirmed.add(1);
  } catch (error) {
    // Whoever was to answer has died: nobody knows.
    if (!(error instanceof CallFailed || error instanceof PublishFailed)) throw error;
  }
}

function* killer(self: Self, victim: Pid | undefined): Actor {
  if (victim !== undefined) self.exitSignal(victim, 'kill');
}

function actorCalled({ system }: Sim, part: RegExp): Pid | undefined {
  return system.actors().find((actor) => part.test(actor.name ?? ''))?.pid as Pid | undefined;
}

const QUEUE = /^broker\/queue\/.*\/jobs$/;
const SHELVES = /^broker\/shelves$/;

/** Of two searches it takes a minute to see the end: `BEAMISH_EXPLORE=1`. */
const IS_LONG = process.env['BEAMISH_EXPLORE'] === '1';
const EVERY = { strategy: 'every', budget: { runs: 20_000, ms: 100_000 } } as const;
const SOME = { ...EVERY, budget: { runs: 200 } } as const;

/** Published, and then consumed; or consumed, and then published. */
function scene(
  order: 'publish first' | 'consume first',
  victim: 'consumer' | 'queue',
): Scenario<Told> {
  return function* scenario(self, sim) {
    const books: Books = { confirmed: new Set(), settled: new Set() };
    claim(sim, yield* startBroker(self, { topology: [queue<number>('jobs')] }), books);
    let consumer: Pid | undefined;
    function* consuming(its: Self<Deliveries<number> | Go>): Actor {
      consumer = its.pid as Pid;
      yield* worker(its, self.pid, books, 'ack');
    }
    if (order === 'publish first') {
      yield* publish(self as Context, jobs, 1);
      books.confirmed.add(1);
    }
    if (victim === 'queue') self.spawn(consuming);
    else self.spawnLink(supervisor({ ...ANY_CRASH, children: [child('consumer', consuming)] }));
    yield* self.receive('ready');
    const dies = [killer, victim === 'queue' ? actorCalled(sim, QUEUE) : consumer] as const;
    if (order === 'publish first') yield* sim.clients({ killer: dies });
    else yield* sim.clients({ publisher: [publisher, books], killer: dies });
    // If it were lost, this would be a deadlock.
    yield* self.receive('settled');
  };
}

test.each([
  ['publish first', 'consumer', 18],
  ['publish first', 'queue', 17],
  ['consume first', 'consumer', 18],
  ['consume first', 'queue', 18],
] as const)(
  '%s, and kill the %s at any step: nothing confirmed is lost',
  async (order, victim, classes) => {
    const found = await explore(scene(order, victim), EVERY);
    expect(found).toMatchObject({ verdict: { kind: 'passed' }, complete: true, classes });
  },
  110_000,
);

test.each([
  ['consumer', 16],
  ['queue', 56],
] as const)(
  'DLX-16: reject, and kill the %s at any step: the message is in one of the two queues, never in none',
  async (victim, classes) => {
    const scenario: Scenario<Told> = function* scenario(self, sim) {
      const books: Books = { confirmed: new Set(), settled: new Set() };
      claim(sim, yield* startBroker(self, { topology: [dead, graves, jobs] }), books);
      const consumer = self.spawn(worker, self.pid, books, 'reject');
      yield* self.receive('ready');
      yield* publish(self as Context, jobs, 1);
      books.confirmed.add(1);
      yield* self.receive('ready');
      self.send(consumer, { tag: 'go' });
      const dies = victim === 'queue' ? actorCalled(sim, QUEUE) : (consumer as Pid);
      yield* sim.clients({ killer: [killer, dies] });
    };
    const isWhole = IS_LONG || victim === 'consumer';
    const found = await explore(scenario, isWhole ? EVERY : SOME);
    expect(found).toMatchObject({ verdict: { kind: 'passed' }, complete: isWhole });
    if (isWhole) expect(found.classes).toBe(classes);
  },
  110_000,
);

test('DUR-01: with a disk, the owner of the shelves may die at any step, and what was confirmed is there', async () => {
  const scenario: Scenario<Told> = function* scenario(self, sim) {
    const books: Books = { confirmed: new Set(), settled: new Set() };
    const kept = queue<number>('jobs', { durable: true });
    yield* startBroker(self, { url: 'file:/b', disk: memoryDisk(), topology: [kept] });
    yield* sim.clients({
      publisher: [publisher, books],
      killer: [killer, actorCalled(sim, SHELVES)],
    });
    const ready = yield* readyIn(self as Context, kept);
    if (ready < books.confirmed.size) throw new Error('What was confirmed is lost');
  };
  const found = await explore(scenario, IS_LONG ? EVERY : SOME);
  expect(found).toMatchObject({ verdict: { kind: 'passed' }, complete: IS_LONG });
  if (IS_LONG) expect(found.classes).toBe(61);
}, 110_000);

/** Once the broker stands again. */
function* readyIn(self: Context, from: typeof jobs): Actor<number> {
  for (;;) {
    try {
      return (yield* inspect(self, from)).ready;
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      yield* self.sleep(10);
    }
  }
}
