/** What a body yields, and what it waits for. */

import type { ExitReason } from './exit-reason.ts';
import type { Ref } from './ref.ts';

declare const FORGOT_THE_STAR_OF_YIELD: unique symbol;

/** What a body yields to the scheduler. Nobody outside the runtime can make one, so a forgotten `*` does not compile. */
export interface Step {
  readonly [FORGOT_THE_STAR_OF_YIELD]: true;
}

/** The type of a generator body: `function* counter(self: Self<Msg>, n: number): Actor { … }`. */
export interface Actor<R = void> extends Generator<Step, R, unknown> {
  /** Never there: it makes `await helper(self)`, which would run nothing, an error. */
  readonly then?: (useYieldStarOrPerform: never) => never;
}

/**
 * Something that may suspend the actor: `yield*` it in a generator body, `await` it in an async one or
 * outside. It is used once, at once, where it is made: making a second one while the first has not
 * begun throws, and names the forgotten `yield*`.
 */
export interface Operation<T> extends PromiseLike<T> {
  [Symbol.iterator](): Iterator<Step, T, unknown>;
}

/** Waits for a message. Without `after`, for as long as it takes. */
export interface Receive<T> extends Operation<T> {
  /** Give up after `ms` and yield `undefined`; `after(0)` looks at what is there and does not suspend. */
  after(ms: number): Operation<T | undefined>;
  /** Take only what the guard accepts; the rest stays, in order. Guards run on the receiver's turn; one that throws crashes the receiver, its message still in the mailbox. */
  where<U extends T>(guard: (message: T) => message is U): Receive<U>;
  where(guard: (message: T) => boolean): Receive<T>;
}

/** A monitor, a one-shot alias and a deadline (5,000 ms unless `within` says otherwise). */
export interface Call<T> extends Operation<T> {
  /**
   * Waits for at most `ms`, and then throws `CallFailed` with `'timeout'`; or until the signal is aborted, and then throws its
   * reason. A reply that comes later reaches nobody.
   */
  within(ms: number | 'infinity', signal?: AbortSignal): Operation<T>;
}

/** How a request or a task went. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      /** As of `CallFailed`. */
      readonly reason: ExitReason;
    };

/** A request under way, to be awaited later; several can be. */
export interface Pending<T> {
  /** Names the request: its monitor, as `info` lists it. */
  readonly ref: Ref;
  /** Waits, and gives the request up at the deadline: a reply that comes after it is a dead letter. */
  reply(): Call<T>;
  /** Waits for at most `ms` and throws nothing; undefined if nothing came, and the request goes on. */
  wait(ms: number | 'infinity'): Operation<Outcome<T> | undefined>;
}

/** A call from outside: sent at once, and a real promise. */
export interface Reply<T> extends Promise<T> {
  /** Waits for at most `ms`, and then rejects with `CallFailed`; with the signal's reason when that is aborted before. */
  within(ms: number | 'infinity', signal?: AbortSignal): Reply<T>;
}
