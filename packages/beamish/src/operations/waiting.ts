/** The operations that wait for something else than a message: time, a turn, a promise, a helper. */

import { checkTimeout, startDeadline, stopDeadline } from '../signals/timers.ts';
import { makeReady, resume } from '../signals/wake.ts';
import { type ActorCell, isAlive, NOTHING } from '../state/actor-cell.ts';
import { type Awaited, coldStateOf, hold } from '../state/cold-state.ts';
import { MADE, READY, RUNNING } from '../state/status.ts';
import type { Actor, Operation, Step } from '../terms/operation.ts';
import { show } from '../terms/printable.ts';
import { forgotten } from '../turn/forgotten.ts';
import { awaitSteps } from '../turn/step.ts';
import { park, Suspension, undecided } from './suspension.ts';

export function sleeping(cell: ActorCell, ms: number): Operation<void> {
  checkTimeout(ms, 'sleep');
  return new Suspension<void>(cell, {
    begin() {
      park(cell, new Sleep(ms));
      startDeadline(cell, ms);
      return undecided;
    },
    resume: () => undefined,
  });
}

/** Its words are made if somebody asks for them. */
class Sleep implements Awaited {
  readonly target: undefined;
  readonly #ms: number;

  constructor(ms: number) {
    this.#ms = ms;
  }

  get why(): 'time' {
    return 'time';
  }

  get what(): string {
    return `${this.#ms} ms to pass`;
  }
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

/**
 * Waits for async code that is the actor's own, as an async handler of a server: until it is over the body is
 * laid aside, and the operations of `self` are awaited as in an async body. Its first stretch has run
 * already, and has perhaps made an operation that it is about to await.
 */
export function* asyncCode<T>(cell: ActorCell, code: PromiseLike<T>): Generator<Step, T, unknown> {
  const cold = coldStateOf(cell);
  cold.laidAside = cell.generator;
  cell.generator = undefined;
  cold.asynchronous = true;
  hold(cell, true);
  let outcome: Settled | undefined;
  const goOn = (settled: Settled): void => {
    if (!isAlive(cell)) return;
    const isClean = cell.status === RUNNING || !settled.isFulfilled;
    outcome = isClean ? settled : new Settled(false, leftOver(cell));
    cold.asynchronous = false;
    cold.awaiting = undefined;
    hold(cell, false);
    stopDeadline(cell);
    cell.generator = cold.laidAside;
    cold.laidAside = undefined;
    cell.resumeValue = NOTHING;
    if (cell.status !== READY) makeReady(cell);
  };
  code.then(
    (value) => goOn(new Settled(true, value)),
    (error) => goOn(new Settled(false, error)),
  );
  while (outcome === undefined) yield undefined as never;
  const { isFulfilled, value } = outcome as Settled;
  if (!isFulfilled) throw value;
  return value as T;
}

/** Why async code must not be over yet. */
function leftOver(cell: ActorCell): Error {
  if (cell.status === MADE) return forgotten(cell);
  return new Error(
    `The async code of ${String(cell.pid)} is over, and an operation that it has made is not: await it`,
  );
}

const A_PROMISE: Awaited = { why: 'promise', what: 'a promise', target: undefined };

/** What became of a promise, in a record of its own: its value may look like a message. */
class Settled {
  readonly isFulfilled: boolean;
  readonly value: unknown;

  constructor(isFulfilled: boolean, value: unknown) {
    this.isFulfilled = isFulfilled;
    this.value = value;
  }
}

export function waiting<T>(
  cell: ActorCell,
  start: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>),
): Operation<T> {
  if (typeof start !== 'function' && !isThenable(start))
    throw new TypeError(`Cannot wait for ${show(start)}: it is no promise, and no function`);
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
      park(cell, A_PROMISE);
      hold(cell, true);
      Promise.resolve(promise).then(
        (value) => resume(cell, new Settled(true, value)),
        (error) => resume(cell, new Settled(false, error)),
      );
      return undecided;
    },
    resume(_, resumeValue) {
      const cold = coldStateOf(cell);
      cold.abort = undefined;
      if (!cold.asynchronous) hold(cell, false);
      const { isFulfilled, value } = resumeValue as Settled;
      if (!isFulfilled) throw value;
      return value as T;
    },
  });
}

/** In a generator body a helper's steps are the actor's own; an async body's `await` drives them. */
export function performed<T>(cell: ActorCell, steps: Actor<T>): Operation<T> {
  if (typeof (steps as Partial<Actor<T>> | undefined)?.[Symbol.iterator] !== 'function')
    throw new TypeError(`Cannot perform ${show(steps)}: pass what a generator function returns`);
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

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const isObject = typeof value === 'object' && value !== null;
  return isObject && typeof (value as Partial<PromiseLike<unknown>>).then === 'function';
}
