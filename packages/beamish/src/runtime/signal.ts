/** The messages that the runtime itself sends to actors. */

import type { ExitReason } from './exit-reason.ts';
import type { Message, Pid, Target } from './pid.ts';
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

export function timeoutMessage<T>(ref: Ref, message: T): Timeout<T> {
  return { tag: 'TIMEOUT', ref, message };
}

export function isSignal(message: Message): message is Signal {
  return message.tag === 'EXIT' || message.tag === 'DOWN';
}
