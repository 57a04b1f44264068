/** What time it is, for records: milliseconds since 1970 that only go forward, and the calendar's. */

import type { Seams } from 'beamish/transport';

export class Time {
  readonly #seams: Seams;
  readonly #offset: number;

  constructor(seams: Seams) {
    this.#seams = seams;
    this.#offset = seams.wall() - seams.now();
  }

  /** Of the system's clock, which nobody sets back or forward: what waits, leases and delays go by. */
  now(): number {
    return Math.round(this.#seams.now() + this.#offset);
  }

  /** Of the calendar: what `at` and schedules go by. */
  wall(): number {
    return Math.round(this.#seams.wall());
  }

  random(): number {
    return this.#seams.random();
  }
}
