/** Counters and histograms of `metrics`: they count everything once and never fall, whoever comes and goes. */

import { type Observer, observe } from '@beamish/observer';
import { threads } from '@beamish/threads';
import {
  type Actor,
  ActorSystem,
  child,
  type Message,
  type Pid,
  type Self,
  supervisor,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test, vi } from 'vitest';
import { Counters } from '../../packages/observer/src/exports/counters.ts';
import { measured } from '../../packages/observer/src/exports/metrics.ts';
import { Model } from '../../packages/observer/src/model/model.ts';
import { hubOf } from '../../packages/observer/src/observing/observer.ts';
import type { CountsAnswer } from '../../packages/observer/src/station/orders.ts';
import type { SystemFrame } from '../../packages/observer/src/terms/wire.ts';
import { mortal } from '../support/recorder.ts';
import { crasher } from './threads-bodies.ts';

type Figures = ReadonlyMap<string, number>;

/** Every sample of a scrape, by its name with its labels. */
async function scrape(observer: Observer): Promise<Figures> {
  const all = (await measured(observer)).flatMap(({ name, samples }) =>
    samples.map(
      ([suffix, labels, value]) =>
        [[name + suffix, ...Object.values(labels)].join(' '), value] as const,
    ),
  );
  return new Map(all);
}

/** How many there are in a histogram, and their seconds. */
function times(of: 'queue' | 'handling', figures: Figures): readonly [number, number] {
  const name = `beamish_${of}_seconds`;
  return [
    figures.get(`${name}_count`) ?? Number.NaN,
    Number((figures.get(`${name}_sum`) ?? Number.NaN).toFixed(3)),
  ];
}

/** Sends so many of a tag, and lets them be taken. */
async function sendAll(system: TestSystem, to: Pid, tag: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) system.send(to as Pid<Message>, { tag });
  await system.settle();
}

