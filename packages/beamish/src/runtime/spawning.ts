/** New actors: a cell, its options, its place among the living, and the protocol of a start. */

import { type ActorCell, type Home, makeCell, rareOf, type StartOutcome } from './actor-cell.ts';
import { type AnyOptions, type AnySpawnable, hasInit, type Plan, planOf } from './body.ts';
import { doom } from './delivery.ts';
import { type Lineage, lineageFrom } from './lineage.ts';
import { Mailbox } from './mailbox.ts';
import { giveName, localName } from './registry.ts';
import { tie } from './relations.ts';
import { joinTheLiving } from './termination.ts';
import { startAlarm } from './timers.ts';

/** Spawns an actor whose parent is `parent`. It runs on a turn of its own, after this one. @throws TypeError for what is no body. */
export function launch(
  parent: ActorCell,
  spawnable: AnySpawnable,
  args: readonly unknown[],
): ActorCell {
  return launchPlan(parent, planOf(spawnable), args);
}

export function launchPlan(parent: ActorCell, plan: Plan, args: readonly unknown[]): ActorCell {
  const { home } = parent;
  // First, as it may throw.
  const name = wantedName(home, plan);
  const cell = makeCell(home, plan.body, args, broodOf(parent));
  joinTheLiving(cell);
  home.ready.push(cell);
  if (!home.awake) home.wake();
  if (home.tap !== undefined) home.tap.spawned(cell.pid, parent.pid, plan.body.name);
  home.reports.spawned(cell);
  if (plan.options !== undefined) applyOptions(cell, parent, plan.options);
  if (name !== undefined) claimName(cell, name);
  return cell;
}

function broodOf(parent: ActorCell): Lineage {
  parent.brood ??= lineageFrom(parent.pid, parent.lineage);
  return parent.brood;
}

function applyOptions(cell: ActorCell, parent: ActorCell, options: AnyOptions): void {
  if (options.link === true) tie(parent, cell);
  if (options.mailbox !== undefined) {
    cell.mailbox = new Mailbox(options.mailbox.limit);
    rareOf(cell).overflow = options.mailbox.overflow;
  }
}

function claimName(cell: ActorCell, name: string): void {
  if (cell.home.names.has(name)) doom(cell, 'already_started');
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
  const { home } = parent;
  const name = wantedName(home, plan);
  const holder = name === undefined ? undefined : home.names.get(name);
  if (holder !== undefined) return { ok: false, reason: 'already_started', pid: holder.pid };
  const cell = launchPlan(parent, plan, args);
  tie(parent, cell);
  const rare = rareOf(cell);
  rare.supervised = true;
  if (!hasInit(plan.body)) return { ok: true, pid: cell.pid };
  const ms = plan.options?.startTimeoutMs;
  const stopAlarm =
    ms === undefined ? undefined : startAlarm(home, ms, () => giveUpStart(cell, parent));
  rare.starting = {
    by,
    failure: undefined,
    answer(outcome) {
      rare.starting = undefined;
      stopAlarm?.();
      answer(outcome);
    },
  };
  return undefined;
}

/** @throws TypeError for what is no name of this system. */
function wantedName(home: Home, { options }: Plan): string | undefined {
  return options?.name === undefined ? undefined : localName(home, options.name, 'register');
}

/** The time to start is up. The one who waits gets the answer and no exit signal. */
function giveUpStart(cell: ActorCell, parent: ActorCell): void {
  const starting = cell.rare?.starting;
  if (starting === undefined) return;
  starting.failure = { reason: 'timeout' };
  cell.bonds?.links?.delete(parent.pid);
  parent.bonds?.links?.delete(cell.pid);
  doom(cell, 'killed');
}

/** A body that starts by init has started. */
export function initialised(cell: ActorCell, extra?: unknown): void {
  const { pid } = cell;
  cell.rare?.starting?.answer(extra === undefined ? { ok: true, pid } : { ok: true, pid, extra });
}

/** A body that starts by init is about to end for this reason, which its exit reason does not say. */
export function failStart(cell: ActorCell, reason: unknown): void {
  const starting = cell.rare?.starting;
  if (starting !== undefined) starting.failure = { reason };
}
