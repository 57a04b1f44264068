/** The supervision trees, of all threads one. */

import type { ActorRecord } from '../model/actor-record.ts';
import type { Model } from '../model/model.ts';
import type { ActorFilter, TreeNode } from '../terms/view.ts';
import type { PidText } from '../terms/wire.ts';
import { selecting, view } from './select.ts';

/** An actor in its place, as records. */
export interface Place {
  readonly actor: ActorRecord;
  readonly children: readonly Place[];
}

/**
 * What has no parent that is known and alive stands at the top; what has ended stays below its parent, dead
 * or not. A filter keeps who is asked for, and who stands above them.
 */
export function placesOf(model: Model, filter?: ActorFilter): readonly Place[] {
  const isWanted = selecting(model, filter);
  const isShown = selecting(model, { ended: filter?.ended ?? false });
  const below = new Map<PidText | undefined, ActorRecord[]>();
  for (const actor of model.actors()) {
    if (!isShown(actor)) continue;
    const above = parentShown(model, actor, isShown);
    const siblings = below.get(above);
    if (siblings === undefined) below.set(above, [actor]);
    else siblings.push(actor);
  }
  return grow(undefined, below, isWanted, filter !== undefined);
}

export function treeOf(model: Model, filter: ActorFilter | undefined, now: number): TreeNode[] {
  const node = ({ actor, children }: Place): TreeNode => ({
    actor: view(model, actor, now),
    children: children.map(node),
    ...(actor.supervising === undefined
      ? {}
      : { strategy: actor.supervising.strategy, rate: actor.supervising.rate }),
  });
  return placesOf(model, filter).map(node);
}

/** Its parent has ended, or nobody knows of one, and it was not spawned from outside. */
export function isOrphan(model: Model, actor: ActorRecord): boolean {
  if (actor.parent === undefined || actor.ended !== undefined) return false;
  const parent = model.actor(actor.parent);
  return parent === undefined ? !/\.0@\d+$/.test(actor.parent) : parent.ended !== undefined;
}

function parentShown(
  model: Model,
  actor: ActorRecord,
  isShown: (actor: ActorRecord) => boolean,
): PidText | undefined {
  const parent = actor.parent === undefined ? undefined : model.actor(actor.parent);
  if (parent === undefined || !isShown(parent)) return undefined;
  return parent.ended !== undefined && actor.ended === undefined ? undefined : parent.key;
}

function grow(
  above: PidText | undefined,
  below: ReadonlyMap<PidText | undefined, ActorRecord[]>,
  isWanted: (actor: ActorRecord) => boolean,
  isFiltered: boolean,
): Place[] {
  const siblings = below.get(above) ?? [];
  if (siblings.some(({ position }) => position !== Number.POSITIVE_INFINITY))
    siblings.sort((a, b) =>
      a.position === b.position ? a.serial - b.serial : a.position < b.position ? -1 : 1,
    );
  return siblings
    .map((actor) => ({ actor, children: grow(actor.key, below, isWanted, isFiltered) }))
    .filter(({ actor, children }) => !isFiltered || children.length > 0 || isWanted(actor));
}
