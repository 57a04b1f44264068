/**
 * One turn of one actor: its code runs until it suspends, ends or is ended. The only place where the
 * runtime catches what user code throws.
 */

import { release } from '../signals/registry.ts';
import { beginExit } from '../signals/wake.ts';
import { type ActorCell, isAlive, NOTHING } from '../state/actor-cell.ts';
import { type Awaiting, coldStateOf, hold } from '../state/cold-state.ts';
import { EXITING, MADE, RUNNING, WAITING } from '../state/status.ts';
import { type ExitReason, isOrderly, reasonOfThrown } from '../terms/exit-reason.ts';
import { isError, show } from '../terms/printable.ts';
import { bodyName } from '../terms/spawnable.ts';
import { forgotten } from './forgotten.ts';
import { conclude } from './termination.ts';

type Steps = Iterator<unknown, unknown, unknown>;

/**
 * `next` of every generator. Each generator function has a prototype of its own, so that looking the
 * method up on the generators of many bodies would be slow.
 */
const nextOf: (this: Steps) => IteratorResult<unknown, unknown> = Object.getPrototypeOf(
  function* () {},
).prototype.next;

/** Gives the actor its turn, and tells of it; where nobody is told, `step` is the same. */
export function takeTurn(cell: ActorCell): void {
  const { system } = cell;
  if (system.tapTurning !== undefined) system.tapTurning(cell.pid);
  step(cell);
  if (system.tapTurned !== undefined) system.tapTurned(cell.pid, cell.status === WAITING);
}

/** The turn itself: its code runs, or its clean-up. */
export function step(cell: ActorCell): void {
  const { system } = cell;
  system.current = cell;
  if (cell.status === EXITING) {
    end(cell, coldStateOf(cell).reason);
  } else {
    cell.status = RUNNING;
    let result: IteratorResult<unknown, unknown> | undefined;
    try {
      const generator = cell.generator ?? begin(cell);
      if (generator !== undefined) result = nextOf.call(generator);
    } catch (thrown) {
      system.hasThrown = true;
      cell.generator = undefined;
      fail(cell, thrown);
    }
    if (result !== undefined) {
      if (result.done === true) finish(cell, result.value);
      else if (cell.status <= MADE && cell.status >= RUNNING) rejectYield(cell);
      else if ((cell.status as number) === EXITING) end(cell, coldStateOf(cell).reason);
    }
  }
  system.current = undefined;
}

/**
 * The first step of any body, and every step of an async one. A generator is only made here, not resumed:
 * V8 never compiles a function whose calls all end in a throw, and that of an actor which ends by
 * `self.exit` on its first turn would.
 */
function begin(cell: ActorCell): Steps | undefined {
  const awaiting = cell.cold?.awaiting;
  if (awaiting !== undefined) {
    advance(cell, awaiting);
    afterAsyncStep(cell);
    return undefined;
  }
  // Called as a function: as a method, it would have the cell for its `this`.
  const { body, resumeValue } = cell;
  cell.resumeValue = NOTHING;
  const made: unknown = body(
    cell.system.selfOf(cell) as never,
    ...(resumeValue as readonly never[]),
  );
  if (!isGenerator(made)) {
    beginAsync(cell, made);
    return undefined;
  }
  cell.generator = made;
  return made;
}

function beginAsync(cell: ActorCell, made: unknown): void {
  if (!isPromise(made)) {
    throw new TypeError(
      `${bodyName(cell.body)} is no actor body: it returned ${show(made)}, not a generator or a promise`,
    );
  }
  coldStateOf(cell).asynchronous = true;
  hold(cell, true);
  made.then(
    (value) => finishAsync(cell, value),
    (error) => failAsync(cell, error),
  );
  afterAsyncStep(cell);
}

function isGenerator(value: unknown): value is Steps {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'Generator'
  );
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<PromiseLike<unknown>>).then === 'function'
  );
}

/** The code of an async body goes on when this turn is over, so there is nothing to look at yet. */
function afterAsyncStep(cell: ActorCell): void {
  if (cell.status === EXITING) end(cell, coldStateOf(cell).reason);
}

