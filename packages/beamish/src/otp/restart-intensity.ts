/**
 * How often a supervisor may restart: more than `intensity` times within `periodMs` is too often. The
 * window slides, and a restart exactly `periodMs` ago still counts. Only time makes it forget: neither
 * a long healthy run nor a start that succeeds does.
 */

import { Deque } from '../mailbox/deque.ts';
import type { RestartRate } from '../state/report-port.ts';

/** Counts restarts in a sliding window, and says when there are too many. */
export class RestartIntensity implements RestartRate {
  /** Restarts within `periodMs` that are not too many. */
  readonly intensity: number;
  /** How long a restart counts, in ms. */
  readonly periodMs: number;
  /** When the restarts within the last period were, the oldest first. */
  readonly #restarts = new Deque<number>();

  /** Systems that were lost, by their incarnation, and when; undefined while none was. */
  #losses: Map<number, number> | undefined;

  constructor(intensity: number, periodMs: number) {
    this.intensity = intensity;
    this.periodMs = periodMs;
  }

  /** Restarts within the period that ended with the last one. */
  get count(): number {
    return this.#restarts.length;
  }

  /**
   * Counts a restart; false when it is one too many. The loss of a system is one event, however many
   * children were in it: `lost`, its incarnation, counts once within the period.
   */
  allows(now: number, lost?: number): boolean {
    // In whole milliseconds, which take no memory of their own.
    const at = Math.floor(now);
    this.#forget(at);
    if (lost !== undefined && !this.#isNews(lost, at)) return true;
    this.#restarts.push(at);
    return this.#restarts.length <= this.intensity;
  }

  /** How it stands now. */
  rateAt(now: number): RestartRate {
    this.#forget(Math.floor(now));
    return { count: this.count, intensity: this.intensity, periodMs: this.periodMs };
  }

  #isNews(lost: number, at: number): boolean {
    this.#losses ??= new Map();
    for (const [incarnation, before] of this.#losses)
      if (before < at - this.periodMs) this.#losses.delete(incarnation);
    if (this.#losses.has(lost)) return false;
    this.#losses.set(lost, at);
    return true;
  }

  #forget(at: number): void {
    const since = at - this.periodMs;
    while ((this.#restarts.peek() ?? at) < since) this.#restarts.shift();
  }
}
