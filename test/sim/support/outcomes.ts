/** What a scenario can come to, by each way of searching its schedules: the sets must be the same. */

import { type Exhaustive, explore, type Scenario, type SimOptions } from '@beamish/sim';
import { expect } from 'vitest';
import type { Any } from './scenes.ts';

/** Tells what an actor sees. */
export type Note = (who: string, what: unknown) => void;

export interface Compared {
  /** Runs by all interleavings (if asked for), by order of arrival, by what is taken. */
  readonly runs: readonly number[];
  /** What it can come to: of each actor, what it noted. */
  readonly outcomes: readonly string[];
}

const WAYS: readonly Exhaustive[] = [
  { every: 'interleaving' },
  { every: 'order_of_arrival' },
  { every: 'order_taken' },
];

/** @throws if a search has no end, or they do not come to the same. */
export async function compared(
  make: (note: Note) => Scenario<Any>,
  options: SimOptions & { readonly naive?: boolean; readonly most?: number } = {},
): Promise<Compared> {
  const { naive = true, most = 60_000, ...others } = options;
  const runs: number[] = [];
  const all: string[][] = [];
  for (const strategy of naive ? WAYS : WAYS.slice(1)) {
    const seen = new Set<string>();
    const found = await explore(noting(make, seen), {
      ...others,
      strategy,
      failures: 'all',
      shrinkRuns: 0,
      compareEvery: 0,
      budget: { runs: most },
    });
    expect(found.complete, `${JSON.stringify(strategy)}: ${found.toString()}`).toBe(true);
    runs.push(found.runs);
    all.push([...seen].sort());
  }
  for (const each of all) expect(each).toEqual(all[0]);
  return { runs, outcomes: all[0] ?? [] };
}

export function noting(make: (note: Note) => Scenario<Any>, seen: Set<string>): Scenario<Any> {
  return (self, sim) => {
    const notes = new Map<string, string[]>();
    const scenario = make((who, what) => {
      notes.set(who, [...(notes.get(who) ?? []), String(what)]);
    });
    sim.eventually('noted', () => {
      const lines = [...notes].map(([who, what]) => `${who}: ${what.join(', ')}`);
      return seen.add(lines.sort().join('; ')) !== undefined;
    });
    return scenario(self, sim);
  };
}
