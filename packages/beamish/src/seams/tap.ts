/**
 * What tracing, metrics and the observer see of a running system. When nobody listens, each of these
 * costs one comparison. A tap must not throw, must not change what it is shown, and sees things in
 * the order in which they take effect.
 */

import type { ExitReason } from '../terms/exit-reason.ts';
import type { Address, Pid } from '../terms/pid.ts';

export interface Tap {
  spawned(pid: Pid, parent: Pid, body: string): void;
  /** A message was sent, whether or not anyone will take it. `from` is the root pid for the outside. */
  sent(from: Pid, to: Address, message: unknown): void;
  /** `receive` returned a message. */
  received(pid: Pid, message: unknown): void;
  /** An actor had its turn. */
  turned(pid: Pid): void;
  exited(pid: Pid, reason: ExitReason): void;
}

/**
 * The verbs of a tap, each by itself in the record of its system: a message calls three of them, and
 * looking them up in the tap would cost as much as they do. All are set, or none is.
 */
export interface Tapped {
  tapSpawned: Tap['spawned'] | undefined;
  tapSent: Tap['sent'] | undefined;
  tapReceived: Tap['received'] | undefined;
  tapTurned: Tap['turned'] | undefined;
  tapExited: Tap['exited'] | undefined;
}

export function setTap(record: Tapped, tap: Tap | undefined): void {
  record.tapSpawned = tap?.spawned.bind(tap);
  record.tapSent = tap?.sent.bind(tap);
  record.tapReceived = tap?.received.bind(tap);
  record.tapTurned = tap?.turned.bind(tap);
  record.tapExited = tap?.exited.bind(tap);
}
