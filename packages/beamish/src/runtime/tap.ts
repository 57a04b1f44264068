/**
 * What tracing, metrics and the observer see of a running system. When nobody listens, each of these
 * costs one comparison. A tap must not throw, must not change what it is shown, and sees things in
 * the order in which they take effect.
 */

import type { ExitReason } from './exit-reason.ts';
import type { Address, Pid } from './pid.ts';

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
