/** Requests by an actor or by the outside alike: an operation either way. */

import type { SystemState } from '../state/system-state-types.ts';
import { cellOfSelf } from '../system/self.ts';
import { type ActorSystem, stateOfSystem } from '../system/system.ts';
import { CallFailed } from '../terms/exit-reason.ts';
import type { Actor, Call, Operation, Reply } from '../terms/operation.ts';
import type { Message, Target } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import type { Context } from '../terms/self-types.ts';

/** Who asks: an actor's `self`, or a system for the outside. */
export type Caller = Context | ActorSystem;

/** The system that it belongs to, from the inside. */
export function stateOf(by: Caller): SystemState {
  return isOutside(by) ? stateOfSystem(by) : cellOfSelf(by).system;
}

/** @throws TypeError for who is neither an actor's `self` nor a system. */
export function isOutside(by: Caller): by is ActorSystem {
  if (typeof by === 'object' && by !== null) return 'root' in by;
  throw new TypeError(`Cannot do this by ${show(by)}: pass an actor's self, or a system`);
}

/** What a call is to who asks: in an actor an operation, from outside a promise. */
export type Asked<C, T> = C extends Context ? Call<T> : Reply<T>;

type Ask<C> = (to: Target, question: Message) => C;

/** The caller knows the type of the answer. */
export function requestBy<T>(
  by: Caller,
  target: Target,
  question: Message,
  within: number | 'infinity',
): Operation<T> {
  if (isOutside(by)) return outside(reply<T>(by, target, question, within));
  return (by.call as Ask<Call<T>>).call(by, target, question).within(within);
}

/** What an answer, or the lack of one, means to who asked. */
export interface Reading<T> {
  answered(answer: unknown): T;
  failed(error: CallFailed): T;
}

export function requestAndRead<T>(
  by: Caller,
  target: Target,
  question: Message,
  within: number | 'infinity',
  { answered, failed }: Reading<T>,
): Operation<T> {
  if (isOutside(by))
    return outside(reply<unknown>(by, target, question, within).then(answered, failed));
  return by.perform(reading(() => requestBy(by, target, question, within), { answered, failed }));
}

/** Not within its caller: a generator function that is made anew costs twenty times what its generator does. */
function* reading<T>(ask: () => Operation<unknown>, { answered, failed }: Reading<T>): Actor<T> {
  let answer: unknown;
  try {
    answer = yield* ask();
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return failed(error);
  }
  return answered(answer);
}

function reply<T>(
  by: ActorSystem,
  target: Target,
  question: Message,
  within: number | 'infinity',
): Reply<T> {
  return (by.call as Ask<Reply<T>>).call(by, target, question).within(within);
}

/** A promise as an operation: there is no actor to suspend. */
export function outside<T>(promise: Promise<T>): Operation<T> {
  return {
    // biome-ignore lint/suspicious/noThenProperty: an operation can be awaited
    then: (onValue, onError) => promise.then(onValue, onError),
    [Symbol.iterator]() {
      throw new TypeError('Cannot yield* a request made with a system: pass self, or await it');
    },
  };
}
