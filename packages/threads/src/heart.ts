/** The heartbeat of a thread, as its pool sees it: whether its event loop turns. */

import { BEATS } from './worker-protocol.ts';

/** Looks without a beat between them before a thread is taken for stalled, or more where that takes long. */
const FEWEST_LOOKS = 4;
/** Between two looks. Host timers keep no more than 2³¹ − 1 ms, and fire at once for longer ones. */
const LONGEST_MS = 60_000;

export class Heart {
  readonly #vitals: Int32Array;
  readonly #stalled: (ms: number) => void;
  #ms = Number.POSITIVE_INFINITY;
  /** Undefined while nobody looks. */
  #looking: ReturnType<typeof setInterval> | undefined;
  #seen = 0;
  /** Since the last beat. */
  #looks = 0;
  /** One that has not begun is loading, which may take as long as it needs. */
  #mayLoad = true;

  /** `stalled` hears that there was no beat for so long; nobody looks any more then. */
  constructor(vitals: Int32Array, stalled: (ms: number) => void) {
    this.#vitals = vitals;
    this.#stalled = stalled;
  }

  /** From now on, one that does not beat for `ms` is stalled; if that was shorter before, it stays so. */
  watch(ms: number): void {
    if (ms >= this.#ms) return;
    this.rest();
    this.#ms = ms;
    this.#looks = 0;
    this.#seen = Atomics.load(this.#vitals, BEATS);
    const everyMs = Math.min(Math.ceil(ms / FEWEST_LOOKS), LONGEST_MS);
    const most = Math.ceil(ms / everyMs);
    this.#looking = setInterval(() => this.#look(most), everyMs);
    // In a browser there is nothing to be kept alive.
    (this.#looking as Partial<NodeJS.Timeout>).unref?.();
  }

  /** As `watch`, whether it has begun or not. */
  hurry(ms: number): void {
    this.#mayLoad = false;
    this.watch(ms);
  }

  /** Looks no more. */
  rest(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  /** Looks are counted and not milliseconds, so that a stall of this thread is not taken for one of that. */
  #look(most: number): void {
    const beats = Atomics.load(this.#vitals, BEATS);
    const isLoading = beats === 0 && this.#mayLoad;
    this.#looks = beats === this.#seen && !isLoading ? this.#looks + 1 : 0;
    this.#seen = beats;
    if (this.#looks < most) return;
    this.rest();
    this.#stalled(this.#ms);
  }
}
