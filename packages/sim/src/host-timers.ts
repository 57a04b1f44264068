/** Timers that actors' code has of the host: `setTimeout` and its kin, in virtual time. */

export interface HostTimer {
  due: number;
  readonly everyMs: number;
  readonly ring: () => void;
}

export class HostTimers {
  readonly #timers: HostTimer[] = [];

  start(now: number, ms: number, isRepeated: boolean, ring: () => void): HostTimer {
    // As the host counts: no less than 1 ms.
    const its = Math.max(1, Math.ceil(ms) || 0);
    const timer = { due: now + its, everyMs: isRepeated ? its : 0, ring };
    this.#timers.push(timer);
    return timer;
  }

  stop(timer: HostTimer): void {
    const i = this.#timers.indexOf(timer);
    if (i >= 0) this.#timers.splice(i, 1);
  }

  get count(): number {
    return this.#timers.length;
  }

  /** The one that rings next. */
  next(): HostTimer | undefined {
    let next: HostTimer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.due < next.due) next = timer;
    return next;
  }

  /** Takes it out, or sets it for the next time. */
  rung(timer: HostTimer): void {
    this.stop(timer);
    if (timer.everyMs === 0) return;
    timer.due += timer.everyMs;
    this.#timers.push(timer);
  }
}
