/**
 * What stands at the sites of the tap of a system under control. All such systems have the same functions, which find
 * whom to tell by the system that they are called on: a function for each verb of each system took longer to make
 * than the system.
 */

import type { Bound, Tapped } from '../seams/tap.ts';
import { residentCell } from '../state/actor-cell.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { ReadyList } from './accesses.ts';

/** A system that has been taken over. */
type Controlled = SystemState & { readonly ready: ReadyList };

export const TOLD = {
  spawned(this: Controlled, pid, parent, body) {
    this.ready.accesses.spawned?.(pid, parent, body);
  },
  sent(this: Controlled, from, to, message, kind) {
    this.ready.accesses.sent?.(from, to, message, kind);
  },
  sentAway(this: Controlled, from, to, message) {
    this.ready.accesses.sentAway?.(from, to, message);
  },
  received(this: Controlled, pid, message) {
    this.ready.accesses.received?.(pid, message);
  },
  timedOut(this: Controlled, pid) {
    this.ready.accesses.timedOut?.(pid);
  },
  dropped(this: Controlled, pid, message) {
    this.ready.accesses.dropped?.(pid, message);
  },
  turning(this: Controlled, pid) {
    this.ready.accesses.turning?.(pid);
  },
  turned(this: Controlled, pid, isReceiving) {
    this.ready.accesses.turned?.(pid, isReceiving);
  },
  exited(this: Controlled, pid, reason) {
    this.ready.accesses.exited?.(pid, reason);
  },
  exitSignalled(this: Controlled, from, to, reason) {
    this.ready.accesses.exitSignalled?.(from, to, reason);
  },
  linked(this: Controlled, a, b, on) {
    this.ready.accesses.linked?.(a, b, on);
  },
  monitored(this: Controlled, owner, target, on) {
    this.ready.accesses.monitored?.(owner, target, on);
  },
  named(this: Controlled, name, pid) {
    this.ready.accesses.named?.(name, pid);
  },
  touched(this: Controlled, who, how) {
    const { ready } = this;
    const cell = how === 'gave_way' ? residentCell(who) : undefined;
    if (cell !== undefined) {
      ready.aside ??= new Set();
      ready.aside.add(cell);
    }
    ready.accesses.touched?.(who, how);
  },
} satisfies Required<Bound>;

/** Systems are taken over by the thousand, and setting each field by its name takes its time. */
export function putTold(sites: Tapped): void {
  sites.tapSpawned = TOLD.spawned;
  sites.tapSent = TOLD.sent;
  sites.tapSentAway = TOLD.sentAway;
  sites.tapReceived = TOLD.received;
  sites.tapTimedOut = TOLD.timedOut;
  sites.tapDropped = TOLD.dropped;
  sites.tapTurning = TOLD.turning;
  sites.tapTurned = TOLD.turned;
  sites.tapExited = TOLD.exited;
  sites.tapExitSignalled = TOLD.exitSignalled;
  sites.tapLinked = TOLD.linked;
  sites.tapMonitored = TOLD.monitored;
  sites.tapNamed = TOLD.named;
  sites.tapTouched = TOLD.touched;
}
