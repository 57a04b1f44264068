/** The messages that the runtime itself sends to actors. */

import type { ExitReason } from './exit-reason.ts';
import { isName, type Message, type Pid, type Target } from './pid.ts';
import type { Ref } from './ref.ts';

/** An exit signal, as a message to an actor that traps exits. */
export interface Exit {
  readonly tag: 'EXIT';
  readonly from: Pid;
  readonly reason: ExitReason;
}

/** The end of what was monitored; `target` is what was given to `monitor`. */
export interface Down {
  readonly tag: 'DOWN';
  readonly ref: Ref;
  readonly target: Target;
  readonly reason: ExitReason;
}

/** The loss of a system that `monitorSystem` watches: it has ended, or cannot be reached. */
export interface SystemDown {
  readonly tag: 'SYSTEM_DOWN';
  readonly ref: Ref;
  readonly system: string;
  /** `'noconnection'`, or what is known of why. */
  readonly reason: ExitReason;
}

/** What `startTimer` sends when its time is up; `ref` is the timer. */
export interface Timeout<T = unknown> {
  readonly tag: 'TIMEOUT';
  readonly ref: Ref;
  readonly message: T;
}

export type Signal = Exit | Down;

export function exitMessage(from: Pid, reason: ExitReason): Exit {
  return { tag: 'EXIT', from, reason };
}

export function downMessage(ref: Ref, target: Target, reason: ExitReason): Down {
  return { tag: 'DOWN', ref, target, reason };
}

export function systemDownMessage(ref: Ref, target: Target, reason: ExitReason): SystemDown {
  const system = (isName(target) && target.system) || '';
  return { tag: 'SYSTEM_DOWN', ref, system, reason };
}

export function timeoutMessage<T>(ref: Ref, message: T): Timeout<T> {
  return { tag: 'TIMEOUT', ref, message };
}

export function isSignal(message: Message): message is Signal {
  return message.tag === 'EXIT' || message.tag === 'DOWN';
}
