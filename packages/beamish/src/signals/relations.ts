/**
 * Links and monitors. Links are a set, kept by both; a watch (a monitor, or a request that is under
 * way) is a node of two rings, the watched actor's and its owner's, so that it costs the same to
 * make and to drop however many there are, and whoever ends first takes it along.
 */

import {
  type ActorCell,
  bondsOf,
  ELSEWHERE,
  type Home,
  isAlive,
  type Watch,
} from '../state/actor-cell.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import {
  isName,
  isPid,
  type Message,
  name,
  type Pid,
  showAddress,
  type Target,
} from '../terms/pid.ts';
import { isRef, type Ref, Reference, residentOfRef, settleRef } from '../terms/ref.ts';
import { type Down, downMessage, systemDownMessage } from '../terms/signal.ts';
import { exitSignal, linkedExit, notify } from './delivery.ts';
import { addLink, dropLink, hasLink, linksOf } from './links.ts';
import { absence, cellOf, peerOf, resolve } from './registry.ts';

/** @throws TypeError for what is no pid. */
export function link(cell: ActorCell, pid: Pid): void {
  if (!isPid(pid)) throw new TypeError(`Cannot link to ${String(pid)}: it is no pid`);
  const { home } = cell;
  const peer = cellOf(home, pid);
  if (peer === cell) return;
  // A doomed peer has not told its links yet, so this one will hear its true reason.
  if (peer !== undefined) tie(cell, peer);
  else linkElsewhere(cell, pid);
}

function linkElsewhere(cell: ActorCell, pid: Pid): void {
  const peer = peerOf(cell.home, pid);
  if (peer === undefined) return linkedExit(pid, cell, absence(cell.home, pid));
  const standIn = peer.standIn(pid);
  if (hasLink(cell, standIn.pid)) return;
  tie(cell, standIn);
  peer.link(cell.pid, standIn.pid);
}

export function tie(a: ActorCell, b: ActorCell): void {
  addLink(a, b.pid);
  addLink(b, a.pid);
}

/** After this, nothing comes of that link any more; an EXIT that is already in the mailbox stays. */
export function unlink(cell: ActorCell, pid: Pid): void {
  if (!isPid(pid)) throw new TypeError(`Cannot unlink from ${String(pid)}: it is no pid`);
  const peer = cellOf(cell.home, pid);
  if (peer === undefined) return unlinkElsewhere(cell, pid);
  untie(cell, peer);
}

export function untie(a: ActorCell, b: ActorCell): void {
  dropLink(a, b.pid);
  dropLink(b, a.pid);
}

function unlinkElsewhere(cell: ActorCell, pid: Pid): void {
  const peer = peerOf(cell.home, pid);
  if (peer === undefined) return;
  const standIn = peer.standIn(pid);
  if (!hasLink(cell, standIn.pid)) return;
  untie(cell, standIn);
  peer.unlink(cell.pid, standIn.pid);
}

/** Tells each linked actor of the end of this one. */
export function tellLinks(cell: ActorCell, reason: ExitReason): void {
  if (cell.bonds?.links === undefined) return;
  for (const pid of linksOf(cell)) {
    const peer = cellOf(cell.home, pid);
    if (peer === undefined) {
      peerOf(cell.home, pid)?.linkedExit(cell.pid, pid, reason);
      continue;
    }
    dropLink(peer, cell.pid);
    linkedExit(cell.pid, peer, reason);
  }
}

/** A monitor, until its DOWN or its `demonitor`. */
class Monitor implements Watch {
  owner: ActorCell | undefined;
  cell: ActorCell | undefined;
  readonly ref: Ref;
  readonly target: Target;
  /** What its owner is to be told. */
  readonly #news: (ref: Ref, target: Target, reason: ExitReason) => Message;
  /** Told of its end, by DOWN or `demonitor`. */
  readonly over: (() => void) | undefined;
  nextWatcher: Watch = this;
  previousWatcher: Watch = this;
  nextWatching: Watch = this;
  previousWatching: Watch = this;

  constructor(
    owner: ActorCell,
    target: Target,
    over: (() => void) | undefined,
    news: (ref: Ref, target: Target, reason: ExitReason) => Message,
  ) {
    this.owner = owner;
    this.cell = undefined;
    this.ref = makeRef(owner.home, this);
    this.target = target;
    this.over = over;
    this.#news = news;
  }

  get key(): number {
    return this.ref.ref;
  }

