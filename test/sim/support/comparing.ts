/** What a small program of chance comes to, by each way of searching its schedules. */

import type { Exhaustive, Exploration, explore } from '@beamish/sim';
import {
  FAMILIES,
  type Family,
  optionsOf,
  type Program,
  programOf,
  scenarioOf,
} from './programs.ts';

export type Speed = 'instant' | 'any';
export type Way = Extract<Exhaustive, object>['every'];
/** Which one explores: that of the package, or of a broken copy. */
export type Explore = typeof explore;

/** A program that is searched in some speed. */
export interface Case {
  readonly family: Family;
  readonly seed: number;
  readonly speed: Speed;
}

const SPEEDS: readonly Speed[] = ['instant', 'any'];

/** The n-th of all, from 0: the families and speeds in turns. */
export function caseOf(n: number): Case {
  const [families, speeds] = [FAMILIES.length, SPEEDS.length];
  return {
    family: FAMILIES[n % families] as Family,
    speed: SPEEDS[Math.floor(n / families) % speeds] as Speed,
    seed: Math.floor(n / families / speeds) + 1,
  };
}

export interface Outcomes {
  /** What each of its actors received, how it ended, and what its calls gave, in JSON. */
  readonly seen: ReadonlySet<string>;
  readonly exploration: Exploration;
}

/** What a program can come to, searched in this way with at most so many runs. */
export async function outcomesOf(
  its: Explore,
  { family, seed, speed }: Case,
  every: Way,
  most: number,
): Promise<Outcomes> {
  const seen = new Set<string>();
  let notes: string[][] = [];
  const program: Program = programOf(family, seed);
  const body = scenarioOf(program, (who, what) => notes[who]?.push(what));
  const exploration = await its(
    (self, sim) => {
      notes = program.map(() => []);
      sim.eventually('noted', () => seen.add(JSON.stringify(notes)) !== undefined);
      return body(self as never, sim);
    },
    {
      ...optionsOf(family, seed),
      speed,
      strategy: { every },
      budget: { runs: most },
      maxSteps: 200,
      mayCrash: ['*'],
      failures: 'all',
      shrinkRuns: 0,
      compareEvery: 0,
    },
  );
  return { seen, exploration };
}
