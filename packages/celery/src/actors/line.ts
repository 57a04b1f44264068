/** Calls that wait for a runner, in order; one whose limit is reached lets those behind it pass. */

import { type Definition, Limits, Seats } from '@beamish/tasks/engine';
import type { Ref, Self } from 'beamish';
import { type Seams, seamsOf } from 'beamish/transport';
import type { Pool } from '../terms/options.ts';
import type { Runnable } from './builtins.ts';
import type { Job } from './job.ts';

/** To the worker: a rate may let somebody go on. */
export const LIMITS_PASSED = { tag: '$limits' } as const;

interface Waiting {
  readonly job: Job;
  readonly runnable: Runnable;
}

export interface LineOptions {
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly threads: Pool | undefined;
  /** Told what a key has thrown, which is the program's. */
  readonly failed: (name: string, error: unknown) => void;
}

export class Line {
  readonly #self: Self;
  readonly #seams: Seams;
  readonly #limits: Limits;
  /** By identity, who has which thread. */
  readonly #seats: Seats;
  readonly #waiting: Waiting[] = [];
  #timer: Ref | undefined;

  constructor(self: Self, { definitions, threads, failed }: LineOptions) {
    this.#self = self;
    this.#seams = seamsOf(self);
    this.#limits = new Limits(definitions, () => this.#seams.now(), failed);
    this.#seats = new Seats(threads);
  }

  get jobs(): readonly Job[] {
    return this.#waiting.map(({ job }) => job);
  }

  push(job: Job, runnable: Runnable): void {
    const { name, options } = runnable.definition;
    if (options.limits !== undefined || options.thread !== undefined)
      job.key = this.#limits.keyOf({ ...job.record(runnable.args, 0), name });
    this.#waiting.push({ job, runnable });
  }

  find(identity: string): Job | undefined {
    return this.#waiting.find(({ job }) => job.identity === identity)?.job;
  }

  remove(isGone: (job: Job) => boolean): Job[] {
    const gone = this.jobs.filter(isGone);
    const kept = this.#waiting.filter(({ job }) => !gone.includes(job));
    this.#waiting.splice(0, this.#waiting.length, ...kept);
    return gone;
  }

  /** The next one that may begin. */
  take(): Waiting | undefined {
    const i = this.#waiting.findIndex(
      ({ job: { key } }) => key === undefined || !(this.#limits.has(key) || this.#seats.holds(key)),
    );
    if (i < 0) {
      if (this.#waiting.length > 0) this.#look();
      return undefined;
    }
    const [next] = this.#waiting.splice(i, 1) as [Waiting];
    const { job, runnable } = next;
    if (job.key !== undefined)
      this.#limits.take({ ...job.record(runnable.args, 0), name: runnable.definition.name });
    if (runnable.definition.options.thread !== undefined) this.#seats.take(job.identity);
    return next;
  }

  /** Which of the pool it has; undefined if it runs here. */
  threadOf({ identity }: Job): number | undefined {
    return this.#seats.of(identity);
  }

  /** Its body has ended. */
  release({ key, identity }: Job): void {
    this.#limits.release(key);
    this.#seats.release(identity);
  }

  limitsPassed(): void {
    this.#timer = undefined;
    this.#limits.refresh();
  }

  /** A rate lets somebody go on after a time. */
  #look(): void {
    const at = this.#limits.refresh();
    if (at === undefined || this.#timer !== undefined) return;
    const ms = Math.max(1, Math.ceil(at - this.#seams.now()));
    this.#timer = this.#self.sendAfter(ms, this.#self.pid as never, LIMITS_PASSED as never);
  }
}
