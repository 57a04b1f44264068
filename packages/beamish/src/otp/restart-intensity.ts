/**
 * How often a supervisor may restart: more than `intensity` times within `periodMs` is too often. The
 * window slides, and a restart exactly `periodMs` ago still counts. Only time makes it forget: neither
 * a long healthy run nor a start that succeeds does.
 */

export class RestartIntensity {
  readonly #intensity: number;
  readonly #periodMs: number;
  #restarts: number[] = [];

  constructor(intensity: number, periodMs: number) {
    this.#intensity = intensity;
    this.#periodMs = periodMs;
  }

  /** Counts a restart; false when it is one too many. */
  allows(now: number): boolean {
    const since = now - this.#periodMs;
    if ((this.#restarts[0] ?? now) < since)
      this.#restarts = this.#restarts.filter((at) => at >= since);
    this.#restarts.push(now);
    return this.#restarts.length <= this.#intensity;
  }
}
