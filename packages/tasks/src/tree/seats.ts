/** The threads of a pool, each with at most one task: who has which, and who waits for one. */

import type { Threads } from '@beamish/threads';

/** What keys of tasks that run in threads begin with, so that whoever gives out tasks passes them over while no thread is free. */
export const IN_THREAD = '\n';

export class Seats {
  readonly #threads: Threads | undefined;
  #free: number[];
  /** By the id of a task, which thread it has. */
  readonly #taken = new Map<string, number>();
  /** Those who were given out although none was free, in order. */
  readonly #waiting = new Set<string>();
  /** Rises whenever one is free again. */
  freed = 0;

  constructor(threads: Threads | undefined) {
    this.#threads = threads;
    this.#free = (threads?.systems ?? []).map((_, i) => i);
  }

  get isFull(): boolean {
    return !this.#free.some((each) => this.#isAlive(each));
  }

  /** Keys of those that run in threads, while none is free. */
  holds(key: string): boolean {
    return this.isFull && key.startsWith(IN_THREAD);
  }

  /** Takes one, or waits for one. */
  take(id: string): void {
    if (this.isFull) {
      this.#waiting.add(id);
      return;
    }
    // The one that was in use last has its code at hand.
    const thread = this.#free.findLast((each) => this.#isAlive(each)) as number;
    this.#free = this.#free.filter((each) => each !== thread);
    this.#taken.set(id, thread);
  }

  /** It was given out, and has no thread yet. */
  isWaiting(id: string): boolean {
    return this.#waiting.has(id);
  }

  of(id: string): number | undefined {
    return this.#taken.get(id);
  }

  /** Those who waited and have one now. */
  seated(): string[] {
    const ids: string[] = [];
    for (const id of this.#waiting) {
      if (this.isFull) break;
      this.#waiting.delete(id);
      this.take(id);
      ids.push(id);
    }
    return ids;
  }

  /** Its body has ended. */
  release(id: string): void {
    this.#waiting.delete(id);
    const thread = this.#taken.get(id);
    if (thread === undefined) return;
    this.#taken.delete(id);
    this.#free.push(thread);
    this.freed++;
  }

  /** Who would have heard of its end is gone, and it may compute for ever. */
  abandon(id: string): void {
    const thread = this.#taken.get(id);
    if (thread !== undefined)
      this.#threads?.replace(thread, new Error(`The worker of the task ${id} is gone`));
    this.release(id);
  }

  /** Those that died too often are not started again. */
  #isAlive(thread: number): boolean {
    return this.#threads?.isAlive(thread) === true;
  }
}
