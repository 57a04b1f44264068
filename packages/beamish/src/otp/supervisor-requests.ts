/** What one can ask of a supervisor, from an actor or from outside. */

import type { Operation } from '../terms/operation.ts';
import type { Message, Pid, ReplyTo, Target } from '../terms/pid.ts';
import type { Started } from '../terms/self-types.ts';
import { type Caller, requestBy } from './caller.ts';
import { type ChildSpec, type FullSpec, fullSpec } from './child-spec.ts';
import type { ChildCounts } from './children.ts';

/** What a supervisor takes. */
export interface Supervisor extends Message {
  /** The runtime's own: what is asked by `startChild` and the like. */
  readonly tag: '$supervisor';
}

declare const TEMPLATE: unique symbol;
/** What a dynamic supervisor takes besides, whose template makes a child for messages `M` of the arguments `A`. */
export interface Templated<in A extends unknown[], out M> extends Message {
  /** The runtime's own, as of every supervisor. */
  readonly tag: '$supervisor';
  readonly [TEMPLATE]: (...args: A) => M;
}
// biome-ignore lint/suspicious/noExplicitAny: the arguments of whatever template
type ArgsOf<S> = S extends Templated<infer A extends any[], infer _M> ? A : never;
// biome-ignore lint/suspicious/noExplicitAny: the arguments of whatever template
type ChildMessage<S> = S extends Templated<any, infer M> ? M : never;

export type SupervisorQuery =
  | { readonly query: 'start'; readonly spec: FullSpec }
  | { readonly query: 'start_another'; readonly args: readonly unknown[] }
  | { readonly query: 'terminate'; readonly child: string | Pid }
  | { readonly query: 'restart' | 'delete' | 'spec'; readonly id: string }
  | { readonly query: 'which' | 'count' };

/** A question as it lies in the mailbox. */
export type SupervisorRequest = Supervisor & {
  readonly replyTo: ReplyTo<unknown>;
} & SupervisorQuery;

/** Of a supervisor that takes `S`: does it know its children by pid alone? */
type IsDynamic<S, Then, Else> = [Extract<S, { readonly [TEMPLATE]: unknown }>] extends [never]
  ? Else
  : Then;

/** What came of a request about one child. */
export type ChildResult<S = Supervisor> =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** `'simple_one_for_one'`: a dynamic supervisor knows no ids. */
      readonly reason:
        | 'not_found'
        | 'running'
        | 'restarting'
        | IsDynamic<S, 'simple_one_for_one', never>;
    };

/** A child as a supervisor lists it; those of a dynamic one have no id. */
export interface ChildInfo<S = Supervisor> {
  /** The id of its spec. */
  readonly id: IsDynamic<S, undefined, string>;
  /** Undefined if it does not run; `'restarting'` while its restart is tried again and again. */
  readonly pid: Pid | 'restarting' | undefined;
  /** Whether it supervises others. */
  readonly type: 'worker' | 'supervisor';
}

/** A supervisor of whatever kind, by pid or name. */
type SupervisorTarget<S> = Target<S> & Target<Supervisor>;

/**
 * Adds a child and starts it. Fails with `'already_started'` and the pid when a child of this id runs,
 * with `'already_present'` when one has ended, and with the child's own reason when it does not start;
 * then its spec is not kept. No deadline, as in OTP.
 *
 * To a dynamic supervisor ids mean nothing; it fails with `'max_children'` when it has as many as it
 * may, and with `'simple_one_for_one'` if it makes its children of a template.
 *
 * @throws TypeError for what `child` has not made.
 */
export function startChild<M extends Message>(
  by: Caller,
  supervisor: Target<Supervisor>,
  spec: ChildSpec<M>,
): Operation<Started<Pid<M>>> {
  return request(by, supervisor, {
    tag: '$supervisor',
    query: 'start',
    spec: fullSpec(spec as unknown as ChildSpec),
  });
}

/**
 * Starts one more child of a dynamic supervisor's template, with these arguments, and fails as
 * `startChild` does. What the template throws is the reason of the failure.
 */
export function startAnother<S extends Message>(
  by: Caller,
  supervisor: Target<S>,
  ...args: ArgsOf<S>
): Operation<Started<Pid<ChildMessage<S>>>> {
  return request(by, supervisor as unknown as Target<Supervisor>, {
    tag: '$supervisor',
    query: 'start_another',
    args,
  });
}

/**
 * Stops a child, by its id or its pid, and keeps its spec, unless it is temporary. Also ends the tries
 * to restart it. Of a dynamic supervisor the pid is needed, and nothing is kept.
 */
export function terminateChild<S = Supervisor>(
  by: Caller,
  supervisor: SupervisorTarget<S>,
  child: string | Pid,
): Operation<ChildResult<S>> {
  return request(by, supervisor, { tag: '$supervisor', query: 'terminate', child });
}

/** Starts a child that has ended. */
export function restartChild(
  by: Caller,
  supervisor: Target<Supervisor>,
  id: string,
): Operation<Started<Pid>> {
  return request(by, supervisor, { tag: '$supervisor', query: 'restart', id });
}

/** Forgets a child that has ended. */
export function deleteChild<S = Supervisor>(
  by: Caller,
  supervisor: SupervisorTarget<S>,
  id: string,
): Operation<ChildResult<S>> {
  return request(by, supervisor, { tag: '$supervisor', query: 'delete', id });
}

/** What a child was made of: its options with the defaults filled in. */
export function getChildSpec(
  by: Caller,
  supervisor: Target<Supervisor>,
  id: string,
): Operation<
  | { readonly ok: true; readonly spec: Required<Omit<ChildSpec, 'name'>> }
  | { readonly ok: false; readonly reason: 'not_found' | 'simple_one_for_one' }
> {
  return request(by, supervisor, { tag: '$supervisor', query: 'spec', id });
}

/** How many children there are, of each type, and how many of them are alive. */
export function countChildren(by: Caller, supervisor: Target<Supervisor>): Operation<ChildCounts> {
  return request(by, supervisor, { tag: '$supervisor', query: 'count' });
}

/** The children, the newest first, as in OTP. */
export function whichChildren<S = Supervisor>(
  by: Caller,
  supervisor: SupervisorTarget<S>,
): Operation<readonly ChildInfo<S>[]> {
  return request(by, supervisor, { tag: '$supervisor', query: 'which' });
}

/** The types of the answers are those of the functions above. */
function request<T>(
  by: Caller,
  supervisor: Target<Supervisor>,
  question: Supervisor & SupervisorQuery,
): Operation<T> {
  return requestBy(by, supervisor, question, 'infinity');
}
