/** What is on its way into the journal: it gathers here until the actor `log` takes it, and comes back if it was not kept. */

import type { Position } from '@beamish/journal';
import type { Context, Message, Name } from 'beamish';
import type { Place } from './kept.ts';
import { encodeRecord } from './records.ts';

/** One entry, and what happens when it is kept. */
export interface Step {
  /** Absent if it only waits for those before it. */
  readonly bytes: Uint8Array | undefined;
  /** It is kept, there. */
  done(self: Context, at: Position): void;
  /** It could not be kept, and is not to be tried again; absent if it is. */
  readonly failed?: (self: Context) => void;
}

export interface Flush extends Message {
  readonly tag: '$flush';
}

const FLUSH: Flush = Object.freeze({ tag: '$flush' });

export class Pending {
  readonly #log: Name<Flush>;
  #steps: Step[] = [];
  /** By queue, the numbers of messages; these come behind all steps, since they are of messages that are kept. */
  readonly #settled = new Map<string, number[]>();
  /** Entries that nobody wants any more, or will soon not: the journal takes it as a hint. */
  #released: Position[] = [];
  /** The log has been told that there is something; unset when it takes it. */
  #isTold = false;

  constructor(log: Name<Flush>) {
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#steps.length + this.#settled.size === 0;
  }

  add(self: Context, step: Step): void {
    this.#steps.push(step);
    this.tell(self);
  }

  /** That it is settled; what is noted of many is one entry. */
  settle(self: Context | undefined, { queue, message }: Place): void {
    const its = this.#settled.get(queue);
    if (its === undefined) this.#settled.set(queue, [message.id]);
    else its.push(message.id);
    // Without anybody to tell, it is written with what comes next.
    if (self !== undefined) this.tell(self);
  }

  release(at: Position): void {
    this.#released.push(at);
  }

  /** All that has gathered. */
  take(): readonly Step[] {
    this.#isTold = false;
    const steps = this.#steps;
    this.#steps = [];
    if (this.#settled.size > 0) {
      const bytes = encodeRecord({ is: 'settled', of: [...this.#settled] });
      // It is as good as dead, though it stays as long as one of its messages is in another queue.
      steps.push({ bytes, done: (_, at) => this.release(at) });
      this.#settled.clear();
    }
    return steps;
  }

  takeReleased(): readonly Position[] {
    const released = this.#released;
    this.#released = [];
    return released;
  }

  /** These were not kept. What nobody waits for is tried again, before all that has come since. */
  again(self: Context, steps: readonly Step[]): void {
    this.#steps = [...steps.filter(({ failed }) => failed === undefined), ...this.#steps];
    for (const { failed } of steps) failed?.(self);
  }

  /** There is something to be written. */
  tell(self: Context): void {
    if (this.#isTold) return;
    this.#isTold = true;
    self.send(this.#log, FLUSH);
  }
}
