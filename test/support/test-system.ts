/** An actor system on a virtual clock with a seeded schedule: a test of it has no luck. */

import { ActorSystem, type ExitReason, type Pid, type SystemOptions } from 'beamish';
import { seededDecisions } from './seeded-decisions.ts';
import { type Told, toldBy } from './told.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Replays one schedule: `BEAMISH_SEED=7 npm test`. */
export const SEED = Number(process.env['BEAMISH_SEED'] ?? 1);

export interface TestSystem extends ActorSystem {
  readonly seed: number;
  readonly clock: VirtualClock;
  /** Runs until nothing happens without time. */
  settle(): Promise<void>;
  /** Settles, moves the clock, settles. */
  advance(ms: number): Promise<void>;
  /** Why an actor ended, once it has and `settle` has run. */
  reasonOf(pid: Pid): ExitReason;
  /** Everything of one kind that the system has told so far. */
  told<E extends keyof Told>(event: E): Told[E];
}

export function testSystem(options: SystemOptions & { readonly seed?: number } = {}): TestSystem {
  const { seed = SEED, ...others } = options;
  const clock = new VirtualClock();
  const system = new ActorSystem({
    name: 'test',
    log: 'off',
    clock,
    decisions: seededDecisions(seed),
    ...others,
  });
  const told = toldBy(system);
  return Object.assign(system, {
    seed,
    clock,
    settle: () => clock.settle(),
    advance: (ms: number) => clock.advance(ms),
    reasonOf: (pid: Pid) => told.exit.find((exit) => exit.pid === pid)?.reason,
    told: <E extends keyof Told>(event: E): Told[E] => told[event],
  });
}
