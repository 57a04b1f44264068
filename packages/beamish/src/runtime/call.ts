/** Waiting for the reply to a request: `self.call`, and `reply` of what `self.request` made. */

import { type ActorCell, MADE, NOTHING, RUNNING, rareOf } from './actor-cell.ts';
import type { Call } from './operation.ts';
import type { Request } from './requests.ts';
import { awaitSteps } from './step.ts';
import { done, park, SUSPENDED, tookLong } from './suspension.ts';
import { checkTimeout, startDeadline, stopDeadline } from './timers.ts';

/** How long a call waits for its reply unless `within` says otherwise, in ms; as in OTP. */
export const DEFAULT_CALL_TIMEOUT = 5000;

export class CallOperation implements Call<unknown> {
  readonly #cell: ActorCell;
  readonly #request: Request;
  #ms: number | 'infinity' = DEFAULT_CALL_TIMEOUT;

  constructor(cell: ActorCell, request: Request) {
    this.#cell = cell;
    this.#request = request;
  }

  within(ms: number | 'infinity'): this {
    this.#ms = checkDeadline(ms);
    return this;
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
    const request = this.#request;
    if (cell.status === MADE) {
      cell.status = RUNNING;
      if (request.state !== 'pending' && tookLong(cell)) return SUSPENDED;
      if (request.state !== 'pending' || this.#ms === 0) return this.#decide(request);
      rareOf(cell).request = request;
      park(cell, `the reply to "${request.what}"`);
      if (this.#ms !== 'infinity') startDeadline(cell, this.#ms);
      return SUSPENDED;
    }
    if (cell.status !== RUNNING) return SUSPENDED;
    cell.handed = NOTHING;
    rareOf(cell).request = undefined;
    if (this.#ms !== 'infinity') stopDeadline(cell);
    return this.#decide(request);
  }

  /** At the deadline, a reply that is there already still counts. */
  #decide(request: Request): IteratorResult<never, unknown> {
    if (request.state === 'answered') return done(request.value);
    if (request.state === 'failed') throw request.failure();
    request.abandon();
    throw request.failure('timeout');
  }
}

/** @throws RangeError for what is no deadline. */
export function checkDeadline(ms: number | 'infinity'): number | 'infinity' {
  return ms === 'infinity' ? ms : checkTimeout(ms, 'call within');
}
