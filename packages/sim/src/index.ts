/** @beamish/sim: every schedule of a program made of actors, explored. */

export type { ByArrivals } from './dependence.ts';
export { type Exploration, type Placing, SimulationFailed } from './exploration.ts';
export { check, explore, simulate } from './explore.ts';
export {
  crash,
  cut,
  type Fault,
  type FaultOptions,
  kill,
  restart,
  stall,
} from './faults.ts';
export type { ExploreOptions, RunOptions, SimOptions } from './options.ts';
export type { Pattern, Whom } from './pattern.ts';
export type { Run, SerializedRun } from './run.ts';
export type { Client, Scenario, Sim } from './scenario.ts';
export type { ReplayKey, Schedule } from './schedule.ts';
export type { Deed, DeedKind, Step, StepKind } from './step.ts';
export type { Exhaustive, StrategyName as Strategy } from './strategies.ts';
export type { Vacuous, Verdict, Waiting } from './verdict.ts';
