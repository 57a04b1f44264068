/**
 * What tools and tests do to a running server or supervisor (OTP's sys): stop it, look at its state and
 * replace it, suspend and resume it. A plain body does not know these requests: they stay in its
 * mailbox, and whoever asked hears of its end, or that the time is up.
 */

import { DEFAULT_CALL_TIMEOUT } from '../operations/call.ts';
import { CallFailed, type ExitReason } from '../terms/exit-reason.ts';
import type { Operation } from '../terms/operation.ts';
import {
  ANYTHING,
  checkOptions,
  checkValue,
  DEADLINE,
  FUNCTION,
  type KindsOf,
} from '../terms/options.ts';
import type { Target } from '../terms/pid.ts';
import { type Caller, requestAndRead } from './caller.ts';
import type { SystemAnswer, SystemQuestion } from './system-messages.ts';

const INSPECT: KindsOf<Deadline> = { within: DEADLINE };
const STOP: KindsOf<StopOptions> = { ...INSPECT, reason: ANYTHING };

/** How long whoever asks will wait; what happens by default is said at each function. */
export interface Deadline {
  /** How long to wait, in ms. */
  readonly within?: number | 'infinity';
}

/** How a server is to end. */
export interface StopOptions extends Deadline {
  /** Default `'normal'`. */
  readonly reason?: ExitReason;
}

/**
 * Asks a server or a supervisor to end, after what it does now and what came before, and waits until
 * it is dead. A server's `terminate` runs. Resolves if it ends for the reason that it was given.
 *
 * ```ts
 * await stop(system, pid);
 * yield* stop(self, pid, { reason: 'shutdown', within: 1000 });
 * ```
 *
 * @throws CallFailed with the reason for which it ended instead, as the error of its `terminate`; with
 * `'noproc'` if it was dead; with `'calling_self'` at once if it is who asks; with `'timeout'` after
 * `within`, which is for ever by default, and then it will still stop when it gets there.
 */
export function stop(by: Caller, target: Target, options: StopOptions = {}): Operation<void> {
  checkOptions('Cannot stop', options, STOP);
  const { reason = 'normal', within = 'infinity' } = options;
  const question = { tag: '$system', query: 'stop', reason };
  return requestAndRead<void>(by, target, question, within, {
    answered: () => undefined,
    failed(error) {
      if (error.reason !== reason) throw renamed(error, 'stop');
    },
  });
}

/**
 * The state of a server, as its `state.get` shows it, or the list of a supervisor's children. The
 * request waits its turn behind what the server does, 5,000 ms unless `within` says otherwise.
 *
 * @throws CallFailed with what `get` threw, with a TypeError if the server shows no state, and as every
 * call does.
 */
export function getState<S = unknown>(
  by: Caller,
  target: Target,
  options: Deadline = {},
): Operation<S> {
  return inspect<S>(by, target, { query: 'get_state' }, options);
}

/**
 * Replaces the state of a server by what `replace` makes of it, and returns that. `replace` runs in the
 * server, between two messages; if it throws, the server goes on with the state that it had.
 *
 * @throws CallFailed with what `replace` threw, with a TypeError if the server has no `state.set`, and
 * as every call does.
 */
export function replaceState<S>(
  by: Caller,
  target: Target,
  replace: (state: S) => S,
  options: Deadline = {},
): Operation<S> {
  checkValue('Cannot replace_state', 'what replaces it', replace, FUNCTION);
  return inspect<S>(by, target, { query: 'replace_state', replace }, options);
}

/**
 * Lets a server or a supervisor handle nothing but these requests, and the end of its parent, until
 * `resume`. Whatever else comes waits in its mailbox; callers may run out of time. Again does nothing.
 */
export function suspend(by: Caller, target: Target, options: Deadline = {}): Operation<void> {
  return inspect<void>(by, target, { query: 'suspend' }, options);
}

/** Lets it go on. Does nothing if it is not suspended. */
export function resume(by: Caller, target: Target, options: Deadline = {}): Operation<void> {
  return inspect<void>(by, target, { query: 'resume' }, options);
}

function inspect<T>(
  by: Caller,
  target: Target,
  asked: SystemQuestion,
  options: Deadline,
): Operation<T> {
  checkOptions(`Cannot ${asked.query}`, options, INSPECT);
  const { within = DEFAULT_CALL_TIMEOUT } = options;
  return requestAndRead<T>(by, target, { tag: '$system', ...asked }, within, {
    answered(answer) {
      const outcome = answer as SystemAnswer;
      if (!outcome.ok) throw new CallFailed(outcome.reason, target, asked.query);
      return outcome.state as T;
    },
    failed(error) {
      throw renamed(error, asked.query);
    },
  });
}

/** The same failure, named after what was asked for. */
function renamed({ reason, to }: CallFailed, request: string): CallFailed {
  return new CallFailed(reason, to, request);
}
