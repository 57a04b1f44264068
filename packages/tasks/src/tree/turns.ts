/** Requests of one turn become one change; the store keeps it whole, or each is tried on its own. */

import type { Context } from 'beamish';
import type { Change, Store } from '../stores/store.ts';
import { Batch, type BatchOptions, type Steps } from './batch.ts';

/** Something that is asked of the store. */
export interface Request {
  /** What it does to the batch; what that returns is called once the batch is kept. It may be done again from the beginning. */
  work(batch: Batch): Steps<() => void>;
  /** Told that the store failed. Absent: it is tried again until the store has it. */
  refuse?(why: string): void;
}

/** More make a turn longer, not faster. */
const MOST = 1000;
/** A shared store may have changed under a request so many times in a row. */
const MOST_TRIES = 100;
/** Until a store that has failed is tried again. */
export const AGAIN_MS = 1000;

export interface TurnsOptions extends BatchOptions {
  readonly self: Context;
  readonly store: Store;
  /** What has been kept, before anybody is answered. */
  readonly kept: (batch: Batch) => void;
  /** Called with why when it fails, and without when it goes on. */
  readonly failing: (why: string | undefined) => void;
}

export class Turns {
  readonly #options: TurnsOptions;
  #requests: Request[] = [];
  #isFailing = false;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  get waiting(): number {
    return this.#requests.length;
  }

  add(request: Request): void {
    this.#requests.push(request);
  }

  /** Does what has been asked for so far, up to a turn's length. */
  *run(): Steps<void> {
    const requests = this.#requests.splice(0, MOST);
    if (requests.length > 0) yield* this.#together(requests, 0);
  }

  *#together(requests: readonly Request[], tries: number): Steps<void> {
    const batch = new Batch(this.#options);
    const answers: (() => void)[] = [];
    for (const request of requests) answers.push(yield* request.work(batch));
    const change = batch.change();
    const answer = change === undefined ? 'done' : yield* this.#commit(change, batch);
    if (answer === 'stale') {
      if (tries === MOST_TRIES)
        throw new Error(
          `Cannot change the store: after ${tries} tries others were first each time`,
        );
      for (const request of requests) yield* this.#together([request], tries + 1);
    } else if (answer === 'done') {
      this.#options.kept(batch);
      for (const told of answers) told();
    } else {
      for (const request of requests)
        if (request.refuse === undefined) this.#requests.push(request);
        else request.refuse(answer.failed);
    }
  }

  *#commit(change: Change, batch: Batch): Steps<'done' | 'stale' | { readonly failed: string }> {
    let answers: readonly ('done' | 'stale')[];
    try {
      answers = yield* batch.got(this.#options.store.commit([change]));
    } catch (error) {
      // A disk that is full, a database that is away: it kept nothing, and may be back soon.
      const failed = error instanceof Error ? error.message : String(error);
      if (!this.#isFailing) this.#options.failing(failed);
      this.#isFailing = true;
      return { failed };
    }
    if (this.#isFailing) this.#options.failing(undefined);
    this.#isFailing = false;
    return answers[0] as 'done' | 'stale';
  }
}
