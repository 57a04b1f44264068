/** The seams of time and chance, as packages that keep time see them. */

import type { Self } from 'beamish';
import { seededDecisions, testSystem } from 'beamish/testing';
import { seamsOf } from 'beamish/transport';
import { expect, test } from 'vitest';

test('seamsOf an actor and of its system tell the time of the clock that its timers go by', async () => {
  const system = testSystem();
  const times: number[] = [];
  system.spawn(function* (self: Self) {
    const { now, lookedAt } = seamsOf(self);
    times.push(now(), lookedAt());
    yield* self.sleep(1500);
    times.push(now(), lookedAt());
  });
  await system.advance(2000);
  expect(times).toEqual([0, 0, 1500, 1500]);
  expect(seamsOf(system).now()).toBe(2000);
});

test('seamsOf tells the calendar of the clock that has one, and of the host otherwise', () => {
  const system = testSystem();
  Object.assign(system.clock, { wall: () => 86_400_000 });
  expect(seamsOf(system).wall()).toBe(86_400_000);
  Object.assign(system.clock, { wall: undefined });
  const before = Date.now();
  expect(seamsOf(system).wall()).toBeGreaterThanOrEqual(before);
});

test('seamsOf draws from the decisions of the system, so that its seed replays it', () => {
  const draws = [1, 2].map(() => {
    const { random } = seamsOf(testSystem({ decisions: seededDecisions(7) }));
    return [random(), random()];
  });
  expect(draws[0]).toEqual(draws[1]);
});
