/** Operations that may suspend their actor: what they have in common. */

import { makeReady } from '../signals/wake.ts';
import { type ActorCell, NOTHING } from '../state/actor-cell.ts';
import { type Awaited, coldStateOf } from '../state/cold-state.ts';
import { MADE, PARKED, RUNNING } from '../state/status.ts';
import type { Operation } from '../terms/operation.ts';
import { awaitSteps } from '../turn/step.ts';
import { mayGoOn } from '../turn/turn-budget.ts';

/** What `next` of an operation returns when its actor is to be suspended. */
export const SUSPENDED: IteratorResult<never, never> = Object.freeze({
  value: undefined as never,
  done: false,
});

/** Made once, and read at once by the `yield*` that asked: a result costs nothing. */
const DONE: { value: unknown; done: true } = { value: undefined, done: true };

export function done<T>(value: T): IteratorResult<never, T> {
  DONE.value = value;
  return DONE as IteratorResult<never, T>;
}

/** Suspends the actor in an operation that is no receive. */
export function park(cell: ActorCell, waitingFor: Awaited): void {
  const cold = coldStateOf(cell);
  cell.status = PARKED;
  cold.waitingFor = waitingFor;
  cold.waitedAt = cell.reductions;
}

/** How an operation goes: each function returns its value, or `undecided` when the actor is to wait. */
export interface Course<T> {
  begin(cell: ActorCell): T | typeof undecided;
  resume(cell: ActorCell, resumeValue: unknown): T | typeof undecided;
}
export const undecided: unique symbol = Symbol('undecided');

/** Any operation but a receive, an offer and a call, which are too frequent for it. */
export class Suspension<T> implements Operation<T> {
  readonly #cell: ActorCell;
  readonly #course: Course<T>;

  constructor(cell: ActorCell, course: Course<T>) {
    this.#cell = cell;
    this.#course = course;
  }

  [Symbol.iterator](): Iterator<never, T, unknown> {
    return this;
  }

  // biome-ignore lint/suspicious/noThenProperty: an operation can be awaited
  then<A, B>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return awaitSteps<T>(this.#cell, this).then(onValue, onError);
  }

  next(): IteratorResult<never, T> {
    const cell = this.#cell;
    let value: T | typeof undecided;
    if (cell.status === MADE) {
      cell.status = RUNNING;
      value = this.#course.begin(cell);
    } else if (cell.status === RUNNING) {
      const { resumeValue } = cell;
      cell.resumeValue = NOTHING;
      value = this.#course.resume(cell, resumeValue);
    } else {
      return SUSPENDED;
    }
    return value === undecided ? SUSPENDED : done(value as T);
  }
}

/** Lets the others go first if the actor's turn has been long; true if so. */
export function tookLong(cell: ActorCell): boolean {
  if (mayGoOn(cell.system)) return false;
  makeReady(cell);
  return true;
}
