/** What looking and recording keep, and how seldom a look comes that takes long. What they cost in time is a benchmark's: test/bench/observer.ts. */

import type { ServerResponse } from 'node:http';
import { observe } from '@beamish/observer';
import { type Actor, ActorSystem, type Message, type Pid, type Self } from 'beamish';
import { figuresOf } from 'beamish/observation';
import { testSystem } from 'beamish/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { hubOf } from '../../packages/observer/src/observing/observer.ts';
import { Client, Clients } from '../../packages/observer/src/page/clients.ts';
import { sourceOf } from '../../packages/observer/src/page/source.ts';
import { Recorder } from '../../packages/observer/src/station/recorder.ts';
import { Station } from '../../packages/observer/src/station/station.ts';
import { probe } from '../bench/probe.ts';
import { heapInUse } from '../support/heap.ts';
import { idler } from '../support/recorder.ts';
import { shop } from './shop.ts';

/** What a test's system keeps of what it told. */
const TOLD = ['spawn', 'exit', 'crash', 'restart', 'supervisor', 'dead_letter'] as const;
/** With its 2,000 carts, on a clock that is real. */
const HEAP_OF_SHOP = 41e6;
/** Looks that are done cold. */
const COLD = 5;
const settings = { keepMessages: 1024, budget: 1, payloads: undefined, control: false };

afterEach(() => void vi.useRealTimers());

test('OBS-11 of a hundred thousand idle actors, a look keeps under 150 bytes each, and the next one tells nothing', async () => {
  const system = new ActorSystem({ log: 'off' });
  for (let i = 0; i < 100_000; i++) system.spawn(idler);
  await idle(system);
  const station = new Station(system, settings, () => {}, { failed: () => {} });
  // What is made once, whoever is there.
  station.look(true);
  station.close();
  const other = new Station(system, settings, () => {}, { failed: () => {} });
  const before = await heapInUse();
  expect(other.look(false).born).toHaveLength(100_000);
  expect(((await heapInUse()) - before) / 100_000).toBeLessThan(150);
  const { born, ended, rows, names, waits, strings, places } = other.look(false);
  expect([born, ended, rows, names, waits, strings, places]).toEqual([[], [], [], [], [], [], []]);
  other.close();
  await system.shutdown();
}, 60_000);

test('OBS-12 a look that takes long comes the more seldom, whatever it takes; OBS-94', async () => {
  holdTimers();
  const system = testSystem();
  await using observer = observe(system);
  const hub = hubOf(observer);
  const leave = hub.watch({ frameMs: 100, ticked: () => hub.spent(20) });
  // The first ones are done cold, and say nothing.
  for (let look = 0; look <= COLD; look++) vi.advanceTimersByTime(hub.nextMs);
  expect(hub.nextMs).toBeGreaterThanOrEqual(50 * 20);
  leave();
});

test.each([
  ['OBS-94 of 10,000 actors that all change', 10_000],
  ['OBS-12 of 100,000 actors of which 10,000 change', 100_000],
] as const)(
  '%s, looks and their writing take a fiftieth of the time, and the page has all',
  async (_, count) => {
    const system = new ActorSystem({ log: 'off' });
    const pids = Array.from({ length: count }, () => system.spawn(idler) as Pid<Message>);
    await idle(system);
    holdTimers();
    const changing = pids.slice(0, 10_000);
    await using observer = observe(system);
    const clients = new Clients(sourceOf(observer), () => {});
    const hub = hubOf(observer);
    const rows: number[] = [];
    const took: number[] = [];
    const tick = hub.stations.tick.bind(hub.stations);
    vi.spyOn(hub.stations, 'tick').mockImplementation(() => {
      const [at, before] = [performance.now(), process.cpuUsage()];
      tick();
      const { user, system: kernel } = process.cpuUsage(before);
      took.push(Math.min((user + kernel) / 1000, performance.now() - at));
    });
    clients.add(new Client('page', 'page', taking()));
    const leave = hub.watch({ framed: (frame) => rows.push(frame.rows.length) });
    for (let look = 1; look <= COLD + 3; look++) {
      for (const pid of changing) system.send(pid, { tag: 'x' });
      await idle(system);
      const ms = Math.floor(hub.nextMs);
      vi.advanceTimersByTime(ms - 1);
      expect(took).toHaveLength(look - 1);
      vi.advanceTimersByTime(1);
      expect(took).toHaveLength(look);
      // The first ones are done cold, and say nothing.
      if (look > COLD) expect(hub.nextMs).toBeGreaterThanOrEqual(50 * (took.at(-1) as number));
    }
    leave();
    clients.close('closed');
    expect(rows.slice(-3)).toEqual([10_000, 10_000, 10_000]);
    vi.useRealTimers();
    expect(await observer.actors()).toHaveLength(count);
    await system.shutdown();
  },
  120_000,
);