describe('times of recorded messages', () => {
  test('go on when the ring is full', async () => {
    const system = testSystem();
    const settings = { messages: 'always', budget: 1, keep: { messages: 64 } } as const;
    await using observer = observe(system, settings);
    const pid = system.spawn(mortal, []);
    await sendAll(system, pid, 'x', 60);
    expect(times('queue', await scrape(observer))).toEqual([60, 0]);
    for (let round = 1; round <= 3; round++) {
      await sendAll(system, pid, 'x', 20);
      const figures = await scrape(observer);
      expect(times('queue', figures)).toEqual([60 + 20 * round, 0]);
      expect(times('handling', figures)).toEqual([60 + 20 * round, 0]);
    }
    // What was written over has not been read.
    await sendAll(system, pid, 'x', 100);
    expect(times('queue', await scrape(observer))).toEqual([120 + 64, 0]);
  });

  test('are counted once of a message that is taken, and done with, after later ones were counted', async () => {
    const system = testSystem();
    await using observer = observe(system, { messages: 'always', budget: 1 });
    const pid = system.spawn(function* picky(self: Self<Message>): Actor {
      yield* self.receive('first');
      yield* self.receive('go');
      yield* self.receive('late');
      yield* self.sleep(3000);
      yield* self.receive('never');
    });
    await sendAll(system, pid, 'late', 1);
    await sendAll(system, pid, 'first', 1);
    for (let again = 0; again < 2; again++) {
      const figures = await scrape(observer);
      expect([times('queue', figures), times('handling', figures)]).toEqual([
        [1, 0],
        [1, 0],
      ]);
    }
    await system.advance(5000);
    await sendAll(system, pid, 'go', 1);
    for (let again = 0; again < 2; again++) {
      const figures = await scrape(observer);
      expect([times('queue', figures), times('handling', figures)]).toEqual([
        [3, 5],
        [2, 0],
      ]);
    }
    await system.advance(3000);
    for (let again = 0; again < 2; again++) {
      const figures = await scrape(observer);
      expect([times('queue', figures), times('handling', figures)]).toEqual([
        [3, 5],
        [3, 3],
      ]);
    }
  });

  test('go on when recording ends and begins anew, whether that is looked at or not', async () => {
    const system = testSystem();
    await using observer = observe(system, { budget: 1 });
    const pid = system.spawn(mortal, []);
    await system.settle();
    let counted = 0;
    for (const [count, isLookedAt] of [
      [5, false],
      [3, true],
      [2, false],
      [8, false],
    ] as const) {
      const leave = hubOf(observer).watch({ messages: true });
      await sendAll(system, pid, 'x', count);
      counted += count;
      expect(times('queue', await scrape(observer))).toEqual([counted, 0]);
      leave();
      await sendAll(system, pid, 'x', 2);
      if (isLookedAt) expect(times('queue', await scrape(observer))).toEqual([counted, 0]);
    }
  });

  test('go on in a later burst, and do not tell of what waited, or was handled, when one ended', async () => {
    const system = testSystem();
    await using observer = observe(system, { messages: 'always', budget: 1 });
    const both = async () => {
      const figures = await scrape(observer);
      return [times('queue', figures), times('handling', figures)];
    };
    const recorder = hubOf(observer).stations.own.recording?.recorder;
    const pid = system.spawn(function* sleeper(self: Self<Message>): Actor {
      for (;;) {
        yield* self.receive();
        yield* self.sleep(1000);
      }
    });
    await sendAll(system, pid, 'x', 2);
    expect(await both()).toEqual([
      [1, 0],
      [0, 0],
    ]);
    recorder?.stop();
    recorder?.start();
    await system.advance(2000);
    expect(await both()).toEqual([
      [1, 0],
      [0, 0],
    ]);
    await sendAll(system, pid, 'x', 1);
    await system.advance(1000);
    expect(await both()).toEqual([
      [2, 0],
      [1, 1],
    ]);
  });

  test('OBS-111 are whole in two scrapes at once, and counted once', async () => {
    const system = testSystem();
    await using observer = observe(system, { messages: 'always', budget: 1 });
    const pid = system.spawn(mortal, []);
    for (const count of [7, 14]) {
      await sendAll(system, pid, 'x', 7);
      const both = await Promise.all([scrape(observer), scrape(observer)]);
      for (const figures of both) expect(times('handling', figures)).toEqual([count, 0]);
      expect(both[0].size).toBe(both[1].size);
    }
  });
});

