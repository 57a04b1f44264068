/** Searches that end: what has to hold in every schedule of a piece of the runtime. */

import { type ExploreOptions, explore, type Scenario, SimulationFailed } from '@beamish/sim';
import { expect } from 'vitest';
import type { Any } from './scenes.ts';

/** How many schedules there are, all of which pass. @throws SimulationFailed for one that does not. */
export async function explored(
  scenario: Scenario<Any>,
  options: ExploreOptions = {},
): Promise<number> {
  const found = await explore(scenario, {
    strategy: 'every',
    budget: { runs: 40_000, ms: 20_000 },
    compareEvery: 500,
    ...options,
  });
  if (found.verdict.kind !== 'passed') throw new SimulationFailed(found);
  expect(found.complete, found.toString()).toBe(true);
  return found.runs;
}
