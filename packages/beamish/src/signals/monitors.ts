/** Monitors: one DOWN for each, at the end of whom it watches, or at once when there is nobody. */

import type { ActorCell } from '../state/actor-cell.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { Watch } from '../state/watch.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { isName, isPid, type Message, name, type Pid, type Target } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import { isRef, type Ref, Reference, residentOfRef, settleRef } from '../terms/ref.ts';
import { type Down, downMessage, systemDownMessage } from '../terms/signal.ts';
import { notify } from './delivery.ts';
import { letIn } from './offers.ts';
import { absence, cellOf, resolve } from './registry.ts';
import { startWatch, stopWatch, watchElsewhere } from './watches.ts';

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
    this.ref = makeRef(owner.system, this);
    this.target = target;
    this.over = over;
    this.#news = news;
  }

  get key(): number {
    return this.ref.ref;
  }

  ended(owner: ActorCell, reason: ExitReason, who: Pid): void {
    settleRef(this.ref as Reference, undefined);
    this.over?.();
    notify(who, owner, this.#news(this.ref, this.target, reason));
  }
}

export function makeRef(system: SystemState, resident: object | undefined): Reference {
  return new Reference(system.name, system.incarnation, ++system.refs, resident);
}

/** `over` is told of its end. @throws TypeError for what is neither pid nor name. */
export function monitor(cell: ActorCell, target: Target, over?: () => void): Ref {
  if (!isPid(target) && !isName(target)) {
    throw new TypeError(`Cannot monitor ${show(target)}: it is neither a pid nor a name`);
  }
  const { system } = cell;
  const watch = new Monitor(cell, target, over, downMessage);
  const watched = isName(target) ? resolve(system, target) : cellOf(system, target);
  if (watched === cell) {
    // Nobody can see its own end.
    watch.owner = undefined;
    return watch.ref;
  }
  system.tapMonitored?.(cell.pid, target, true);
  if (watched !== undefined) {
    startWatch(watch, cell, watched);
  } else if (!watchElsewhere(watch, cell, target)) {
    watch.owner = undefined;
    watch.ended(cell, absence(system, target), isPid(target) ? target : system.root.pid);
  }
  return watch.ref;
}

/** Of another system: one message, once it is lost, after everything that came from there. */
export function monitorSystem(cell: ActorCell, there: string): Ref {
  const { system } = cell;
  const watch = new Monitor(cell, name('*', there), undefined, systemDownMessage);
  const peer = system.distribution?.peers.get(there);
  if (there === system.name) {
    watch.owner = undefined;
    return watch.ref;
  }
  system.tapMonitored?.(cell.pid, watch.target, true);
  if (peer !== undefined) startWatch(watch, cell, peer.remoteCell(undefined));
  else {
    watch.owner = undefined;
    watch.ended(cell, 'noconnection', system.root.pid);
  }
  return watch.ref;
}

/** True if it was active. With `flush`, no DOWN of it is left either. @throws TypeError for what is no ref. */
export function demonitor(cell: ActorCell, ref: Ref, flush: boolean): boolean {
  if (!isRef(ref)) throw new TypeError(`Cannot demonitor ${show(ref)}: it is no ref`);
  const watch = residentOfRef(ref);
  const active = watch instanceof Monitor && watch.owner === cell;
  if (active) {
    cell.system.tapMonitored?.(cell.pid, watch.target, false);
    stopWatch(watch);
    settleRef(ref as Reference, undefined);
    watch.over?.();
  }
  if (active) return true;
  // Whoever asks looks whether its news have come, too.
  cell.system.tapTouched?.(cell.pid, 'polled');
  if (flush) flushNewsOf(cell, ref);
  return false;
}

function flushNewsOf(cell: ActorCell, ref: Ref): void {
  const { mailbox, pid, system } = cell;
  const news = mailbox?.removeFirst((it) => isNewsOf(it) && (it as Down).ref === ref);
  if (news === undefined) return;
  system.tapDropped?.(pid, news);
  letIn(cell);
}

function isNewsOf({ tag }: Message): boolean {
  return tag === 'DOWN' || tag === 'SYSTEM_DOWN';
}
