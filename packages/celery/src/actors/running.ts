/** A body that runs for a call: its limits of time, and what its end means. */

import {
  type Definition,
  decode,
  type EndedBy,
  type TaskEvent,
  type TaskFailure,
} from '@beamish/tasks/engine';
import type { Pid, Ref } from 'beamish';
import type { Outcome } from '../messages/epilogue.ts';
import { billiardException, exceptionOf, type PythonException } from '../terms/exception.ts';
import { type Body, BodyHere, BodyInThread, type Host, type LimitReached } from './body.ts';
import type { Job } from './job.ts';

/** What a body came to: how its call ends, or other work that it became, or nothing, since it was ended, or its thread was lost. */
export type BodyEnd =
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  | { readonly kind: 'becomes'; readonly work: string }
  | { readonly kind: 'stopped'; readonly by: EndedBy | undefined }
  | { readonly kind: 'lost' };

/** How a call is to be run. */
export interface Assignment {
  readonly definition: Definition;
  readonly args: string;
  /** Which of the pool; undefined for this one. */
  readonly thread: number | undefined;
  readonly notes: Map<string, string>;
}

export class Running {
  readonly job: Job;
  readonly definition: Definition;
  /** Set once, by who ends it. */
  endedBy: EndedBy | undefined;
  readonly #host: Host;
  readonly #body: Body;
  readonly #timers: Ref[] = [];
  readonly #softMs: number | undefined;
  readonly #hardMs: number | undefined;
  #isSoftReached = false;

  constructor(host: Host, job: Job, { definition, args, thread, notes }: Assignment) {
    this.job = job;
    this.definition = definition;
    this.#host = host;
    const now = host.seams.wall();
    job.startedAt = now;
    const { limits } = definition.options;
    this.#softMs = job.call.softMs ?? limits?.softMs;
    this.#hardMs = job.call.hardMs ?? limits?.hardMs;
    const record = { ...job.record(args, now), saved: notes.get('') };
    const work = { record, definition, hardMs: this.#hardMs, notes };
    this.#body =
      thread === undefined ? new BodyHere(host, work) : new BodyInThread(host, work, thread);
    if (this.#body.hasBegun) this.limit();
  }

  get pid(): Pid {
    return this.#body.pid;
  }

  /** If it is in one of the pool. */
  get inThread(): BodyInThread | undefined {
    return this.#body instanceof BodyInThread ? this.#body : undefined;
  }

  /** Its limits of time count from now: a thread may take long to begin. */
  limit(): void {
    if (this.#softMs !== undefined) this.#after(this.#softMs, 'soft');
    if (this.#hardMs !== undefined) this.#after(this.#hardMs, 'hard');
  }

  reached(which: LimitReached['which']): void {
    switch (which) {
      case 'soft':
        this.#isSoftReached = true;
        this.abort(`The soft time limit of ${this.#softMs} ms is reached`);
        break;
      case 'hard':
        this.end('time_limit');
        break;
      case 'thread':
        this.inThread?.killThread();
    }
  }

  abort(why: string): void {
    this.#body.abort(why);
  }

  end(by: EndedBy): void {
    this.endedBy ??= by;
    this.#body.end(this.endedBy);
  }

  /** What it shows of itself since this was asked last. */
  takeProgress(): unknown {
    const text = this.#body.takeProgress();
    return text === undefined ? undefined : decode(text);
  }

  /** Its actor has ended. */
  ended(exitReason: unknown): BodyEnd {
    for (const timer of this.#timers) this.#host.self.cancelTimer(timer);
    const event = this.#body.eventOf(exitReason, this.endedBy);
    return event === undefined ? { kind: 'lost' } : this.#endOf(event);
  }

  #endOf(event: TaskEvent): BodyEnd {
    switch (event.kind) {
      case 'succeed':
        return { kind: 'ended', outcome: { kind: 'succeeded', value: decode(event.value) } };
      case 'fail': {
        const failure = decode(event.failure) as TaskFailure;
        const error = this.#exceptionOf(failure);
        const traceback = failure.reason === 'time_limit' ? undefined : failure.error.stack;
        const { retryAt: eta } = event;
        const outcome: Outcome =
          eta === undefined
            ? { kind: 'failed', error, traceback }
            : { kind: 'retried', eta, error, traceback };
        return { kind: 'ended', outcome };
      }
      case 'become':
        return { kind: 'becomes', work: event.signature };
      default:
        return { kind: 'stopped', by: this.endedBy };
    }
  }

  #exceptionOf({ reason, error }: TaskFailure): PythonException {
    if (reason === 'time_limit')
      return billiardException('TimeLimitExceeded', (this.#hardMs ?? 0) / 1000);
    // What came of the signal that the limit aborted, and not some error of the body's own.
    const isOfLimit = this.#isSoftReached && /soft time limit|abort/i.test(error.message);
    return isOfLimit ? billiardException('SoftTimeLimitExceeded') : exceptionOf(error);
  }

  #after(ms: number, which: LimitReached['which']): void {
    const { self } = this.#host;
    const { id } = this.job.call;
    const message: LimitReached = { tag: 'limit', id, run: 1, which };
    this.#timers.push(self.sendAfter(ms, self.pid as never, message as never));
  }
}
