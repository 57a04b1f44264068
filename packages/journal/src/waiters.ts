/** Those who wait for what they appended to be kept, in the order in which they asked. */

import type { Answer } from './answer.ts';
import type { JournalFailed } from './errors.ts';
import type { Position } from './position.ts';

export class Waiter {
  readonly upTo: Position;
  #outcome: 'kept' | JournalFailed | undefined;
  #resolve: (() => void) | undefined;
  #reject: ((error: JournalFailed) => void) | undefined;

  constructor(upTo: Position) {
    this.upTo = upTo;
  }

  /** At once where it is known already, which it is on a disk that does. To be called once. */
  answer(): Answer<void> {
    if (this.#outcome === 'kept') return;
    if (this.#outcome !== undefined) throw this.#outcome;
    const promise = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    return unwatched(promise);
  }

  kept(): void {
    this.#outcome = 'kept';
    this.#resolve?.();
  }

  failed(error: JournalFailed): void {
    this.#outcome = error;
    this.#reject?.(error);
  }
}

export class Waiters {
  #waiting: Waiter[] = [];

  /** What the first one waits for. */
  get first(): Position | undefined {
    return this.#waiting[0]?.upTo;
  }

  /** What the last one waits for, which is the most; -1 if nobody waits. */
  get last(): Position {
    return this.#waiting.at(-1)?.upTo ?? -1;
  }

  add(upTo: Position): Waiter {
    const waiter = new Waiter(upTo);
    this.#waiting.push(waiter);
    return waiter;
  }

  /** Answers those who wait for no more than `kept`, and answers with what the last of them waited for; -1 if there was none. */
  settle(kept: Position): Position {
    if (this.#waiting.length === 0 || (this.#waiting[0] as Waiter).upTo > kept) return -1;
    const first = this.#waiting.findIndex(({ upTo }) => upTo > kept);
    const settled = this.#waiting.splice(0, first < 0 ? this.#waiting.length : first);
    for (const waiter of settled) waiter.kept();
    return (settled.at(-1) as Waiter).upTo;
  }

  /** Answers those who wait for more than `kept`. */
  fail(kept: Position, error: JournalFailed): void {
    const first = this.#waiting.findIndex(({ upTo }) => upTo > kept);
    if (first < 0) return;
    for (const waiter of this.#waiting.splice(first)) waiter.failed(error);
  }
}

/** Nobody has to look at it: who does not wait for a commit has the event `failed`. */
export function unwatched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
