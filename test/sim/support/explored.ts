/** Searches that end: what has to hold in every schedule of a piece of the runtime. */

import { type ExploreOptions, explore, type Scenario, SimulationFailed } from '@beamish/sim';
import type { Actor } from 'beamish';
import { expect } from 'vitest';
import type { Any } from './scenes.ts';

const MOST_RUNS = 40_000;

/** How many schedules there are, all of which pass. @throws SimulationFailed for one that does not. */
export async function explored(
  scenario: Scenario<Any>,
  options: ExploreOptions = {},
): Promise<number> {
  const found = await explore(scenario, {
    strategy: 'every',
    budget: { runs: MOST_RUNS },
    compareEvery: 500,
    ...options,
  });
  if (found.verdict.kind !== 'passed') throw new SimulationFailed(found);
  // With promises, whose order it does not choose, one that has run all does not call itself complete.
  if (!found.complete) expect(found.runs, found.toString()).toBeLessThan(MOST_RUNS);
  return found.runs;
}

/** What a scenario says that has come of it; a function is asked when the run is over. */
export type Note = (what: string | (() => string)) => void;

/** In the long form, all interleavings are run beside the others, where there are no more than so many. */
const MOST = process.env['BEAMISH_EXPLORE'] === '1' ? 100_000 : 0;

/** How many schedules there are, all of which pass, and what comes of them: in each, all that is noted. */
export async function outcomes(
  scenario: (note: Note) => Scenario<Any>,
  options: ExploreOptions = {},
): Promise<{ readonly schedules: number; readonly outcomes: readonly string[] }> {
  const seen = new Set<string>();
  const notes: Parameters<Note>[0][] = [];
  const noted = scenario((what) => void notes.push(what));
  const noting: Scenario<Any> = function* noting(self, sim) {
    notes.length = 0;
    sim.eventually('noted', () => seen.add(told(notes)) !== undefined);
    yield* noted(self, sim) as Actor;
  };
  const schedules = await explored(noting, options);
  const outcomes = [...seen].sort();
  if (MOST > 0) await compareNaive(noting, options, seen);
  return { schedules, outcomes };
}

function told(notes: readonly Parameters<Note>[0][]): string {
  const words = notes.map((note) => (typeof note === 'function' ? note() : note));
  return words.sort().join(', ');
}

async function compareNaive(
  scenario: Scenario<Any>,
  options: ExploreOptions,
  seen: Set<string>,
): Promise<void> {
  const reduced = [...seen].sort();
  const strategy = { every: 'interleaving' } as const;
  const found = await explore(scenario, { ...options, strategy, budget: { runs: MOST } });
  expect([...seen].sort(), found.toString()).toEqual(reduced);
}
