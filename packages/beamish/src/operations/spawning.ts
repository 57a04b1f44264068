/** New actors: a cell, its options, its place among the living. */

import { newMailbox } from '../signals/delivery.ts';
import { link, tie } from '../signals/links.ts';
import { giveName, localName } from '../signals/registry.ts';
import { Via } from '../signals/via.ts';
import { beginExit } from '../signals/wake.ts';
import { type ActorCell, makeCell } from '../state/actor-cell.ts';
import { addActor } from '../state/actor-table.ts';
import { coldStateOf } from '../state/cold-state.ts';
import { type Lineage, lineageFrom } from '../state/lineage.ts';
import type { Placing } from '../state/placing.ts';
import { PARKED, REMOTE } from '../state/status.ts';
import type { SystemState } from '../state/system-state-types.ts';
import {
  type AnyOptions,
  type AnySpawnable,
  bodyName,
  LOADING,
  type Plan,
  planOf,
} from '../terms/spawnable.ts';
import { endOnAbort } from './abort.ts';

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
  const placing = plan.options?.place as Placing | undefined;
  const place = placing?.choose() ?? system.name;
  if (placing !== undefined && place !== system.name)
    return placing.launch(parent, place, plan, args);
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
  if (plan.options?.signal !== undefined) endOnAbort(parent, cell, plan.options.signal);
  if (system.closing) beginExit(cell, 'shutdown');
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
    cell.mailbox = newMailbox(cell, options.mailbox.limit);
    coldStateOf(cell).overflow = options.mailbox.overflow;
  }
}

function claimName(cell: ActorCell, name: string | Via): void {
  if (typeof name !== 'string') {
    if (!name.claim(cell)) beginExit(cell, 'already_started');
  } else if (cell.system.names.has(name)) beginExit(cell, 'already_started');
  else giveName(cell, name);
}

/** @throws TypeError for what is no name of this system, or one that nobody can have. */
export function wantedName(system: SystemState, { options }: Plan): string | Via | undefined {
  const name = options?.name;
  if (name === undefined) return undefined;
  if (!(name instanceof Via)) return localName(system, name, 'register');
  name.check(system);
  return name;
}

/** Who has it already. */
export function holderOf(
  system: SystemState,
  name: string | Via | undefined,
): ActorCell | undefined {
  if (name === undefined) return undefined;
  return typeof name === 'string' ? system.names.get(name) : name.holder(system);
}
