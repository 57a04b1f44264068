/** What happens, for who reads it by and by: of what is not read in time, the number is told in its place. */

import type { EventKind, Happening } from '../terms/happening.ts';

const MOST = 1000;

export class HappeningQueue implements AsyncIterableIterator<Happening> {
  readonly #kinds: ReadonlySet<EventKind>;
  readonly #end: () => void;
  #queued: Happening[] = [];
  #missed = 0;
  #isOver = false;
  #waiting: ((result: IteratorResult<Happening, undefined>) => void) | undefined;

  /** `end` is called once, when nobody reads any more. */
  constructor(kinds: readonly EventKind[], end: () => void) {
    this.#kinds = new Set(kinds);
    this.#end = end;
  }

  push(happening: Happening): void {
    if (this.#isOver || !this.#kinds.has(happening.kind)) return;
    this.#put(happening);
  }

  miss(count: number): void {
    this.#missed += count;
  }

  /** What is queued is read still. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#end();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Happening, undefined>> {
    const first = this.#queued.shift() ?? this.#gap();
    if (first !== undefined) return Promise.resolve({ done: false, value: first });
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  return(): Promise<IteratorResult<Happening, undefined>> {
    this.#queued = [];
    this.#missed = 0;
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  #put(happening: Happening): void {
    const waiting = this.#waiting;
    if (waiting !== undefined && this.#missed === 0) {
      this.#waiting = undefined;
      waiting({ done: false, value: happening });
      return;
    }
    if (this.#queued.length >= MOST) {
      this.#missed++;
      return;
    }
    const gap = this.#gap();
    if (gap !== undefined) this.#queued.push(gap);
    this.#queued.push(happening);
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting({ done: false, value: this.#queued.shift() as Happening });
    }
  }

  #gap(): Happening | undefined {
    if (this.#missed === 0) return undefined;
    const missed = this.#missed;
    this.#missed = 0;
    return { kind: 'gap', at: Date.now(), missed };
  }
}