test('OBS-95 a message that is recorded allocates nothing, on its way to who waits or through a mailbox', async () => {
  // Nothing is collected while it counts.
  const flags = ['--min-semi-space-size=64', '--max-semi-space-size=64'];
  const bytes = await probe<Record<string, number>>('allocation', ['recorded'], flags);
  // What is looked at once in 64 messages is spread over them; the smallest object has 12 bytes.
  for (const way of ['pingPong', 'queue', 'selective'])
    expect({ [way]: (bytes[way] as number) < 2 }).toEqual({ [way]: true });
}, 120_000);

test('OBS-49 a burst that is to end does not go on because the machine let the thread wait', () => {
  const system = testSystem();
  const pid = system.spawn(idler) as Pid<Message>;
  let now = 1e6;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  const recorder = new Recorder(system, 65_536, 0.001);
  try {
    recorder.start();
    const check = (ms: number) => {
      now += ms;
      for (let i = 0; i < 64; i++) system.send(pid, { tag: 'x' });
    };
    // What was saved is spent within the first milliseconds of it.
    for (let i = 0; i < 40; i++) check(0.04);
    const before = recorder.count;
    check(1000);
    check(0.04);
    expect(recorder.count - before).toBeLessThanOrEqual(64);
  } finally {
    clock.mockRestore();
    recorder.stop();
  }
});

test('OBS-98 a recorder forgets who is in no record any more, and tells the others as before', async () => {
  const system = testSystem();
  const recorder = new Recorder(system, 64, 1);
  recorder.start();
  const echo = function* echo(self: Self<Message>): Actor {
    for (;;) yield* self.receive('x' as never);
  };
  const steady = system.spawn(echo) as Pid<Message>;
  for (let i = 0; i < 6_000; i++) {
    const pid = system.spawn(echo) as Pid<Message>;
    system.send(pid, { tag: 'x' });
    if (i % 10 === 0) system.send(steady, { tag: 'steady' });
    await system.settle();
    system.exitSignal(pid as Pid, 'kill');
  }
  await system.settle();
  const all = recorder.read();
  expect(all).toHaveLength(64);
  for (const { from, to, tag, taken } of all) {
    expect(from).toBe(system.root);
    expect(tag === 'steady' ? to : taken).toBe(tag === 'steady' ? steady : (taken ?? 'never'));
  }
  expect(recorder.parties).toBeLessThan(4_300);
  recorder.stop();
}, 60_000);

test('OBS-98 after an hour of the shop, watched by a page, no more is kept than after its first minute', async () => {
  // What is compiled, and made once for all, is there before the first minute.
  const rehearsal = await watchedShop();
  for (let i = 0; i < 10; i++) await rehearsal.minute();
  await rehearsal.end();
  const { system, observer, minute, end } = await watchedShop();
  await minute();
  const after = await heapInUse();
  for (let i = 1; i < 55; i++) await minute();
  // What is being told and forgotten at the moment of a measurement is not kept.
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    await minute();
    least = Math.min(least, await heapInUse());
  }
  expect(system.now()).toBeGreaterThanOrEqual(3_600_000);
  expect(observer.crashes()[0]?.count).toBeGreaterThan(4000);
  expect(least - after).toBeLessThan(0.05 * HEAP_OF_SHOP);
  await end();
}, 120_000);

async function watchedShop() {
  const system = testSystem({ name: 'shop' });
  await shop({ carts: 10, system });
  const observer = observe(system, { keep: { messages: 1024, endedMs: 50 } });
  const clients = new Clients(sourceOf(observer), () => {});
  const client = new Client('page', 'page', taking());
  client.views = new Set(['actors', 'messages', 'waits', 'panels']);
  clients.add(client);
  const hub = hubOf(observer);
  return {
    system,
    observer,
    async minute(): Promise<void> {
      await system.advance(60_000);
      // Not sooner: what has ended is kept for a while of the host's time.
      await new Promise<void>((resolve) => {
        const leave = hub.watch({
          frameMs: 100,
          ticked() {
            leave();
            resolve();
          },
        });
      });
      await observer.doctor();
      // What nobody reads, and what the system keeps for a test to read, is not the observer's.
      system.exitSignal(system.whereis('letterbox') as Pid, 'kill');
      await system.settle();
      for (const event of TOLD) system.told(event).length = 0;
    },
    async end(): Promise<void> {
      clients.close('closed');
      await observer[Symbol.asyncDispose]();
    },
  };
}

/** Time of the host passes for who looks when the test says so; what looking takes is taken by the real clock. */
function holdTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
}

async function idle(system: ActorSystem): Promise<void> {
  while (figuresOf(system).runnable > 0) await new Promise((resolve) => setImmediate(resolve));
}

/** A connection that takes at once whatever is written to it. */
function taking(): ServerResponse {
  return {
    destroyed: false,
    writableLength: 0,
    writableNeedDrain: false,
    write: (_: string, taken: () => void) => queueMicrotask(taken),
    destroy() {},
    end() {},
    socket: undefined,
  } as never;
}
