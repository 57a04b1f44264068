/** Time that stands still until whoever runs a system moves it. */

import type { Clock } from '../seams/clock.ts';

/**
 * A clock for a system under control: `time` is set by who runs it, and nothing happens by itself.
 *
 * ```ts
 * const clock = new StillClock();
 * const control = takeControl(new ActorSystem({ clock, decisions }));
 * ```
 */
export class StillClock implements Clock {
  /** Milliseconds since it was made. It must not go backward. */
  time = 0;
  readonly #epoch: number;
  #turns: (() => void)[] = [];

  /** `epoch` is what the wall clock says at the beginning, in milliseconds since 1970. Default 0. */
  constructor(epoch = 0) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.time;
  }

  wall(): number {
    return this.#epoch + this.time;
  }

  soon(turn: () => void): void {
    this.#turns.push(turn);
  }

  /** Runs what was to run soon, by now. */
  turn(): void {
    for (const turn of this.#turns.splice(0)) turn();
  }

  alarm(): void {}

  silence(): void {}

  whenOver(): () => void {
    return () => {};
  }
}
