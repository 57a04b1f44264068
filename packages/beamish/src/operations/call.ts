/** Waiting for the reply to a request: `self.call`, and `reply` of what `self.request` made. */

import { type Request, retract } from '../signals/requests.ts';
import { checkTimeout, startDeadline, stopDeadline } from '../signals/timers.ts';
import { resume } from '../signals/wake.ts';
import { type ActorCell, NOTHING } from '../state/actor-cell.ts';
import { type Awaited, coldStateOf } from '../state/cold-state.ts';
import { MADE, RUNNING } from '../state/status.ts';
import type { Call, Operation, Outcome } from '../terms/operation.ts';
import type { Target } from '../terms/pid.ts';
import { awaitSteps } from '../turn/step.ts';
import { checkSignal, onAbort } from './abort.ts';
import { done, park, SUSPENDED, Suspension, tookLong, undecided } from './suspension.ts';

/** How long a call waits for its reply unless `within` says otherwise, in ms; as in OTP. */
export const DEFAULT_CALL_TIMEOUT = 5000;

/** No deadline. */
const NEVER = -1;

export class CallOperation implements Call<unknown>, Awaited {
  /** What the last call asked for, for people. */
  what = '';
  readonly #cell: ActorCell;
  /** Undefined when the call is over: an actor has one operation for all its calls. */
  #request: Request | undefined = undefined;
  /** The question was asked for this wait alone. */
  readonly #asks: boolean;
  #timeout = DEFAULT_CALL_TIMEOUT;
  /** What else it gives up at; set by `within`, and gone when the call is over. */
  #signal: AbortSignal | undefined = undefined;

  constructor(cell: ActorCell, asks: boolean) {
    this.#cell = cell;
    this.#asks = asks;
  }

  /** Begins to wait for another request; the one before is over. */
  of(request: Request): this {
    this.#request = request;
    this.what = request.what;
    this.#timeout = DEFAULT_CALL_TIMEOUT;
    return this;
  }

  get why(): 'call' {
    return 'call';
  }

  get target(): Target | undefined {
    return this.#request?.target;
  }

  get words(): string {
    return replyTo(this);
  }

  get identity(): object | undefined {
    return this.#request;
  }

  within(ms: number | 'infinity', signal?: AbortSignal): this {
    try {
      const checked = checkDeadline(ms);
      checkSignal(signal);
      this.#timeout = checked === 'infinity' ? NEVER : checked;
      this.#signal = signal;
      return this;
    } catch (error) {
      this.neverBegin();
      throw error;
    }
  }

  [Symbol.iterator](): this {
    return this;
  }

  // biome-ignore lint/suspicious/noThenProperty: an operation can be awaited
  then<A, B>(
    onValue?: ((value: unknown) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return awaitSteps<unknown>(this.#cell, this).then(onValue, onError);
  }

  next(): IteratorResult<never, unknown> {
    const cell = this.#cell;
    const request = this.#request as Request;
    if (cell.status === MADE) {
      cell.status = RUNNING;
      if (request.state !== 'pending' || this.#timeout === 0 || this.#signal?.aborted === true) {
        return tookLong(cell) ? SUSPENDED : this.decide(request);
      }
      request.awaited = true;
      park(cell, this);
      if (this.#timeout !== NEVER) startDeadline(cell, this.#timeout);
      if (this.#signal !== undefined) resumeOnAbort(cell, this.#signal);
      return SUSPENDED;
    }
    if (cell.status !== RUNNING) return SUSPENDED;
    cell.resumeValue = NOTHING;
    if (this.#timeout !== NEVER) stopDeadline(cell);
    return this.decide(request);
  }

  /** At the deadline, a reply that is there already still counts. */
  private decide(request: Request): IteratorResult<never, unknown> {
    const signal = this.#signal;
    this.#request = undefined;
    if (signal !== undefined) this.letGo();
    if (request.state === 'answered') return done(request.value);
    if (request.state === 'failed') throw request.failure();
    request.abandon();
    throw signal?.aborted === true ? signal.reason : request.failure('timeout');
  }

  /** The caller's mistake: whoever catches it may go on. */
  private neverBegin(): void {
    if (this.#cell.status !== MADE) return;
    this.#cell.status = RUNNING;
    if (this.#asks && this.#request !== undefined) retract(this.#request);
  }

  private letGo(): void {
    this.#signal = undefined;
    const cold = coldStateOf(this.#cell);
    cold.abort?.abort();
    cold.abort = undefined;
  }
}

/** A wait for several requests, all of which go on whatever comes. */
export interface Wait<T> {
  readonly requests: readonly Request[];
  readonly ms: number | 'infinity';
  /** Whether the wait is over with this one, which has just been settled and leaves so many that are pending. */
  readonly suffices: (request: Request, pending: number) => boolean;
  /** What the operation returns, or throws, when the wait is over or its time is up. */
  readonly result: () => T;
}

/** Waits for those of the requests that are pending, if any is. @throws RangeError for what is no deadline. */
export function settling<T>(cell: ActorCell, wait: Wait<T>): Operation<T> {
  const { suffices, result } = wait;
  const ms = checkDeadline(wait.ms);
  const restore: (() => void)[] = [];
  return new Suspension<T>(cell, {
    begin() {
      const pending = wait.requests.filter((request) => request.state === 'pending');
      if (ms === 0 || pending.length === 0) return tookLong(cell) ? undecided : result();
      let left = pending.length;
      for (const request of pending) {
        const { settled } = request;
        restore.push(() => {
          request.settled = settled;
        });
        request.settled = () => {
          settled?.();
          if (suffices(request, --left)) resume(cell, undefined);
        };
      }
      park(cell, {
        why: 'call',
        what: pending.map(({ what }) => what).join(', '),
        target: pending[0]?.target,
        words: pending.map(replyTo).join(', '),
      });
      if (ms !== 'infinity') startDeadline(cell, ms);
      return undecided;
    },
    resume() {
      for (const undo of restore) undo();
      stopDeadline(cell);
      return result();
    },
  });
}

function replyTo({ what }: { readonly what: string }): string {
  return `the reply to "${what}"`;
}

/** What `wait` of a request returns. */
export function awaitingOutcome(
  cell: ActorCell,
  request: Request,
  ms: number | 'infinity',
): Operation<Outcome<unknown> | undefined> {
  return settling(cell, {
    requests: [request],
    ms,
    suffices: () => true,
    result: () => request.outcome,
  });
}

/** Its own controller, which its end aborts, takes the listener back. */
function resumeOnAbort(cell: ActorCell, signal: AbortSignal): void {
  const over = new AbortController();
  coldStateOf(cell).abort = over;
  over.signal.addEventListener(
    'abort',
    onAbort(signal, () => resume(cell, undefined)),
  );
}

/** @throws RangeError for what is no deadline. */
export function checkDeadline(ms: number | 'infinity'): number | 'infinity' {
  return ms === 'infinity' ? ms : checkTimeout(ms, 'call within');
}