  ended(owner: ActorCell, reason: ExitReason): void {
    settleRef(this.ref as Reference, undefined);
    this.over?.();
    notify(owner, this.#news(this.ref, this.target, reason));
  }
}

export function makeRef(home: Home, resident: object | undefined): Reference {
  return new Reference(home.name, home.incarnation, ++home.refs, resident);
}

/** `over` is told of its end. @throws TypeError for what is neither pid nor name. */
export function monitor(cell: ActorCell, target: Target, over?: () => void): Ref {
  if (!isPid(target) && !isName(target)) {
    throw new TypeError(`Cannot monitor ${String(target)}: it is neither a pid nor a name`);
  }
  const { home } = cell;
  const watch = new Monitor(cell, target, over, downMessage);
  const watched = isName(target) ? resolve(home, target) : cellOf(home, target);
  if (watched === cell) {
    // Nobody can see its own end.
    watch.owner = undefined;
  } else if (watched !== undefined) {
    startWatch(watch, cell, watched);
  } else if (!watchElsewhere(watch, cell, target)) {
    watch.owner = undefined;
    watch.ended(cell, absence(home, target));
  }
  return watch.ref;
}

/** False if the system of `target` is not reached. With `asks`, the question will tell it there. */
export function watchElsewhere(
  watch: Watch,
  owner: ActorCell,
  target: Target,
  asks = false,
): boolean {
  const peer = peerOf(owner.home, target);
  if (peer === undefined) return false;
  startWatch(watch, owner, peer.standIn(target));
  if (!asks) peer.monitor(watch, owner.pid, target);
  return true;
}

/** Of another system: one message, once it is lost, after everything that came from there. */
export function monitorSystem(cell: ActorCell, system: string): Ref {
  const { home } = cell;
  const watch = new Monitor(cell, name('*', system), undefined, systemDownMessage);
  const peer = home.abroad?.peers.get(system);
  if (peer !== undefined) startWatch(watch, cell, peer.standIn(undefined));
  else if (system === home.name) watch.owner = undefined;
  else {
    watch.owner = undefined;
    watch.ended(cell, 'noconnection');
  }
  return watch.ref;
}

/** True if it was active. With `flush`, no DOWN of it is left either. @throws TypeError for what is no ref. */
export function demonitor(cell: ActorCell, ref: Ref, flush: boolean): boolean {
  if (!isRef(ref)) throw new TypeError(`Cannot demonitor ${String(ref)}: it is no ref`);
  const watch = residentOfRef(ref);
  const active = watch instanceof Monitor && watch.owner === cell;
  if (active) {
    stopWatch(watch);
    settleRef(ref as Reference, undefined);
    watch.over?.();
  }
  if (!active && flush)
    cell.mailbox?.removeFirst((message) => isNewsOf(message) && (message as Down).ref === ref);
  return active;
}

function isNewsOf({ tag }: Message): boolean {
  return tag === 'DOWN' || tag === 'SYSTEM_DOWN';
}

export function startWatch(watch: Watch, owner: ActorCell, watched: ActorCell): void {
  watch.cell = watched;
  const watchers = bondsOf(watched);
  if (watchers.watchers !== undefined) joinWatchers(watch, watchers.watchers);
  watchers.watchers = watch;
  const watching = bondsOf(owner);
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

/** Takes a watch out of both rings; its owner hears nothing any more. */
export function stopWatch(watch: Watch): void {
  const { owner, cell } = watch;
  watch.owner = watch.cell = undefined;
  if (cell === undefined) return;
  if (cell.bonds !== undefined) leaveWatchers(watch, cell.bonds);
  if (owner?.bonds !== undefined) leaveWatching(watch, owner.bonds);
  // Else whoever keeps one that is over would keep all that left these rings after it.
  watch.nextWatcher = watch.previousWatcher = watch.nextWatching = watch.previousWatching = watch;
  if (cell.status === ELSEWHERE) peerOf(cell.home, cell.pid)?.demonitor(watch);
}

function leaveWatchers(watch: Watch, bonds: { watchers: Watch | undefined }): void {
  if (watch.nextWatcher === watch) {
    bonds.watchers = undefined;
    return;
  }
  watch.previousWatcher.nextWatcher = watch.nextWatcher;
  watch.nextWatcher.previousWatcher = watch.previousWatcher;
  if (bonds.watchers === watch) bonds.watchers = watch.previousWatcher;
}

function leaveWatching(watch: Watch, bonds: { watching: Watch | undefined }): void {
  if (watch.nextWatching === watch) {
    bonds.watching = undefined;
    return;
  }
  watch.previousWatching.nextWatching = watch.nextWatching;
  watch.nextWatching.previousWatching = watch.previousWatching;
  if (bonds.watching === watch) bonds.watching = watch.previousWatching;
}

/** Tells each watcher of the end of this actor, in the order in which they began. */
export function tellWatchers(cell: ActorCell, reason: ExitReason): void {
  const bonds = cell.bonds;
  while (bonds?.watchers !== undefined) {
    const watch = bonds.watchers.nextWatcher;
    const { owner } = watch;
    stopWatch(watch);
    if (owner !== undefined && isAlive(owner)) watch.ended(owner, reason);
  }
}

/** Nobody is left to hear of those whom this actor watched. */
export function dropWatching(cell: ActorCell): void {
  const bonds = cell.bonds;
  while (bonds?.watching !== undefined) stopWatch(bonds.watching);
}

export function watchersOf(cell: ActorCell): readonly Watch[] {
  return ring(cell.bonds?.watchers, (watch) => watch.nextWatcher);
}

export function watchingOf(cell: ActorCell): readonly Watch[] {
  return ring(cell.bonds?.watching, (watch) => watch.nextWatching);
}

function ring(last: Watch | undefined, next: (watch: Watch) => Watch): readonly Watch[] {
  const all: Watch[] = [];
  if (last === undefined) return all;
  for (let watch = next(last); ; watch = next(watch)) {
    all.push(watch);
    if (watch === last) return all;
  }
}

/** @throws TypeError for what is no pid. */
export function sendExit(from: ActorCell, pid: Pid, reason: ExitReason): void {
  if (!isPid(pid))
    throw new TypeError(`Cannot send an exit signal to ${showAddress(pid)}: it is no pid`);
  const cell = cellOf(from.home, pid);
  if (cell !== undefined) exitSignal(from.pid, cell, reason);
  else peerOf(from.home, pid)?.exit(from.pid, pid, reason);
}
