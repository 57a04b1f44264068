/** What came of many runs, as a value and as the error of a test. */

import { failureText } from './failure-text.ts';
import type { Run } from './run.ts';
import type { ReplayKey } from './schedule.ts';
import type { Vacuous, Verdict } from './verdict.ts';

/** What an exploration has found. */
export interface Exploration {
  /** The first failure's, or `passed`; `vacuous` if something that was asked for never came: see `Vacuous`. */
  readonly verdict: Verdict | Vacuous;
  /** The first failure, made small. */
  readonly failure: Run | undefined;
  /** One of each that was found: see `ExploreOptions.failures`. */
  readonly failures: readonly Run[];
  /** Runs to the end. After a first failure a few more count, if with them every schedule is covered. */
  readonly runs: number;
  /** Runs that failed. */
  readonly failed: number;
  /** Runs that were given up because they would have repeated others. */
  readonly redundant: number;
  /** Every schedule of this scenario with these options has been covered. */
  readonly complete: boolean;
  /** Classes seen that some actor could tell apart. */
  readonly classes: number;
  /** Of all runs. */
  readonly steps: number;
  /** That it took, of the host's time. */
  readonly ms: number;
  /** Of each `sometimes`, in how many runs it held. */
  readonly sometimes: Readonly<Record<string, number>>;
  /** The first failure as it was found, and with how many runs it was made small. */
  readonly shrunk:
    | { readonly steps: number; readonly switches: number; readonly runs: number }
    | undefined;
  /** One line: `complete: 7 of 7 schedules`, or `not complete: 10,000 runs, 812 classes, 3 new in the last 1,000`. */
  toString(): string;
}

/** What a test runner knows of a failure. */
export interface Placing {
  /** Keeps a diagram, and says where. */
  readonly keep?: (diagram: string) => string | undefined;
  /** What to type to run it again. */
  readonly again?: (key: ReplayKey) => string;
}

/** A scenario fails in some schedule, or claims what never is. */
export class SimulationFailed extends Error {
  override readonly name = 'SimulationFailed';
  /** All that was found. */
  readonly exploration: Exploration;
  /** The failing run, made small. Undefined if no run failed, but something never came: see `Vacuous`. */
  readonly run: Run | undefined;

  /** `placing` is for who writes an entry for a test runner. */
  constructor(exploration: Exploration, placing: Placing = {}) {
    const { verdict, failure, failed, runs, complete, shrunk } = exploration;
    const again = placing.again ?? ((key) => `simulate(scenario, { schedule: { key: '${key}' } })`);
    super(
      failureText(verdict, {
        run: failure,
        failed,
        runs,
        complete,
        found: shrunk,
        shrinkRuns: shrunk?.runs ?? 0,
        diagram: failure && placing.keep?.(failure.toMermaid({ only: 'cause' })),
        again: failure && again(failure.key),
      }),
    );
    if (verdict.kind === 'failed') this.cause = verdict.error;
    this.exploration = exploration;
    this.run = failure;
  }
}
