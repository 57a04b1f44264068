/** What actors do with an application, from any thread; and the outside, too. */

import { type Actor, type Caller, CallFailed, type Deadline, type Operation } from 'beamish';
import type { Complete } from '../canvas/signature.ts';
import type { SubmitOptions } from '../canvas/submit-options.ts';
import type { TaskOutcome } from '../terms/failure.ts';
import { readOutcome } from '../terms/outcome.ts';
import type { TaskId, TaskState } from '../terms/task-state.ts';
import {
  type FullAddress,
  freshToken,
  full,
  readSubmitted,
  submissionOf,
  type TasksAddress,
} from '../tree/asking.ts';
import type { RevokeOptions, Submission } from '../tree/messages.ts';
import { checkRevoke } from './handle.ts';

/** An actor's `self`. */
type ActorCaller = Exclude<Caller, { readonly root: unknown }>;

const INSIDE = { isOutside: false, isWhole: true } as const;

/**
 * What an actor calls, from any thread: `yield* submit(self, TASKS, crunch.s('a.txt'))`. Resolves when it
 * is stored; in a thread, the address is `name('tasks', 'main')`.
 *
 * @throws as `Tasks.submit` rejects; CallFailed if there is no application.
 */
export function submit<O>(
  by: Caller,
  to: TasksAddress,
  signature: Complete<O>,
  options: SubmitOptions = {},
): Operation<TaskId<O>> {
  const submission = submissionOf(signature, options);
  const address = full(to);
  if ('root' in by)
    return outside(
      by
        .call(address, 'submit', [submission], { isOutside: true, isWhole: true })
        .within('infinity')
        .then(([submitted]) => readSubmitted(submitted as NonNullable<typeof submitted>).id),
    );
  return by.perform(submitting<O>(by, address, submission));
}

// Not within `submit`: a generator function that is made anew costs twenty times what its generator does.
function* submitting<O>(
  self: ActorCaller,
  address: FullAddress,
  submission: Submission,
): Actor<TaskId<O>> {
  const [submitted] = yield* self.call(address, 'submit', [submission], INSIDE).within('infinity');
  return readSubmitted(submitted as NonNullable<typeof submitted>).id;
}

/** Waits as an actor does; undefined if it has not ended `within` so many ms (default: for ever). Inside a task it keeps its runner: `become` does not. */
export function outcome<O>(
  by: Caller,
  to: TasksAddress,
  id: TaskId<O>,
  options: Deadline = {},
): Operation<TaskOutcome<O> | undefined> {
  const { within = 'infinity' } = options;
  const address = full(to);
  const token = freshToken(by);
  if ('root' in by)
    return outside(
      by
        .call(address, 'outcome', id, { token, by: undefined })
        .within(within)
        .then(readOutcome<O>, (error) => {
          by.cast(address, 'giveUp', id, token);
          if (isTimeout(error)) return undefined;
          throw error;
        }),
    );
  return by.perform(waiting<O>(by, address, { id, token, within }));
}

/** A wait of an actor. */
interface Waiting {
  readonly id: string;
  readonly token: string;
  readonly within: number | 'infinity';
}

function* waiting<O>(
  self: ActorCaller,
  address: FullAddress,
  { id, token, within }: Waiting,
): Actor<TaskOutcome<O> | undefined> {
  try {
    const asked = self.call(address, 'outcome', id, { token, by: self.pid });
    return readOutcome<O>(yield* asked.within(within));
  } catch (error) {
    self.cast(address, 'giveUp', id, token);
    if (isTimeout(error)) return undefined;
    throw error;
  }
}

/** As `revoke` of a handle. */
export function revoke(
  by: Caller,
  to: TasksAddress,
  id: TaskId,
  options: RevokeOptions = {},
): Operation<TaskState | undefined> {
  checkRevoke(options);
  const address = full(to);
  if ('root' in by) return outside(by.call(address, 'revoke', id, options).within('infinity'));
  return by.call(address, 'revoke', id, options).within('infinity');
}

function isTimeout(error: unknown): boolean {
  return error instanceof CallFailed && error.reason === 'timeout';
}

/** A promise as an operation: there is no actor to suspend. */
function outside<T>(promise: Promise<T>): Operation<T> {
  return {
    // biome-ignore lint/suspicious/noThenProperty: an operation can be awaited
    then: (onValue, onError) => promise.then(onValue, onError),
    [Symbol.iterator]() {
      throw new TypeError('Cannot yield* what was asked with a system: pass self, or await it');
    },
  };
}
