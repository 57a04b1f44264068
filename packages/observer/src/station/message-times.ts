/** How long recorded messages waited, and were handled: counted from the ring, which is read from time to time. */

import type { Recorder } from './recorder.ts';
import { FATES, KINDS } from './ring.ts';

/** In seconds. */
export const BUCKETS = [0.0001, 0.001, 0.01, 0.1, 1, 10] as const;

/** How many took at most so many seconds, by those, `+Inf` for all; and `sum`, of their seconds. */
export type Histogram = readonly (readonly [string, number])[];

/**
 * Counts the waiting and the handling of each message once, as soon as it is over. What the ring wrote over before it
 * was read is not counted.
 */
export class MessageTimes {
  readonly #queue = new Seconds();
  readonly #handling = new Seconds();
  #recorder: Recorder | undefined;
  /** The number of the last message that was read. */
  #last = 0;
  /** Those up to there of which more was to come, and whether they were taken; oldest first. */
  #open: ReadonlyMap<number, boolean> = new Map();

  read(recorder: Recorder | undefined): {
    readonly queue: Histogram;
    readonly handling: Histogram;
  } {
    if (recorder !== undefined) this.#count(recorder);
    return { queue: this.#queue.told, handling: this.#handling.told };
  }

  #count(recorder: Recorder): void {
    if (recorder !== this.#recorder) {
      // Its numbers begin anew.
      this.#recorder = recorder;
      this.#last = 0;
      this.#open = new Map();
    }
    const open = new Map<number, boolean>();
    const [first = this.#last + 1] = this.#open.keys();
    for (const { n, kind, sent, taken, done, fate } of recorder.read(first)) {
      const wasTaken = this.#open.get(n);
      if (KINDS[kind] === 'reply' || (n <= this.#last && wasTaken === undefined)) continue;
      if (taken === undefined) {
        if (FATES[fate] === 'waiting') open.set(n, false);
        continue;
      }
      if (wasTaken !== true) this.#queue.add(taken - sent);
      if (done === undefined) open.set(n, true);
      else this.#handling.add(done - taken);
    }
    this.#open = open;
    this.#last = recorder.count;
  }
}

class Seconds {
  readonly #counts = BUCKETS.map(() => 0);
  #count = 0;
  #sum = 0;

  add(ms: number): void {
    const seconds = Math.max(0, ms) / 1000;
    this.#count++;
    this.#sum += seconds;
    BUCKETS.forEach((most, i) => {
      if (seconds <= most) this.#counts[i] = (this.#counts[i] ?? 0) + 1;
    });
  }

  get told(): Histogram {
    return [
      ...BUCKETS.map((most, i) => [String(most), this.#counts[i] ?? 0] as const),
      ['+Inf', this.#count],
      ['sum', this.#sum],
    ];
  }
}