/** Supervisors 5 of two systems, each with a name of its own, and what a model knows of them. */
describe('OBS-111 counters of several systems', () => {
  const frame = (system: string, spawned: number, name: string): SystemFrame => ({
    system,
    incarnation: 1,
    at: 0,
    clock: 0,
    full: true,
    figures: [1, 0, 0, 0, 0, 0, 0, 0],
    totals: [spawned, spawned - 1, 0, 0, 0, 0],
    strings: [[0, 'supervisor']],
    born: [[5, '', 0, 2, 0, null]],
    ended: [],
    rows: [],
    names: [[5, name, null, 0]],
    waits: [],
    places: [],
  });
  const answer = (restarts: number, crashes = 0): CountsAnswer => ({
    crashesBy: [['worker', crashes]],
    restartsBy: [['5', restarts]],
    deadLettersBy: [['noproc', crashes]],
    droppedBy: [['exit', crashes]],
    queue: [],
    handling: [],
  });
  const told = (counters: Counters) => ({
    spawns: counters.spawns.sums.of(''),
    orderly: counters.exits.sums.of('orderly'),
    crashes: counters.crashes.sums.of('worker'),
    deadLetters: counters.deadLetters.sums.of('noproc'),
    dropped: counters.dropped.sums.of('exit'),
  });
  const known = () => {
    const model = new Model({ endedMs: 0 });
    model.apply(frame('main', 10, 'here'));
    model.apply(frame('thread-1', 20, 'there'));
    return model;
  };

  test('do not fall while one does not answer, and count what it tells then once', () => {
    const counters = new Counters();
    const model = known();
    counters.take(model, [
      ['main', 1, answer(0, 1)],
      ['thread-1', 1, answer(0, 4)],
    ]);
    const before = { spawns: 30, orderly: 28, crashes: 5, deadLetters: 5, dropped: 5 };
    expect(told(counters)).toEqual(before);
    counters.take(model, [['main', 1, answer(0, 1)]]);
    expect(told(counters)).toEqual(before);
    counters.take(model, [
      ['main', 1, answer(0, 1)],
      ['thread-1', 1, answer(0, 6)],
    ]);
    expect(told(counters)).toMatchObject({ crashes: 7, deadLetters: 7, dropped: 7 });
  });

  test('do not fall when one is lost and forgotten, nor rise by what it told before', () => {
    const counters = new Counters();
    const model = known();
    counters.take(model, [['thread-1', 1, answer(0, 4)]]);
    const before = told(counters);
    model.lose('thread-1', 1, 'killed', 0);
    model.forget(1);
    expect(model.systems.size).toBe(1);
    // Another scrape heard of it before it was lost, and waited for others.
    counters.take(model, [['thread-1', 1, answer(0, 4)]]);
    expect(told(counters)).toEqual(before);
    // The one in its place begins anew.
    model.apply({ ...frame('thread-1', 3, 'there'), incarnation: 2 });
    counters.take(model, [['thread-1', 2, answer(0, 2)]]);
    expect(told(counters)).toMatchObject({ spawns: before.spawns + 3, crashes: 6 });
  });

  test('take no notice of an answer that comes after a later one', () => {
    const counters = new Counters();
    const model = known();
    for (const crashes of [4, 3, 5]) counters.take(model, [['main', 1, answer(0, crashes)]]);
    expect(told(counters).crashes).toBe(5);
  });

  test('count restarts for the supervisor of their own system, under what it was called then', () => {
    const counters = new Counters();
    const model = known();
    const restarts = () => Object.fromEntries(counters.restarts.sums);
    counters.take(model, [
      ['main', 1, answer(1)],
      ['thread-1', 1, answer(2)],
    ]);
    expect(restarts()).toEqual({ here: 1, there: 2 });
    model.apply(frame('thread-1', 20, 'elsewhere'));
    counters.take(model, [['thread-1', 1, answer(5)]]);
    expect(restarts()).toEqual({ here: 1, there: 2, elsewhere: 3 });
  });
});

test('OBS-111 counters do not fall when a thread dies between two scrapes and is forgotten', async () => {
  const system = new ActorSystem({ log: 'off' });
  await using observer = observe(system, { keep: { endedMs: 0 } });
  const pool = await threads(system, { size: 1 });
  await system.start(supervisor({ intensity: 9, children: [child('crasher', pool.at(crasher))] }));
  const crashes = (figures: Figures) => figures.get('beamish_crashes_total crasher') ?? 0;
  await vi.waitFor(async () => expect(await observer.actors({ body: 'crasher' })).toHaveLength(1), {
    timeout: 25_000,
  });
  const [{ pid } = {}] = await observer.actors({ body: 'crasher' });
  system.send(pid as never, { tag: 'work' } as never);
  await vi.waitFor(async () => expect(crashes(await scrape(observer))).toBe(1), {
    timeout: 25_000,
  });
  const before = await scrape(observer);
  const [, lost] = (await observer.snapshot()).systems;
  pool.kill(0);
  await vi.waitFor(
    async () => {
      const { systems } = await observer.snapshot();
      expect(systems.map(({ incarnation }) => incarnation)).not.toContain(lost?.incarnation);
    },
    { timeout: 25_000 },
  );
  const after = await scrape(observer);
  expect(crashes(after)).toBe(1);
  for (const [name, value] of before)
    if (/_total/.test(name)) expect([name, (after.get(name) ?? 0) >= value]).toEqual([name, true]);
  await system.shutdown();
}, 60_000);
