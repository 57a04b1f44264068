/** What one can ask of a supervisor, from an actor or from outside. */

import type { Context, Started } from '../runtime/context.ts';
import type { ExitReason } from '../runtime/exit-reason.ts';
import type { Call, Operation, Reply } from '../runtime/operation.ts';
import type { Message, Pid, ReplyTo, Target } from '../runtime/pid.ts';
import type { ActorSystem } from '../runtime/system.ts';
import { type ChildSpec, type FullSpec, fullSpec } from './child-spec.ts';

/** What a supervisor takes. */
export interface Supervisor extends Message {
  readonly tag: '$supervisor';
}

type Asked =
  | { readonly ask: 'start'; readonly spec: FullSpec }
  | { readonly ask: 'terminate' | 'restart' | 'delete'; readonly id: string }
  | { readonly ask: 'which' };

/** A request as it lies in the mailbox. */
export type SupervisorRequest =
  | (Supervisor & { readonly replyTo: ReplyTo<unknown> } & Asked)
  | (Supervisor & { readonly ask: 'try_again'; readonly id: string; readonly reason: ExitReason });

export type Done =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not_found' | 'running' | 'restarting' };

/** A child as a supervisor lists it. */
export interface ChildInfo {
  readonly id: string;
  readonly pid: Pid | 'restarting' | undefined;
  readonly type: 'worker' | 'supervisor';
}

/**
 * Adds a child and starts it. Fails with `'already_started'` and the pid when a child of this id runs,
 * with `'already_present'` when one has ended, and with the child's own reason when it does not start;
 * then its spec is not kept. No deadline, as in OTP.
 */
export function startChild<M extends Message>(
  by: Context | ActorSystem,
  supervisor: Target<Supervisor>,
  spec: ChildSpec<M>,
): Operation<Started<Pid<M>>> {
  return ask(by, supervisor, { ask: 'start', spec: fullSpec(spec as unknown as ChildSpec) });
}

/** Stops a child and keeps its spec, unless it is temporary. Also ends the tries to restart it. */
export function terminateChild(
  by: Context | ActorSystem,
  supervisor: Target<Supervisor>,
  id: string,
): Operation<Done> {
  return ask(by, supervisor, { ask: 'terminate', id });
}

/** Starts a child that has ended. */
export function restartChild(
  by: Context | ActorSystem,
  supervisor: Target<Supervisor>,
  id: string,
): Operation<Started<Pid>> {
  return ask(by, supervisor, { ask: 'restart', id });
}

/** Forgets a child that has ended. */
export function deleteChild(
  by: Context | ActorSystem,
  supervisor: Target<Supervisor>,
  id: string,
): Operation<Done> {
  return ask(by, supervisor, { ask: 'delete', id });
}

/** The children, the newest first, as in OTP. */
export function whichChildren(
  by: Context | ActorSystem,
  supervisor: Target<Supervisor>,
): Operation<readonly ChildInfo[]> {
  return ask(by, supervisor, { ask: 'which' });
}

type Ask<C> = (to: Target, question: Message) => C;

function ask<T>(
  by: Context | ActorSystem,
  supervisor: Target<Supervisor>,
  asked: Asked,
): Operation<T> {
  const question = { tag: '$supervisor', ...asked };
  // The types of a supervisor's requests are those of the functions above.
  if ('root' in by)
    return outside((by.call as Ask<Reply<T>>).call(by, supervisor, question).within('infinity'));
  return (by.call as Ask<Call<T>>).call(by, supervisor, question).within('infinity');
}

/** A promise as an operation: there is no actor to suspend. */
function outside<T>(promise: Promise<T>): Operation<T> {
  return {
    // biome-ignore lint/suspicious/noThenProperty: an operation can be awaited
    then: (onValue, onError) => promise.then(onValue, onError),
    [Symbol.iterator]() {
      throw new TypeError('Cannot yield* a request made with a system: pass self, or await it');
    },
  };
}
