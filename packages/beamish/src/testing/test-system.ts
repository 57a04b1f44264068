/** An actor system on a virtual clock with a seeded schedule: a test of it has no luck. */

import type { CrashReport } from '../reports/crash-report.ts';
import type { SystemEvents } from '../reports/events.ts';
import { environment } from '../seams/environment.ts';
import { ActorSystem, type SystemOptions } from '../system/system.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import type { Message, Pid } from '../terms/pid.ts';
import { showAddress } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import { type Inbox, inboxOf } from './inbox.ts';
import { seededDecisions } from './seeded-decisions.ts';
import { type Told, toldBy } from './told.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The seed of tests that give none: `BEAMISH_SEED=7` replays one schedule. */
export const SEED = Number(environment('BEAMISH_SEED') ?? 1);

/** Virtual ms after which something that was waited for will not come. */
const LONG_MS = 60_000;

export interface TestSystem extends ActorSystem {
  /** What its schedule is made of: the same seed, the same run. */
  readonly seed: number;
  /** Its time, which goes on only when it is told to. */
  readonly clock: VirtualClock;
  /** Runs until nothing happens without time. */
  settle(): Promise<void>;
  /** Settles, moves the clock, settles. */
  advance(ms: number): Promise<void>;
  /** Lets time pass until `condition` is true, 60,000 virtual ms unless `withinMs` says otherwise. @throws Error when it does not become so. */
  until(condition: () => boolean, withinMs?: number): Promise<void>;
  /** What comes of something awaited, while time passes; rejects after 60,000 virtual ms. */
  result<T>(awaited: PromiseLike<T>): Promise<T>;
  /** An actor whose mail the test reads. */
  inbox<M extends Message = Message>(): Inbox<M>;
  /** Why an actor ended, once it has and `settle` has run. */
  reasonOf(pid: Pid): ExitReason;
  /** Everything of one kind that the system has told so far. */
  told<E extends keyof Told>(event: E): Told[E];
  /** The crashes that no call of this has returned yet; those that it returns were expected. */
  crashes(): readonly CrashReport[];
  /** The dead letters that no call of this has returned yet; those that it returns were expected. */
  deadLetters(): readonly SystemEvents['dead_letter'][];
  /** @throws Error that lists the crashes and dead letters that nobody has asked for. */
  check(): void;
}

/**
 * An actor system for a test, with any test runner. With `await using`, it is shut down at the end of the
 * test, which fails if there was a crash or a dead letter that it has not asked for.
 *
 * ```ts
 * await using tested = testSystem();
 * const inbox = tested.inbox<{ tag: 'tick' }>();
 * tested.sendAfter(5000, inbox.pid, { tag: 'tick' });
 * await inbox.expectNothing(4999);
 * await inbox.receive('tick').within(1); // { tag: 'tick' }
 * ```
 *
 * With another `seed` the actors take their turns in another order. Not controlled: promises of the
 * test's own, which have real time.
 */
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
  const asked = { crash: 0, dead_letter: 0 };
  const rest = <E extends keyof typeof asked>(event: E): Told[E] => {
    const from = asked[event];
    asked[event] = told[event].length;
    return told[event].slice(from) as Told[E];
  };
  const tested: TestSystem = Object.assign(system, {
    seed,
    clock,
    settle: () => clock.settle(),
    advance: (ms: number) => clock.advance(ms),
    until: (condition: () => boolean, withinMs = LONG_MS) =>
      clock.advanceUntil(condition, withinMs),
    result: <T>(awaited: PromiseLike<T>) => resultOn(clock, awaited),
    inbox: <M extends Message>() => inboxOf<M>(system, clock),
    reasonOf: (pid: Pid) => told.exit.find((exit) => exit.pid === pid)?.reason,
    told: <E extends keyof Told>(event: E): Told[E] => told[event],
    crashes: () => rest('crash'),
    deadLetters: () => rest('dead_letter'),
    check() {
      const faults = [
        ...rest('crash').map(({ pid, reason }) => `crash of ${showAddress(pid)}: ${show(reason)}`),
        ...rest('dead_letter').map(
          ({ to, message, why }) => `dead letter to ${showAddress(to)} (${why}): ${show(message)}`,
        ),
      ];
      if (faults.length > 0)
        throw new Error(
          `The test has not asked for these, seed ${seed}:\n  ${faults.join('\n  ')}`,
        );
    },
    async [Symbol.asyncDispose]() {
      await resultOn(clock, system.shutdown());
      tested.check();
    },
  });
  return tested;
}

async function resultOn<T>(clock: VirtualClock, awaited: PromiseLike<T>): Promise<T> {
  let isSettled = false;
  const settled = Promise.resolve(awaited).finally(() => {
    isSettled = true;
  });
  // Whoever awaits the result hears of a failure, and only after time has passed.
  settled.catch(() => {});
  await clock.advanceUntil(() => isSettled, LONG_MS);
  return await settled;
}
