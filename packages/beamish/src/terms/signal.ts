/** The messages that the runtime itself sends to actors. */

import type { ExitReason } from './exit-reason.ts';
import { isName, type Message, type Pid, type Target } from './pid.ts';
import type { Ref } from './ref.ts';

/** An exit signal, as a message to an actor that traps exits. */
export interface Exit {
  /** What `receive('EXIT')` selects it by. */
  readonly tag: 'EXIT';
  /** Who ended, or sent the signal. */
  readonly from: Pid;
  /** Why; of a link to nobody `'noproc'`, of a lost system `'noconnection'`. */
  readonly reason: ExitReason;
}

/** The end of what was monitored; `target` is what was given to `monitor`. */
export interface Down {
  /** What `receive('DOWN')` selects it by. */
  readonly tag: 'DOWN';
  /** What `monitor` returned. */
  readonly ref: Ref;
  /** The pid or the name that was given to `monitor`. */
  readonly target: Target;
  /** Why it ended; `'noproc'` if nobody was there, `'noconnection'` if its system is lost. */
  readonly reason: ExitReason;
}

/** The loss of a system that `monitorSystem` watches: it has ended, or cannot be reached. */
export interface SystemDown {
  /** What `receive('SYSTEM_DOWN')` selects it by. */
  readonly tag: 'SYSTEM_DOWN';
  /** What `monitorSystem` returned. */
  readonly ref: Ref;
  /** The name of the system, as it was given to `monitorSystem`. */
  readonly system: string;
  /** `'noconnection'`, or what is known of why. */
  readonly reason: ExitReason;
}

/** What `startTimer` sends when its time is up; `ref` is the timer. */
export interface Timeout<T = unknown> {
  /** What `receive('TIMEOUT')` selects it by. */
  readonly tag: 'TIMEOUT';
  /** What `startTimer` returned. */
  readonly ref: Ref;
  /** What it was started with. */
  readonly message: T;
}

/** The messages of the runtime that every actor may get, whatever else it takes. */
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

/** Whether a message is an EXIT or a DOWN: by its tag, so also if an actor has sent it. */
export function isSignal(message: Message): message is Signal {
  return message.tag === 'EXIT' || message.tag === 'DOWN';
}