/** Runs an operation for the `await` of an async body; the promise never settles once the actor has ended. */
export function awaitSteps<T>(cell: ActorCell, steps: Iterator<unknown, T, unknown>): Promise<T> {
  return new Promise<unknown>((resolve, reject) => {
    const begin = (): void => advance(cell, { steps, resolve, reject });
    if (mayAwait(cell)) begin();
    // Async code of a generator body, as an async handler, begins in a turn of that.
    else Promise.resolve().then(() => (mayAwait(cell) ? begin() : reject(notAsync())));
  }) as Promise<T>;
}

function mayAwait(cell: ActorCell): boolean {
  return cell.cold?.asynchronous === true || cell.generator === undefined;
}

function notAsync(): TypeError {
  return new TypeError(
    'Cannot await an operation of a generator body: write yield* instead of await',
  );
}

function advance(cell: ActorCell, awaiting: Awaiting): void {
  if (!isAlive(cell)) return;
  const cold = coldStateOf(cell);
  cold.awaiting = undefined;
  // While it waits for others of this system it does not keep the program alive; a promise will.
  hold(cell, false);
  let result: IteratorResult<unknown, unknown>;
  try {
    result = awaiting.steps.next();
  } catch (error) {
    hold(cell, true);
    awaiting.reject(error);
    return;
  }
  if (result.done === true) {
    hold(cell, true);
    awaiting.resolve(result.value);
  } else if (isAlive(cell)) {
    cold.awaiting = awaiting;
  }
}

function finishAsync(cell: ActorCell, value: unknown): void {
  if (!isAlive(cell)) return;
  if (cell.status === MADE) return failAsync(cell, forgotten(cell));
  coldStateOf(cell).returned = value;
  beginExit(cell, 'normal');
}

function failAsync(cell: ActorCell, thrown: unknown): void {
  if (!isAlive(cell)) return;
  const reason = reasonOfThrown(thrown);
  reportCrash(cell, thrown, reason);
  beginExit(cell, reason);
}

function rejectYield(cell: ActorCell): void {
  // Its body is laid aside, and its code runs between turns.
  if (cell.cold?.asynchronous === true) return;
  fail(
    cell,
    new TypeError(
      `${bodyName(cell.body)} yielded something that is no operation: write yield* instead of yield`,
    ),
  );
}

/** The body has returned. */
function finish(cell: ActorCell, value: unknown): void {
  if (cell.status === EXITING) return end(cell, coldStateOf(cell).reason);
  cell.generator = undefined;
  if (cell.status === MADE) return fail(cell, forgotten(cell));
  if (cell.cold !== undefined) cell.cold.returned = value;
  end(cell, 'normal');
}

/** The body has thrown. */
function fail(cell: ActorCell, thrown: unknown): void {
  // It was ended in the middle of its turn; what it throws after that changes no reason.
  if (cell.status === EXITING) return end(cell, coldStateOf(cell).reason);
  const reason = reasonOfThrown(thrown);
  reportCrash(cell, thrown, reason);
  end(cell, reason);
}

/** As in OTP, an exit that nobody supervises is no crash, and an error always is. */
function reportCrash(cell: ActorCell, thrown: unknown, reason: ExitReason): void {
  if (isOrderly(reason)) return;
  if (reason !== thrown && !isError(reason) && !cell.supervised) return;
  cell.system.reports.crashed(cell, reason);
}

/** Clean-up, and then the end. */
function end(cell: ActorCell, reason: ExitReason): void {
  cell.status = EXITING;
  const { cold } = cell;
  release(cell);
  if (cell.generator !== undefined) unwind(cell, cell.generator);
  if (cold?.awaiting !== undefined) unwind(cell, cold.awaiting.steps);
  if (cold?.laidAside !== undefined) unwind(cell, cold.laidAside);
  if (cold?.abort !== undefined) attempt(cell, () => cold.abort?.abort(reason));
  if (cold?.deferred !== undefined) {
    for (let cleanUp = cold.deferred.pop(); cleanUp !== undefined; cleanUp = cold.deferred.pop())
      attempt(cell, cleanUp);
  }
  conclude(cell, reason);
}

/** Runs the pending `finally` blocks. One that suspends is dropped where it stands. */
function unwind(cell: ActorCell, steps: Steps): void {
  cell.generator = undefined;
  attempt(cell, () => steps.return?.());
}

/** An error in clean-up is reported, and changes no reason. */
function attempt(cell: ActorCell, cleanUp: () => unknown): void {
  try {
    cleanUp();
  } catch (error) {
    cell.system.reports.cleanUpFailed(cell, error);
  }
}
