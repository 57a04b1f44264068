/**
 * The handshake of a start (OTP's proc_lib), between who starts an actor and the actor itself:
 *
 * 1. `start` launches the actor, linked to its parent. A body without an init has started by that, and
 *    the outcome is returned at once. A name that is taken fails it before anything is launched.
 * 2. Of any other, `cold.starting` says from now on whom to tell, and `startTimeoutMs` sets an alarm.
 * 3. The body says how its init went: `initialised` (`ok`, with `extra`), or `failStart` with a reason, after
 *    which it ends. A server and a supervisor say so for their users (`otp/server`, `otp/supervision`).
 * 4. If it ends without a word, `conclude` (`turn/termination`) answers with its exit reason; if the alarm
 *    rings, `giveUpStart` unlinks and kills it, and that answer is `'timeout'`.
 * 5. Whoever waits and traps exits gets the answer and no EXIT besides; who does not trap dies with the
 *    actor, by the link.
 *
 * In another system, steps 2 to 4 are done there (`distribution/placing`, `distribution/incoming-spawns`), and the
 * answer comes as the reply to a request that only the loss of that system fails.
 */

import { tie, untie } from '../signals/links.ts';
import { startAlarm } from '../signals/timers.ts';
import { beginExit, resume } from '../signals/wake.ts';
import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import { type Awaited, coldStateOf, type StartOutcome } from '../state/cold-state.ts';
import type { Placing } from '../state/placing.ts';
import type { Operation } from '../terms/operation.ts';
import type { Name, Pid } from '../terms/pid.ts';
import { type AnySpawnable, hasInit, type Plan, planOf } from '../terms/spawnable.ts';
import { holderOf, launchPlan, wantedName } from './spawning.ts';
import { park, Suspension, undecided } from './suspension.ts';

/** Who waits for the outcome of a start, told once: an actor, which is resumed with it, or somebody outside. */
type Waiter = ActorCell | ((outcome: StartOutcome) => void);

/**
 * Starts an actor, linked to `parent`, by this name or the one that it is configured with. The outcome is returned, if
 * it is known at once, or `waiter` is told later.
 */
export function start(
  parent: ActorCell,
  waiter: Waiter,
  spawnable: AnySpawnable,
  args: readonly unknown[],
  name?: string | Name,
): StartOutcome | undefined {
  const plan = planOf(spawnable, name);
  const { system } = parent;
  const signal = plan.options?.signal;
  if (signal?.aborted === true) return { ok: false, reason: signal.reason };
  const placing = plan.options?.place as Placing | undefined;
  const place = placing?.choose() ?? system.name;
  if (placing !== undefined && place !== system.name)
    return placing.start(parent, actorOf(waiter), place, plan, args, answerTo(waiter));
  const holder = holderOf(system, wantedName(system, plan));
  if (holder !== undefined) return { ok: false, reason: 'already_started', pid: holder.pid };
  const cell = launchPlan(parent, here(plan), args);
  tie(parent, cell);
  cell.supervised = true;
  if (!hasInit(plan.body)) return { ok: true, pid: cell.pid };
  const by = actorOf(waiter);
  if (by !== undefined) willWaitFor(by, cell.pid);
  awaitStart(cell, parent, by, plan.options?.startTimeoutMs, answerTo(waiter));
  return undefined;
}

function actorOf(waiter: Waiter): ActorCell | undefined {
  return typeof waiter === 'function' ? undefined : waiter;
}

function answerTo(waiter: Waiter): (outcome: StartOutcome) => void {
  return typeof waiter === 'function' ? waiter : (outcome) => resume(waiter, outcome);
}

/** Where it is to run has been decided. */
function here(plan: Plan): Plan {
  if (plan.options?.place === undefined) return plan;
  const { place: _, ...options } = plan.options;
  return { ...plan, options };
}

/** Calls `answer` once the actor has started, or failed to. */
export function awaitStart(
  cell: ActorCell,
  parent: ActorCell,
  by: ActorCell | undefined,
  ms: number | undefined,
  answer: (outcome: StartOutcome) => void,
): void {
  const cold = coldStateOf(cell);
  const stopAlarm =
    ms === undefined ? undefined : startAlarm(cell.system, ms, () => giveUpStart(cell, parent));
  cold.starting = {
    by,
    failure: undefined,
    answer(outcome) {
      cold.starting = undefined;
      stopAlarm?.();
      answer(outcome);
    },
  };
}

/** The time to start is up. The one who waits gets the answer and no exit signal. Who is to end already answers with that. */
function giveUpStart(cell: ActorCell, parent: ActorCell): void {
  const starting = cell.cold?.starting;
  if (starting === undefined || !isAlive(cell)) return;
  starting.failure = { reason: 'timeout' };
  untie(cell, parent);
  beginExit(cell, 'killed');
}

/** A body that starts by init has started. */
export function initialised(cell: ActorCell, extra?: unknown): void {
  const { pid } = cell;
  cell.cold?.starting?.answer(extra === undefined ? { ok: true, pid } : { ok: true, pid, extra });
}

/** A body that starts by init is about to end for this reason, which its exit reason does not say. */
export function failStart(cell: ActorCell, reason: unknown): void {
  const starting = cell.cold?.starting;
  if (starting !== undefined) starting.failure = { reason };
}

/** Spawns with a link, and waits until the actor has started or failed to. */
export function starting(
  cell: ActorCell,
  spawnable: AnySpawnable,
  args: readonly unknown[],
): Operation<StartOutcome> {
  return new Suspension<StartOutcome>(cell, {
    begin() {
      return beginStart(cell, spawnable, args) ?? parkForStart(cell);
    },
    resume: startOutcome,
  });
}

/** The first half of `starting`: the outcome, if it is known at once, as it is of most bodies. */
export function beginStart(
  cell: ActorCell,
  spawnable: AnySpawnable,
  args: readonly unknown[],
  name?: string | Name,
): StartOutcome | undefined {
  return start(cell, cell, spawnable, args, name);
}

/** The second half, of a start that takes time. */
export function startBegun(cell: ActorCell): Operation<StartOutcome> {
  return new Suspension<StartOutcome>(cell, { begin: parkForStart, resume: startOutcome });
}

/** What it will be parked for, which it does not know itself. */
export function willWaitFor(by: ActorCell, pid: Pid): void {
  coldStateOf(by).waitingFor = { why: 'start', what: 'an actor to start', target: pid };
}

function parkForStart(cell: ActorCell): typeof undecided {
  park(cell, coldStateOf(cell).waitingFor as Awaited);
  return undecided;
}

function startOutcome(_: ActorCell, resumeValue: unknown): StartOutcome {
  return resumeValue as StartOutcome;
}
