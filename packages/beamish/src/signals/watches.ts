/**
 * Watches: a monitor, or a request that is under way, is a node of two rings, the watched actor's and its
 * owner's, so that it costs the same to make and to drop however many there are, and whoever ends first
 * takes it along.
 */

import { type ActorCell, isAlive, relationsOf } from '../state/actor-cell.ts';
import { REMOTE } from '../state/status.ts';
import type { Watch } from '../state/watch.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import type { Target } from '../terms/pid.ts';
import { peerOf } from './registry.ts';

/** False if the system of `target` is not reached. With `asks`, the question will tell it there. */
export function watchElsewhere(
  watch: Watch,
  owner: ActorCell,
  target: Target,
  asks = false,
): boolean {
  const peer = peerOf(owner.system, target);
  if (peer === undefined) return false;
  startWatch(watch, owner, peer.remoteCell(target));
  if (!asks) peer.monitor(watch, owner.pid, target);
  return true;
}

export function startWatch(watch: Watch, owner: ActorCell, watched: ActorCell): void {
  watched.system.tapTouched?.(watched.pid, 'watch');
  watch.cell = watched;
  const watchers = relationsOf(watched);
  if (watchers.watchers !== undefined) joinWatchers(watch, watchers.watchers);
  watchers.watchers = watch;
  const watching = relationsOf(owner);
  if (watching.watching !== undefined) joinWatching(watch, watching.watching);
  watching.watching = watch;
}

function joinWatchers(watch: Watch, last: Watch): void {
  const first = last.nextWatcher;
  watch.previousWatcher = last;
  watch.nextWatcher = first;
  last.nextWatcher = first.previousWatcher = watch;
}

function joinWatching(watch: Watch, last: Watch): void {
  const first = last.nextWatching;
  watch.previousWatching = last;
  watch.nextWatching = first;
  last.nextWatching = first.previousWatching = watch;
}

/**
 * Takes a watch out of both rings; its owner hears nothing any more. It is a ring of its own then: else
 * whoever keeps one that is over would keep all that left these rings after it.
 */
export function stopWatch(watch: Watch): void {
  const { owner, cell } = watch;
  watch.owner = watch.cell = undefined;
  if (cell === undefined) return;
  cell.system.tapTouched?.(cell.pid, 'watch');
  if (cell.relations !== undefined) leaveWatchers(watch, cell.relations);
  if (owner?.relations !== undefined) leaveWatching(watch, owner.relations);
  if (cell.status === REMOTE) peerOf(cell.system, cell.pid)?.demonitor(watch);
}

function leaveWatchers(watch: Watch, relations: { watchers: Watch | undefined }): void {
  if (watch.nextWatcher === watch) {
    relations.watchers = undefined;
    return;
  }
  watch.previousWatcher.nextWatcher = watch.nextWatcher;
  watch.nextWatcher.previousWatcher = watch.previousWatcher;
  if (relations.watchers === watch) relations.watchers = watch.previousWatcher;
  watch.nextWatcher = watch.previousWatcher = watch;
}

function leaveWatching(watch: Watch, relations: { watching: Watch | undefined }): void {
  if (watch.nextWatching === watch) {
    relations.watching = undefined;
    return;
  }
  watch.previousWatching.nextWatching = watch.nextWatching;
  watch.nextWatching.previousWatching = watch.previousWatching;
  if (relations.watching === watch) relations.watching = watch.previousWatching;
  watch.nextWatching = watch.previousWatching = watch;
}

/** Tells each watcher of the end of this actor, in the order in which they began. */
export function tellWatchers(cell: ActorCell, reason: ExitReason): void {
  const relations = cell.relations;
  while (relations?.watchers !== undefined) {
    const watch = relations.watchers.nextWatcher;
    const { owner } = watch;
    stopWatch(watch);
    if (owner === undefined) continue;
    cell.system.tapTouched?.(owner.pid, 'signal');
    if (isAlive(owner)) watch.ended(owner, reason, cell.pid);
  }
}

/** Nobody is left to hear of those whom this actor watched. */
export function dropWatching(cell: ActorCell): void {
  const relations = cell.relations;
  while (relations?.watching !== undefined) stopWatch(relations.watching);
}

export function watchersOf(cell: ActorCell): readonly Watch[] {
  return ring(cell.relations?.watchers, (watch) => watch.nextWatcher);
}

export function watchingOf(cell: ActorCell): readonly Watch[] {
  return ring(cell.relations?.watching, (watch) => watch.nextWatching);
}

function ring(last: Watch | undefined, next: (watch: Watch) => Watch): readonly Watch[] {
  const all: Watch[] = [];
  if (last === undefined) return all;
  for (let watch = next(last); ; watch = next(watch)) {
    all.push(watch);
    if (watch === last) return all;
  }
}
