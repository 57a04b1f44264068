/** What a small program of chance comes to, by each way of searching its schedules. */

import { type Exhaustive, type Exploration, explore } from '@beamish/sim';
import { type Program, scenarioOf } from './doing.ts';
import { FAMILIES, type Family, optionsOf, overflowOf, programOf } from './programs.ts';

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

export const SPEEDS: readonly Speed[] = ['instant', 'any'];

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
  const noting = (who: number, what: string): void => void notes[who]?.push(what);
  const body = scenarioOf(program, noting, overflowOf(family, seed));
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

/** What reduction loses of a program, or repeats, in words; undefined if all is well. */
export async function compare(
  its: Explore,
  program: Case,
  most: number,
): Promise<string | 'too large' | undefined> {
  const naive = await outcomesOf(explore, program, 'interleaving', most);
  if (!naive.exploration.complete) return 'too large';
  const { family, seed, speed } = program;
  for (const way of ['order_of_arrival', 'order_taken'] as const) {
    const { seen, exploration } = await outcomesOf(its, program, way, most);
    const which = `${family} ${seed}, ${speed}, ${way}`;
    const [lost, made] = [without(naive.seen, seen), without(seen, naive.seen)];
    if (lost.length > 0 || made.length > 0)
      return `${which}: loses ${lost.join(' ')}${made.length > 0 ? ` and makes up ${made.join(' ')}` : ''} of ${JSON.stringify(programOf(family, seed))}`;
    if (way === 'order_of_arrival' && exploration.runs > naive.exploration.runs)
      return `${which}: ${exploration.runs} runs for ${naive.exploration.runs} interleavings`;
  }
  return undefined;
}

function without(one: ReadonlySet<string>, other: ReadonlySet<string>): readonly string[] {
  return [...one].filter((outcome) => !other.has(outcome));
}
