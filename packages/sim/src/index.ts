/** @beamish/sim: every schedule of a program made of actors, explored. */

export type { ByArrivals } from './dependence.ts';
export {
  check,
  type Exhaustive,
  type Exploration,
  type ExploreOptions,
  explore,
  type RunOptions,
  type SimOptions,
  SimulationFailed,
  simulate,
} from './explore.ts';
export type { Run } from './run.ts';
export type { Client, Scenario, Sim } from './scenario.ts';
export type { Deed, DeedKind, Step, StepKind } from './step.ts';
export type { Verdict, Waiting } from './verdict.ts';
