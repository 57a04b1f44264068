/** The operations that wait for something else than a message: time, a turn, a promise, a helper, a start. */

import { checkTimeout, startDeadline } from '../signals/timers.ts';
import { makeReady, resume } from '../signals/wake.ts';
import type { ActorCell } from '../state/actor-cell.ts';
import { coldStateOf, hold, type StartOutcome } from '../state/cold-state.ts';
import { MADE, RUNNING } from '../state/status.ts';
import type { Actor, Operation } from '../terms/operation.ts';
import type { AnySpawnable } from '../terms/spawnable.ts';
import { awaitSteps } from '../turn/step.ts';
import { start } from './spawning.ts';
import { park, Suspension, undecided } from './suspension.ts';

export function sleeping(cell: ActorCell, ms: number): Operation<void> {
  checkTimeout(ms, 'sleep');
  return new Suspension<void>(cell, {
    begin() {
      park(cell, `${ms} ms to pass`);
      startDeadline(cell, ms);
      return undecided;
    },
    resume: () => undefined,
  });
}

export function pause(cell: ActorCell): Operation<void> {
  return new Suspension<void>(cell, {
    begin() {
      makeReady(cell);
      return undecided;
    },
    resume: () => undefined,
  });
}

/** Handed to an operation that is to throw. */
class Failure {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

export function waiting<T>(
  cell: ActorCell,
  start: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>),
): Operation<T> {
  return new Suspension<T>(cell, {
    begin() {
      let promise: PromiseLike<T>;
      if (typeof start === 'function') {
        const abort = new AbortController();
        coldStateOf(cell).abort = abort;
        promise = start(abort.signal);
      } else {
        promise = start;
      }
      park(cell, 'a promise');
      hold(cell, true);
      Promise.resolve(promise).then(
        (value) => resume(cell, value),
        (error) => resume(cell, new Failure(error)),
      );
      return undecided;
    },
    resume(_, resumeValue) {
      const cold = coldStateOf(cell);
      cold.abort = undefined;
      if (!cold.asynchronous) hold(cell, false);
      if (resumeValue instanceof Failure) throw resumeValue.error;
      return resumeValue as T;
    },
  });
}

/** In a generator body a helper's steps are the actor's own; an async body's `await` drives them. */
export function performed<T>(cell: ActorCell, steps: Actor<T>): Operation<T> {
  const begin = (): Actor<T> => {
    // The helper makes operations of its own.
    if (cell.status === MADE) cell.status = RUNNING;
    return steps;
  };
  return {
    [Symbol.iterator]: begin,
    // biome-ignore lint/suspicious/noThenProperty: an operation can be awaited
    then: (onValue, onError) => awaitSteps<T>(cell, begin()).then(onValue, onError),
  };
}

/** Spawns with a link, and waits until the actor has started or failed to. */
export function starting(
  cell: ActorCell,
  spawnable: AnySpawnable,
  args: readonly unknown[],
): Operation<StartOutcome> {
  return new Suspension<StartOutcome>(cell, {
    begin() {
      return beginStart(cell, spawnable, args) ?? awaitStart(cell);
    },
    resume: startOutcome,
  });
}

/** The first half of `starting`: the outcome, if it is known at once, as it is of most bodies. */
export function beginStart(
  cell: ActorCell,
  spawnable: AnySpawnable,
  args: readonly unknown[],
): StartOutcome | undefined {
  return start(cell, cell, spawnable, args, (started) => resume(cell, started));
}

/** The second half, of a start that takes time. */
export function startBegun(cell: ActorCell): Operation<StartOutcome> {
  return new Suspension<StartOutcome>(cell, { begin: awaitStart, resume: startOutcome });
}

function awaitStart(cell: ActorCell): typeof undecided {
  park(cell, 'an actor to start');
  return undecided;
}

function startOutcome(_: ActorCell, resumeValue: unknown): StartOutcome {
  return resumeValue as StartOutcome;
}
