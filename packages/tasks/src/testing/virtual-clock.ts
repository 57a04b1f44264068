/** Time that stands still until somebody moves it. Turns run by themselves, as those of the host do. */

import type { Clock } from 'beamish';

/** How long bodies that wait for something outside, such as a file, may take before time goes on without them. */
const OUTSIDE_MS = 50;

export class VirtualClock implements Clock {
  #now = 0;
  #wallOffset: number;
  #alarm: { readonly at: number; readonly ring: () => void } | undefined;
  /** Turns that have been asked for and have not begun. */
  readonly #turns: (() => void)[] = [];
  /** Turns run when it is settled, not by themselves. */
  #isDriven = false;
  #isStopped = false;

  constructor(startAt: number) {
    this.#wallOffset = startAt;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now + this.#wallOffset;
  }

  /** Sets the calendar's clock forward, or back. */
  jump(ms: number): void {
    this.#wallOffset += ms;
  }

  soon(turn: () => void): void {
    this.#turns.push(turn);
    if (!this.#isDriven) setImmediate(() => this.#runOne());
  }

  alarm(ms: number, ring: () => void): void {
    this.#alarm = { at: this.#now + ms, ring };
  }

  silence(): void {
    this.#alarm = undefined;
  }

  whenOver(): () => void {
    return () => {};
  }

  /** Nothing ever happens here again, as in a process that was killed. */
  stop(): void {
    this.#isStopped = true;
    this.#turns.length = 0;
    this.#alarm = undefined;
  }

  /** When something is due next; undefined if nothing ever is. */
  get next(): number | undefined {
    return this.#alarm?.at;
  }

  /** Resolves when nothing happens without time. `waitsOutside`: whether somebody waits for what is not of this clock. */
  async settle(waitsOutside: () => boolean): Promise<void> {
    const began = performance.now();
    for (;;) {
      this.#isDriven = true;
      while (this.#turns.length > 0) this.#runOne();
      this.#isDriven = false;
      // Every promise reaction that is due has run when the host's next turn comes.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#turns.length > 0 || this.#ringIfDue()) continue;
      if (!waitsOutside() || performance.now() - began > OUTSIDE_MS) return;
      await new Promise<void>((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Moves time on, alarm by alarm, settling before and after each. */
  async advance(ms: number, waitsOutside: () => boolean): Promise<void> {
    const until = this.#now + ms;
    await this.settle(waitsOutside);
    while (this.#alarm !== undefined && this.#alarm.at <= until) {
      this.#now = Math.max(this.#now, this.#alarm.at);
      await this.settle(waitsOutside);
    }
    this.#now = until;
    await this.settle(waitsOutside);
  }

  #runOne(): void {
    const turn = this.#turns.shift();
    if (turn !== undefined && !this.#isStopped) turn();
  }

  #ringIfDue(): boolean {
    const alarm = this.#alarm;
    if (alarm === undefined || alarm.at > this.#now) return false;
    this.#alarm = undefined;
    alarm.ring();
    return true;
  }
}
