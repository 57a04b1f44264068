/** Those who wait for what they appended to be kept, in the order in which it was appended, and they asked. */

import type { Answer } from './answer.ts';
import type { JournalFailed } from './errors.ts';
import type { Position } from './position.ts';

export class Waiter {
  readonly upTo: Position;
  /** Not compaction. */
  readonly isOwner: boolean;
  #outcome: 'kept' | JournalFailed | undefined;
  #resolve: (() => void) | undefined;
  #reject: ((error: JournalFailed) => void) | undefined;

  constructor(upTo: Position, isOwner: boolean) {
    this.upTo = upTo;
    this.isOwner = isOwner;
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

  /** What the last one waits for of those who wait for no more than `kept`; -1 if none does. */
  upTo(kept: Position): Position {
    return this.#waiting.findLast(({ upTo }) => upTo <= kept)?.upTo ?? -1;
  }

  add(upTo: Position, isOwner: boolean): Waiter {
    const waiter = new Waiter(upTo, isOwner);
    // Compaction waits for what was appended before what others may have asked for meanwhile.
    const before = this.#waiting.findLastIndex((its) => its.upTo <= upTo);
    this.#waiting.splice(before + 1, 0, waiter);
    return waiter;
  }

  /** Answers those who wait for no more than `kept`, and answers with what the last of them waited for, and the last of them that is the owner; -1 if there was none. */
  settle(kept: Position): { readonly all: Position; readonly owners: Position } {
    const answered = { all: -1, owners: -1 };
    if (this.#waiting.length === 0 || (this.#waiting[0] as Waiter).upTo > kept) return answered;
    const first = this.#waiting.findIndex(({ upTo }) => upTo > kept);
    const settled = this.#waiting.splice(0, first < 0 ? this.#waiting.length : first);
    for (const waiter of settled) {
      waiter.kept();
      answered.all = waiter.upTo;
      if (waiter.isOwner) answered.owners = waiter.upTo;
    }
    return answered;
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
