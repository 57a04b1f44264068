/** What looking and recording keep, and how seldom a look comes that takes long. What they cost in time is a benchmark's: test/bench/observer.ts. */

import { observe } from '@beamish/observer';
import { type Actor, ActorSystem, type Message, type Pid, type Self } from 'beamish';
import { figuresOf } from 'beamish/observation';
import { testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { hubOf } from '../../packages/observer/src/observing/observer.ts';
import { Recorder } from '../../packages/observer/src/station/recorder.ts';
import { Station } from '../../packages/observer/src/station/station.ts';
import { heapInUse } from '../support/heap.ts';
import { idler } from '../support/recorder.ts';

const settings = { keepMessages: 1024, budget: 1, payloads: undefined, control: false };

test('OBS-11 of a hundred thousand idle actors, a look keeps under 150 bytes each, and the next one tells nothing', async () => {
  const system = new ActorSystem({ log: 'off' });
  for (let i = 0; i < 100_000; i++) system.spawn(idler);
  while (figuresOf(system).runnable > 0) await new Promise((resolve) => setImmediate(resolve));
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

test('OBS-12 a look that takes long comes the more seldom: no more than 2 % of the time goes into looks; OBS-94', async () => {
  const system = testSystem();
  await using observer = observe(system);
  const hub = hubOf(observer);
  let looks = 0;
  await new Promise<void>((resolve) => {
    const leave = hub.watch({
      frameMs: 100,
      ticked() {
        hub.spent(20);
        // The first ones are done cold, and say nothing.
        if (++looks < 6) return;
        leave();
        setImmediate(resolve);
      },
    });
  });
  const leave = hub.watch({ frameMs: 100 });
  expect(hub.nextMs).toBeGreaterThanOrEqual(50 * 20);
  leave();
}, 30_000);

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
