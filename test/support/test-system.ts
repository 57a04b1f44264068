/** An actor system on a virtual clock with a seeded schedule: a test of it has no luck. */

import {
  ActorSystem,
  type ExitReason,
  type Pid,
  type SystemEvents,
  type SystemOptions,
} from 'beamish';
import { seededDecisions } from './seeded-decisions.ts';
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
  told<E extends keyof SystemEvents>(event: E): readonly SystemEvents[E][];
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
  const told: { [E in keyof SystemEvents]: SystemEvents[E][] } = {
    spawn: [],
    exit: [],
    crash: [],
    restart: [],
    supervisor: [],
    system_up: [],
    system_down: [],
    dead_letter: [],
    listener_failed: [],
  };
  for (const event of Object.keys(told) as (keyof SystemEvents)[]) {
    system.events.on(event, (what) => (told[event] as unknown[]).push(what));
  }
  return Object.assign(system, {
    seed,
    clock,
    settle: () => clock.settle(),
    advance: (ms: number) => clock.advance(ms),
    reasonOf: (pid: Pid) => told.exit.find((exit) => exit.pid === pid)?.reason,
    told: <E extends keyof SystemEvents>(event: E): readonly SystemEvents[E][] => told[event],
  });
}
