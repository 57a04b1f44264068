import type { Scenario } from '@beamish/sim';
import { simulate } from '@beamish/sim';
import { schedules } from '@beamish/sim/fast-check';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Any, dine, fork } from './support/scenes.ts';

const table: Scenario<Any> = function* table(self, { clients }) {
  const [a, b] = [self.spawn(fork), self.spawn(fork)];
  yield* clients({ ada: [dine, a, b], bea: [dine, b, a] });
};

test('a property over schedules finds a deadlock, and shrinks it towards the calmest', async () => {
  const found = await fc.check(
    fc.asyncProperty(schedules(), async (schedule) => {
      return (await simulate(table, { schedule })).verdict.kind === 'passed';
    }),
    { seed: 1, numRuns: 200 },
  );
  expect(found.failed).toBe(true);
  const [schedule = []] = found.counterexample ?? [];
  expect(schedule.length).toBeLessThanOrEqual(12);
  expect((await simulate(table, { schedule })).verdict.kind).toBe('deadlock');
});
