/** A body that runs for a call: its actor, its limits of time, and what its end means. */

import {
  BodyRun,
  type Definition,
  decode,
  type EndedBy,
  eventOf,
  type FullAddress,
  runBody,
  type TaskEvent,
  type TaskFailure,
  type TaskRecord,
  type WorkerMessage,
} from '@beamish/tasks/engine';
import type { Pid, Ref, Self } from 'beamish';
import type { Seams } from 'beamish/transport';
import type { Outcome } from '../messages/epilogue.ts';
import { billiardException, exceptionOf, type PythonException } from '../terms/exception.ts';
import type { Job } from './job.ts';

/** To the worker: a limit of time is reached. */
export interface LimitReached {
  readonly tag: 'limit';
  readonly id: string;
  readonly run: number;
  readonly which: 'soft' | 'hard';
}

export interface Host {
  readonly self: Self;
  readonly seams: Seams;
  /** The application, for what bodies submit. */
  readonly app: FullAddress;
  /** What the steps of `once` resulted in, by task. */
  readonly notes: Map<string, Map<string, string>>;
  readonly policyFailed: (name: string, error: unknown) => void;
}

/** What a body came to: how its call ends, or other work that it became, or nothing, since it was ended. */
export type BodyEnd =
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  | { readonly kind: 'becomes'; readonly work: string }
  | { readonly kind: 'stopped'; readonly by: EndedBy | undefined };

export class Running {
  readonly job: Job;
  readonly pid: Pid;
  /** Set once, by who ends it. */
  endedBy: EndedBy | undefined;
  readonly #host: Host;
  readonly #definition: Definition;
  readonly #record: TaskRecord;
  readonly #run: BodyRun;
  readonly #timers: Ref[] = [];
  readonly #softMs: number | undefined;
  readonly #hardMs: number | undefined;
  #isSoftReached = false;

  constructor(host: Host, job: Job, definition: Definition, args: string) {
    this.job = job;
    this.#host = host;
    this.#definition = definition;
    const { self, seams, app } = host;
    const now = seams.wall();
    job.startedAt = now;
    this.#record = job.record(args, now);
    const { limits } = definition.options;
    this.#softMs = job.call.softMs ?? limits?.softMs;
    this.#hardMs = job.call.hardMs ?? limits?.hardMs;
    const place = {
      address: app,
      worker: self.pid as Pid<WorkerMessage>,
      now: () => seams.now(),
      apart: this.#notes(),
    };
    this.#run = new BodyRun(this.#record, place, this.#hardMs);
    this.pid = self.spawnLink(runBody as never, ...([definition, this.#run, args] as never));
    if (this.#softMs !== undefined) this.#after(this.#softMs, 'soft');
    if (this.#hardMs !== undefined) this.#after(this.#hardMs, 'hard');
  }

  reached(which: 'soft' | 'hard'): void {
    if (which === 'soft') {
      this.#isSoftReached = true;
      this.abort(`The soft time limit of ${this.#softMs} ms is reached`);
      return;
    }
    this.end('time_limit');
  }

  abort(why: string): void {
    this.#run.abort(new Error(why));
  }

  end(by: EndedBy): void {
    this.endedBy ??= by;
    this.#host.self.exitSignal(this.pid, 'kill');
  }

  /** What it shows of itself since this was asked last. */
  takeProgress(): unknown {
    const text = this.#run.takeProgress();
    return text === undefined ? undefined : decode(text);
  }

  /** Its actor has ended. */
  ended(exitReason: unknown): BodyEnd {
    const { self, seams, policyFailed } = this.#host;
    for (const timer of this.#timers) self.cancelTimer(timer);
    const returned = { kind: 'returned', value: undefined } as const;
    const event = eventOf({
      record: this.#record,
      definition: this.#definition,
      ending: this.#run.ending ?? (exitReason === 'normal' ? returned : undefined),
      endedBy: this.endedBy,
      exitReason,
      now: Math.round(seams.wall()),
      random: () => seams.random(),
      policyFailed,
    });
    return this.#endOf(event);
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

  /** Kept as long as this process has the task: over retries here, not over the end of the process. */
  #notes() {
    const { notes } = this.#host;
    const { id } = this.job.call;
    const own = (): Map<string, string> => {
      const found = notes.get(id) ?? new Map<string, string>();
      notes.set(id, found);
      return found;
    };
    return {
      checkpoint: (value: string) => void own().set('', value),
      noted: (key: string) => notes.get(id)?.get(key),
      keep: (key: string, value: string) => void own().set(key, value),
    };
  }
}
