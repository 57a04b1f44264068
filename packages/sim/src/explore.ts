/** Many runs of one scenario: all that differ, or as many as there is time for. */

import type { Message, Self } from 'beamish';
import type { ByArrivals } from './dependence.ts';
import { every } from './every.ts';
import { failureText } from './failure-text.ts';
import { randomly } from './random.ts';
import { type Run, runOf } from './run.ts';
import { type Scenario, simOf } from './scenario.ts';
import { Things } from './touches.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { type Staged, World } from './world.ts';

/** How a scenario is run. */
export interface SimOptions {
  /**
   * How fast code is. `'instant'` (default): a timer rings only when nobody can run. `'any'`: whoever is
   * to run may be late by any time, so that each timer may ring before any step; deadlines keep their order.
   */
  readonly speed?: 'instant' | 'any';
  /** A run of more steps is a livelock. Default 10,000. */
  readonly maxSteps?: number;
}

/** Options of `simulate`. */
export interface RunOptions extends SimOptions {
  /** Numbers as a run has them, or a seed for chance. Default `{ seed: 1 }`. Numbers that are missing are 0. */
  readonly schedule?: readonly number[] | { readonly seed: number };
}

/** What tells two schedules apart: the order in which an actor could take messages (default), in which they arrive, or anything. */
export type Exhaustive = 'every' | { readonly every: ByArrivals | 'interleaving' };

/** Options of `explore` and `check`. */
export interface ExploreOptions extends SimOptions {
  /** Default `'every'`: one run of each class of schedules that no actor can tell apart. `'random'`: each step anew. */
  readonly strategy?: Exhaustive | 'random';
  /** Whatever comes first ends the exploration. Default 10,000 runs. */
  readonly budget?: { readonly runs?: number };
  /** Of random schedules. Default 1. */
  readonly seed?: number;
  /** Stop at the first failure (default), or count all. */
  readonly failures?: 'first' | 'all';
}

/** What an exploration has found. */
export interface Exploration {
  /** The first failure's, or `passed`; `vacuous` if a `sometimes` never held. */
  readonly verdict: Verdict | { readonly kind: 'vacuous'; readonly claim: string };
  /** The first run that failed. */
  readonly failure: Run | undefined;
  /** Runs to the end. */
  readonly runs: number;
  /** Runs that failed. */
  readonly failed: number;
  /** Runs that were given up because they would have repeated others. */
  readonly redundant: number;
  /** Every schedule of this scenario has been covered. */
  readonly complete: boolean;
  /** Of each `sometimes`, in how many runs it held. */
  readonly sometimes: Readonly<Record<string, number>>;
  /** One line: `complete: 7 of 7 schedules`. */
  toString(): string;
}

const MAX_STEPS = 10_000;
const RUNS = 10_000;

/**
 * One run. Returns whatever its verdict.
 *
 * ```ts
 * const run = simulate(scenario, { schedule: { seed: 7 } });
 * console.log(run.verdict.kind, run.toString());
 * ```
 */
export function simulate<M extends Message = never>(
  scenario: Scenario<M>,
  { schedule = { seed: 1 }, speed = 'instant', maxSteps = MAX_STEPS }: RunOptions = {},
): Run {
  const world = new World(staged(scenario), new Things(), speed);
  const chance = 'seed' in schedule ? randomly(schedule.seed) : undefined;
  for (let n = 0; world.movers.length > 0 && n < maxSteps && !world.isOver; n++) {
    const count = world.movers.length;
    const index = chance === undefined ? ((schedule as readonly number[])[n] ?? 0) : chance(count);
    world.step(world.inOrder()[index % count] as string);
  }
  return runOf(world, verdictOf(world, maxSteps));
}

/**
 * Many runs. Returns whatever the verdict.
 *
 * ```ts
 * const found = explore(scenario);
 * console.log(found.toString()); // complete: 7 of 7 schedules
 * ```
 */
export function explore<M extends Message = never>(
  scenario: Scenario<M>,
  options: ExploreOptions = {},
): Exploration {
  const { speed = 'instant', maxSteps = MAX_STEPS, strategy = 'every' } = options;
  const { budget = {}, seed = 1, failures = 'first' } = options;
  const most = budget.runs ?? RUNS;
  const things = new Things();
  const make = (): World => new World(staged(scenario), things, speed);
  const sometimes: Record<string, number> = {};
  let failure: Run | undefined;
  let failed = 0;
  let runs = 0;
  const ended = (world: World): boolean => {
    runs++;
    for (const { name } of world.claims.sometimes)
      sometimes[name] = (sometimes[name] ?? 0) + (world.claims.held.has(name) ? 1 : 0);
    const verdict = verdictOf(world, maxSteps);
    if (verdict.kind !== 'passed') {
      failed++;
      failure ??= runOf(world, verdict);
      if (failures === 'first') return false;
    }
    return runs < most;
  };
  const found =
    strategy === 'random'
      ? randomRuns(make, ended, seed, maxSteps)
      : every(make, strategy === 'every' ? 'order_taken' : strategy.every, ended, maxSteps);
  const vacuous = Object.entries(sometimes).find(([, count]) => count === 0)?.[0];
  const verdict =
    failure?.verdict ??
    (vacuous === undefined
      ? ({ kind: 'passed' } as const)
      : ({ kind: 'vacuous', claim: vacuous } as const));
  return {
    verdict,
    failure,
    runs,
    failed,
    redundant: found.redundant,
    complete: found.isComplete,
    sometimes,
    toString: () => summary(found.isComplete, runs, failed, verdict.kind),
  };
}

function staged<M extends Message>(scenario: Scenario<M>): Staged {
  return (self, world) => scenario(self as unknown as Self<M>, simOf(world, world.claims, self));
}

function randomRuns(
  make: () => World,
  ended: (world: World) => boolean,
  seed: number,
  maxSteps: number,
): { readonly redundant: number; readonly isComplete: boolean } {
  const chance = randomly(seed);
  for (;;) {
    const world = make();
    for (let n = 0; world.movers.length > 0 && n < maxSteps && !world.isOver; n++)
      world.step(world.movers[chance(world.movers.length)] as string);
    if (!ended(world)) return { redundant: 0, isComplete: false };
  }
}

function summary(isComplete: boolean, runs: number, failed: number, kind: string): string {
  const many = runs.toLocaleString('en');
  if (failed > 0) return `failed: ${kind} in ${failed} of ${many} schedules`;
  return isComplete ? `complete: ${many} of ${many} schedules` : `not complete: ${many} runs`;
}

/**
 * The same as `explore`, for tests: returns if all is well.
 *
 * @throws SimulationFailed with a run that fails.
 */
export function check<M extends Message = never>(
  scenario: Scenario<M>,
  options: ExploreOptions = {},
): Exploration {
  const exploration = explore(scenario, options);
  if (exploration.verdict.kind !== 'passed') throw new SimulationFailed(exploration);
  return exploration;
}

/** A scenario fails in some schedule, or claims what never is. */
export class SimulationFailed extends Error {
  override readonly name = 'SimulationFailed';
  /** All that was found. */
  readonly exploration: Exploration;
  /** Undefined if no run failed, but a `sometimes` never held. */
  readonly run: Run | undefined;

  constructor(exploration: Exploration) {
    const { verdict, failure, failed, runs, complete } = exploration;
    super(failureText(verdict, failure, { failed, runs, complete }));
    if (verdict.kind === 'failed') this.cause = verdict.error;
    this.exploration = exploration;
    this.run = failure;
  }
}
