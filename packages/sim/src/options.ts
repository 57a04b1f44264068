/** How scenarios are run and explored, and what is taken where nothing is said. */

import type { SystemOptions } from 'beamish';
import { type Fault, systemsIn } from './faults.ts';
import type { Judging } from './judging.ts';
import { MAIN } from './labels.ts';
import { digestOf, type KeyOptions, type ReplayKey, type Schedule } from './schedule.ts';
import type { StrategyName } from './strategies.ts';

/** How a scenario is run. */
export interface SimOptions {
  /**
   * How fast code is. `'instant'` (default): a timer rings only when nobody can run. `'any'`: whoever is
   * to run may be late by any time, so that each timer may ring before any step; deadlines keep their order.
   */
  readonly speed?: 'instant' | 'any';
  /** What goes wrong besides, at any place. Default: nothing. */
  readonly faults?: readonly Fault[];
  /** More systems than `'main'`, connected to it and to each other as threads are, in memory. */
  readonly systems?: readonly string[];
  /** A run of more steps is a livelock. Default 10,000. */
  readonly maxSteps?: number;
  /** Actors that may crash, by label: `'worker*'`. Those with a supervisor may in any case. Default: nobody. */
  readonly mayCrash?: readonly string[];
  /** What may be left when the scenario has ended: actors that nobody supervises or is linked to, timers, messages that nobody took. Default `'anything'`. */
  readonly leftovers?: 'anything' | 'nothing';
  /** `Date.now`, `performance.now`, `Math.random`, `setTimeout` and their kin in the code of actors. Default: `'virtual'`. */
  readonly globals?: 'virtual' | 'forbidden' | 'real';
  /** How a message reaches another actor: see `SystemOptions` of beamish. */
  readonly messages?: SystemOptions['messages'];
}

/** Options of `simulate`. */
export interface RunOptions extends SimOptions {
  /** Default: `{ seed: 1 }`. */
  readonly schedule?: Schedule;
}

/** Options of `explore` and `check`. */
export interface ExploreOptions extends SimOptions {
  /** Which schedules, and in which order. Default `'auto'`. */
  readonly strategy?: StrategyName;
  /** Whatever comes first ends the exploration. Default `{ runs: 10_000, ms: 2_000 }`; `BEAMISH_SIM_RUNS`, `BEAMISH_SIM_MS`. */
  readonly budget?: { readonly runs?: number; readonly ms?: number };
  /** Of the random strategies. Default 1; `BEAMISH_SEED`. */
  readonly seed?: number;
  /** Only this run; `BEAMISH_REPLAY`. */
  readonly replay?: ReplayKey;
  /** Stop at the first failure (default), or find all that differ in kind or place. */
  readonly failures?: 'first' | 'all';
  /** Runs to spend on making a failure smaller. Default 500; 0 for none. */
  readonly shrinkRuns?: number;
  /** Every so many runs, one is run twice and compared. Default 50; 0 for never. A failing run always is. */
  readonly compareEvery?: number;
}

const MAX_STEPS = 10_000;

/** All of `SimOptions`, and how runs are judged. */
export type Settled = Required<Omit<SimOptions, 'messages'>> &
  Pick<SimOptions, 'messages'> & { readonly judging: Judging; readonly keyed: KeyOptions };

/** @throws TypeError or RangeError for what is no option. */
export function settled(options: SimOptions): Settled {
  const { speed = 'instant', globals = 'virtual', leftovers = 'anything' } = options;
  const { faults = [], systems = [], mayCrash = [], maxSteps = MAX_STEPS, messages } = options;
  oneOf('speed', speed, ['instant', 'any']);
  oneOf('globals', globals, ['virtual', 'forbidden', 'real']);
  oneOf('leftovers', leftovers, ['anything', 'nothing']);
  if (!(maxSteps > 0))
    throw new RangeError(`Cannot run ${maxSteps} steps: that is a number above 0`);
  for (const fault of faults) checkSystems(fault, [MAIN, ...systems]);
  const others = { faults: faults.map(factsOf), systems, globals, messages };
  const isDefault = faults.length + systems.length === 0 && globals === 'virtual';
  const digest = isDefault && messages === undefined ? '' : digestOf([JSON.stringify(others)], 2);
  return {
    speed,
    globals,
    leftovers,
    faults,
    systems,
    mayCrash,
    maxSteps,
    messages,
    judging: { maxSteps, leftovers },
    keyed: { speed, others: digest },
  };
}

function checkSystems(fault: Fault, known: readonly string[]): void {
  for (const name of systemsIn(fault)) {
    if (!known.includes(name))
      throw new TypeError(
        `Cannot ${fault.kind} the system "${name}": the systems of the run are ${known.join(', ')}`,
      );
    if (fault.kind === 'restart' && name === MAIN)
      throw new TypeError(
        `Cannot restart "${MAIN}": the scenario is in it, and its run would end with it`,
      );
  }
}

/** What of a fault changes the steps. */
function factsOf({ kind, whom, times, from, ms }: Fault): unknown {
  return { kind, whom: typeof whom === 'string' ? whom : whom.name, times, from, ms };
}

function oneOf(what: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  throw new TypeError(`Cannot simulate with ${what} "${value}": it is ${allowed.join(' or ')}`);
}

const environment = (
  globalThis as { readonly process?: { readonly env?: Readonly<Record<string, string>> } }
).process?.env;

/** With what the environment says. */
export function exploring(options: ExploreOptions): {
  readonly runs: number;
  readonly ms: number;
  readonly seed: number;
  readonly replay: ReplayKey | undefined;
} {
  const { budget = {} } = options;
  return {
    runs: budget.runs ?? numberIn('BEAMISH_SIM_RUNS') ?? 10_000,
    // Who counts runs does not count time, unless that is said, too.
    ms: budget.ms ?? numberIn('BEAMISH_SIM_MS') ?? (budget.runs === undefined ? 2_000 : 600_000),
    seed: options.seed ?? numberIn('BEAMISH_SEED') ?? 1,
    replay: options.replay ?? (environment?.['BEAMISH_REPLAY'] as ReplayKey | undefined),
  };
}

function numberIn(variable: string): number | undefined {
  const text = environment?.[variable];
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  if (Number.isFinite(number)) return number;
  throw new TypeError(`Cannot take ${variable}=${text}: it is a number`);
}
