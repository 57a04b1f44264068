/** Requests of one turn become one change; the store keeps it whole, or each is tried on its own. */

import type { Context } from 'beamish';
import { type Store, StoreFailed } from '../stores/store.ts';
import { Batch, type BatchOptions, type Steps } from './batch.ts';
import { asOne } from './changes.ts';

/** Something that is asked of the store. */
export interface Request {
  /** What it does to the batch; what that returns is called once the batch is kept. It may be done again from the beginning. */
  work(batch: Batch): Steps<() => void>;
  /** The same without a step: undefined, and nothing has been done, where the store has to be waited for. */
  now?(batch: Batch): (() => void) | undefined;
  /** The task that it is about, or those, so far as that is known. */
  readonly id?: string;
  readonly ids?: readonly string[];
  /** It changes nothing. */
  readonly isRead?: boolean;
  /** All that it does is kept, or nothing; otherwise each event on its own. */
  readonly isWhole?: boolean;
  /** Told that the store failed. Absent: it is tried again until the store has it. */
  refuse?(why: string): void;
}

/** More make a turn longer, not faster. */
const MOST = 1000;
/** A shared store may have changed under a request so many times in a row. */
const MOST_TRIES = 100;
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

  /** The store has failed with this error. Answers with why, in words. */
  fail(error: unknown): string {
    const why = error instanceof Error ? error.message : String(error);
    if (!this.#isFailing) this.#options.failing(why);
    this.#isFailing = true;
    return why;
  }

  /** The store has kept something. */
  recover(): void {
    if (this.#isFailing) this.#options.failing(undefined);
    this.#isFailing = false;
  }

  /** Does what has been asked for so far, up to a turn's length. */
  *run(): Steps<void> {
    const requests = this.#requests.splice(0, MOST);
    if (requests.length > 0) yield* this.#together(requests, 0);
  }

  *#together(requests: readonly Request[], tries: number): Steps<void> {
    const batch = new Batch(this.#options);
    const answers: (() => void)[] = [];
    try {
      if (this.#options.store.findMany !== undefined)
        yield* batch.prefetch(
          requests.flatMap(({ id, ids = [] }) => (id === undefined ? ids : [id])),
        );
      for (const request of requests) {
        if (request.isWhole === true) batch.together();
        else batch.apart();
        answers.push(request.now?.(batch) ?? (yield* request.work(batch)));
      }
    } catch (error) {
      // It cannot even be asked; whatever else is thrown is a mistake of this package.
      if (!(error instanceof StoreFailed)) throw error;
      this.#putOff(requests, this.fail(error));
      return;
    }
    const answer = yield* this.#commit(batch);
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
      this.#putOff(
        requests.filter(({ isRead }) => isRead !== true),
        answer.failed,
      );
      // What is known can be told all the same.
      const reads = requests.filter(({ isRead }) => isRead);
      if (reads.length > 0) yield* this.#together(reads, 0);
    }
  }

  /** Until the store is back, but for those who want to know at once. */
  #putOff(requests: readonly Request[], why: string): void {
    for (const request of requests)
      if (request.refuse !== undefined) request.refuse(why);
      else this.#requests.push(request);
  }

  *#commit(batch: Batch): Steps<'done' | 'stale' | { readonly failed: string }> {
    const { store } = this.#options;
    const changes = batch.changes();
    if (changes.length === 0) return 'done';
    let answers: readonly ('done' | 'stale')[];
    try {
      // Where others write, too, one that is stale is found with all that was to be kept with it.
      answers = yield* batch.got(store.commit(store.shared ? [asOne(changes)] : changes));
    } catch (error) {
      // A disk that is full, a database that is away: it kept nothing, and may be back soon.
      return { failed: this.fail(error) };
    }
    this.recover();
    return answers.includes('stale') ? 'stale' : 'done';
  }
}
