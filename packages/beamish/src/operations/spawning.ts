/** New actors: a cell, its options, its place among the living, and the protocol of a start. */

import { Mailbox } from '../mailbox/mailbox.ts';
import { link, tie, untie } from '../signals/links.ts';
import { giveName, localName } from '../signals/registry.ts';
import { Request } from '../signals/requests.ts';
import { startAlarm } from '../signals/timers.ts';
import { beginExit } from '../signals/wake.ts';
import { startWatch } from '../signals/watches.ts';
import { type ActorCell, makeCell } from '../state/actor-cell.ts';
import { addActor } from '../state/actor-table.ts';
import { coldStateOf, type StartOutcome } from '../state/cold-state.ts';
import { type Lineage, lineageFrom } from '../state/lineage.ts';
import { PARKED, REMOTE } from '../state/status.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { Outcome } from '../terms/operation.ts';
import { name as anyName, type Pid, ProcessId, type ReplyTo } from '../terms/pid.ts';
import {
  type AnyOptions,
  type AnySpawnable,
  bodyName,
  hasInit,
  LOADING,
  type Plan,
  planOf,
} from '../terms/spawnable.ts';

/** Spawns an actor whose parent is `parent`. It runs on a turn of its own, after this one. @throws TypeError for what is no body. */
export function launch(
  parent: ActorCell,
  spawnable: AnySpawnable,
  args: readonly unknown[],
): ActorCell {
  return launchPlan(parent, planOf(spawnable), args);
}

/** With `serial`, the actor has been promised that one. */
export function launchPlan(
  parent: ActorCell,
  plan: Plan,
  args: readonly unknown[],
  serial?: number,
): ActorCell {
  const { system } = parent;
  if (plan.options?.place !== undefined) {
    const place = plan.options.place();
    if (place !== system.name) return launchElsewhere(parent, place, plan, args);
  }
  // First, as it may throw.
  const name = wantedName(system, plan);
  const cell = makeCell(
    system,
    plan.body,
    args,
    childLineageOf(parent),
    serial ?? ++system.serials,
  );
  addActor(cell);
  if (plan.body === LOADING) {
    // It is made ready when its code is there.
    cell.status = PARKED;
  } else {
    system.ready.push(cell);
    if (!system.awake) system.wake();
  }
  if (system.tapSpawned !== undefined) system.tapSpawned(cell.pid, parent.pid, bodyName(plan.body));
  system.reports.spawned(cell);
  if (plan.options !== undefined) applyOptions(cell, parent, plan.options);
  if (name !== undefined) claimName(cell, name);
  return cell;
}

/** Nobody knows yet whether it will run there; whoever links to it or monitors it will hear. */
function launchElsewhere(
  parent: ActorCell,
  place: string,
  plan: Plan,
  args: readonly unknown[],
  started?: ReplyTo,
): ActorCell {
  const { code, options, body } = plan;
  if (code === undefined) {
    throw new TypeError(
      `Cannot spawn ${body.name} in ${place}: only a body made by portable(…) can run elsewhere`,
    );
  }
  const { system } = parent;
  const peer = system.distribution?.peers.get(place);
  if (peer === undefined) return lostCell(system, place);
  const cell = peer.spawn(parent.pid, { code, args, options, started, trapping: parent.trapExit });
  if (options?.link === true) link(parent, cell.pid);
  return cell;
}

/** An actor of a system that is not reached: an address, and nobody behind it. */
function lostCell(system: SystemState, place: string): ActorCell {
  const cell = makeCell(system, LOADING, [], undefined, 0);
  cell.status = REMOTE;
  (cell as { pid: Pid }).pid = new ProcessId(place, 0, ++system.serials, undefined);
  return cell;
}

/** Links an actor to one that it has just spawned. */
export function tieToNew(parent: ActorCell, cell: ActorCell): void {
  if (cell.status === REMOTE) link(parent, cell.pid);
  else tie(parent, cell);
}

function childLineageOf(parent: ActorCell): Lineage {
  parent.childLineage ??= lineageFrom(parent.pid, parent.lineage);
  return parent.childLineage;
}

function applyOptions(cell: ActorCell, parent: ActorCell, options: AnyOptions): void {
  if (options.link === true) tie(parent, cell);
  if (options.mailbox !== undefined) {
    cell.mailbox = new Mailbox(options.mailbox.limit);
    coldStateOf(cell).overflow = options.mailbox.overflow;
  }
}

function claimName(cell: ActorCell, name: string): void {
  if (cell.system.names.has(name)) beginExit(cell, 'already_started');
  else giveName(cell, name);
}

/**
 * Starts an actor, linked to `parent`. `answer` is called once, later, unless the outcome is returned
 * at once. `by` is the actor that waits for the answer.
 */
export function start(
  parent: ActorCell,
  by: ActorCell | undefined,
  spawnable: AnySpawnable,
  args: readonly unknown[],
  answer: (outcome: StartOutcome) => void,
): StartOutcome | undefined {
  const plan = planOf(spawnable);
  const { system } = parent;
  const place = plan.options?.place?.() ?? system.name;
  if (place !== system.name) return startElsewhere(parent, by, place, plan, args, answer);
  const name = wantedName(system, plan);
  const holder = name === undefined ? undefined : system.names.get(name);
  if (holder !== undefined) return { ok: false, reason: 'already_started', pid: holder.pid };
  const cell = launchPlan(parent, here(plan), args);
  tie(parent, cell);
  cell.supervised = true;
  if (!hasInit(plan.body)) return { ok: true, pid: cell.pid };
  awaitStart(cell, parent, by, plan.options?.startTimeoutMs, answer);
  return undefined;
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

/** As `start`: the answer comes as the reply to a request, or there is none because the system is lost. */
function startElsewhere(
  parent: ActorCell,
  by: ActorCell | undefined,
  place: string,
  plan: Plan,
  args: readonly unknown[],
  answer: (outcome: StartOutcome) => void,
): StartOutcome | undefined {
  const peer = parent.system.distribution?.peers.get(place);
  if (peer === undefined) {
    if (by?.trapExit === false) link(by, lostCell(parent.system, place).pid);
    return { ok: false, reason: 'noconnection' };
  }
  const request = hasInit(plan.body) ? new Request(parent, parent.pid, plan.body.name) : undefined;
  const cell = launchElsewhere(parent, place, plan, args, request?.replyTo);
  tieToNew(parent, cell);
  if (request === undefined) return { ok: true, pid: cell.pid };
  request.settled = () => {
    const outcome = request.outcome as Outcome<StartOutcome>;
    const started = outcome.ok ? outcome.value : outcome;
    // Who traps exits has the answer, and needs no EXIT besides.
    if (!started.ok && by?.trapExit === true) untie(by, cell);
    answer(started.ok ? { ok: true, pid: cell.pid } : started);
  };
  // The answer comes whatever becomes of the actor, unless its whole system is lost.
  startWatch(request, parent, peer.remoteCell(anyName('*', place)));
  return undefined;
}

/** @throws TypeError for what is no name of this system. */
function wantedName(system: SystemState, { options }: Plan): string | undefined {
  return options?.name === undefined ? undefined : localName(system, options.name, 'register');
}

/** The time to start is up. The one who waits gets the answer and no exit signal. */
function giveUpStart(cell: ActorCell, parent: ActorCell): void {
  const starting = cell.cold?.starting;
  if (starting === undefined) return;
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
