/** Time that stands still until a test moves it, and turns that run when a test lets them. */

import { type Clock, hostClock } from '../seams/clock.ts';

/**
 * A clock for tests. Nothing happens on it but in `settle` and `advance`, so a test never waits for real
 * time. What bodies do on promises of their own that need real time is not waited for.
 *
 * ```ts
 * const clock = new VirtualClock();
 * const virtual = new ActorSystem({ clock, log: 'off' });
 * const pid = virtual.spawn(function* (self: Self): Actor {
 *   yield* self.sleep(60_000);
 * });
 * await clock.advance(60_000);
 * virtual.info(pid) === undefined; // true
 * ```
 */
export class VirtualClock implements Clock {
  readonly #host = hostClock();
  #now = 0;
  #turns: (() => void)[] = [];
  #alarm: { readonly at: number; readonly ring: () => void } | undefined;
  #over = new Set<() => void>();

  now(): number {
    return this.#now;
  }

  /** It began with the year 2000. */
  wall(): number {
    return Date.UTC(2000) + this.#now;
  }

  soon(turn: () => void): void {
    this.#turns.push(turn);
  }

  alarm(ms: number, ring: () => void): void {
    this.#alarm = { at: this.#now + ms, ring };
  }

  silence(): void {
    this.#alarm = undefined;
  }

  /** Nothing is to ring: by itself, the program would end. */
  get isSilent(): boolean {
    return this.#alarm === undefined && this.#turns.length === 0;
  }

  /** Moves time on without letting anything happen, as a program does that is busy with something else. */
  skip(ms: number): void {
    this.#now += ms;
  }

  whenOver(over: () => void): () => void {
    this.#over.add(over);
    return () => this.#over.delete(over);
  }

  /** When the alarm will ring; undefined if none is set, and the program could end. */
  get nextAlarm(): number | undefined {
    return this.#alarm?.at;
  }

  /** Says that nothing will ever happen any more, as the end of the program does. */
  end(): void {
    for (const over of [...this.#over]) over();
  }

  /** Runs all turns, and what promises do between them, until nothing happens without time. */
  async settle(): Promise<void> {
    for (;;) {
      while (this.#turns.length > 0) this.#turns.shift()?.();
      // Every promise reaction that is due has run when the host's next turn comes.
      await new Promise<void>((resolve) => this.#host.soon(resolve));
      if (this.#turns.length === 0 && !this.#ringIfDue()) return;
    }
  }

  /** Moves time on, alarm by alarm, settling before and after each. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.settle();
    while (this.#alarm !== undefined && this.#alarm.at <= until) {
      this.#now = Math.max(this.#now, this.#alarm.at);
      await this.settle();
    }
    this.#now = until;
    await this.settle();
  }

  /** Moves time on, alarm by alarm, until `condition` is true. @throws Error if it is not after `ms`. */
  async advanceUntil(condition: () => boolean, ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.settle();
    while (!condition()) {
      const next = this.#alarm?.at ?? until;
      if (this.#now >= until)
        throw new Error(`What was waited for has not come in ${ms} virtual ms`);
      this.#now = Math.max(this.#now, Math.min(next, until));
      await this.settle();
    }
  }

  #ringIfDue(): boolean {
    const alarm = this.#alarm;
    if (alarm === undefined || alarm.at > this.#now) return false;
    this.#alarm = undefined;
    alarm.ring();
    return true;
  }
}
