/** Recording within a budget, on the real clock. */

import { observe } from '@beamish/observer';
import { type Actor, ActorSystem, type Message, type Pid, type Self } from 'beamish';
import { expect, test } from 'vitest';
import { Model } from '../../packages/observer/src/model/model.ts';
import { placesOf } from '../../packages/observer/src/views/tree.ts';

interface Ping extends Message {
  readonly tag: 'ping';
  readonly from: Pid<Pong>;
}
interface Pong extends Message {
  readonly tag: 'pong';
}

test('OBS-49 at full rate it is recorded in bursts, and within a burst no chain is torn', async () => {
  const system = new ActorSystem({ log: 'off' });
  const other = system.spawn(function* ponging(self: Self<Ping>): Actor {
    for (;;) {
      const { from } = yield* self.receive('ping');
      self.send(from, { tag: 'pong' });
    }
  });
  await using observer = observe(system, { messages: 'always', budget: 0.01 });
  await observer.snapshot();
  const until = performance.now() + 1500;
  await system.run(function* pinging(self: Self<Pong>): Actor {
    while (performance.now() < until) {
      self.send(other, { tag: 'ping', from: self.pid });
      yield* self.receive('pong');
    }
  });
  const { systems } = await observer.snapshot();
  expect(systems[0]?.recorded).toBeLessThan(1);
  expect(systems[0]?.recorded).toBeGreaterThan(0);
  const { messages, missed } = await observer.sequence({ last: 100_000 });
  expect(missed).toBeUndefined();
  // Only the first of a burst has no cause, and those whose cause the ring has no more.
  const causeless = messages.filter(({ cause }) => cause === undefined);
  expect(messages.length).toBeGreaterThan(1000);
  expect(causeless.length).toBeLessThan(messages.length / 100);
  await system.shutdown();
}, 30_000);

test('OBS-50 of a moderate rate, all of it is recorded', async () => {
  const system = new ActorSystem({ log: 'off' });
  await using observer = observe(system, { messages: 'always' });
  await observer.snapshot();
  const pid = system.spawn(function* taking(self: Self<Pong>): Actor {
    for (;;) yield* self.receive('pong');
  });
  for (let i = 0; i < 50; i++) {
    for (let k = 0; k < 200; k++) system.send(pid, { tag: 'pong' });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect((await observer.snapshot()).systems[0]?.recorded).toBe(1);
  const { messages, missed } = await observer.sequence({ last: 100_000 });
  expect([messages.length, missed]).toEqual([10_000, 0]);
  expect(messages.every(({ fate }) => fate === 'taken')).toBe(true);
  await system.shutdown();
}, 30_000);

test('OBS-27 whose parent is of a system that is not known stands at the top', () => {
  const model = new Model();
  model.apply({
    system: 'here',
    incarnation: 1,
    at: 1,
    clock: 1,
    full: true,
    figures: [1, 0, 0, 0, 0, 0, 0, 0],
    totals: [1, 0, 0, 0, 0, 0],
    strings: [[0, 'body']],
    born: [[5, 'elsewhere.7@9', 0, 0, 1, null]],
    ended: [],
    rows: [[5, 2, 0, 0, 0, null]],
    names: [],
    waits: [],
    places: [],
  });
  const [place, ...rest] = placesOf(model);
  expect(rest).toEqual([]);
  expect(place?.actor.key).toBe('here.5@1');
  expect(String(model.pid('elsewhere.7@9'))).toBe('<elsewhere.7>');
});
