/**
 * One run of a task, as its body sees it (`self.task`) and as its worker does: what it has said, what it
 * came to, and how it is told to end.
 */

import type { Actor, Operation, Pid, Self } from 'beamish';
import type { SubmitOptions } from '../canvas/submit-options.ts';
import type { Becoming, TaskRun } from '../canvas/task-self.ts';
import { lackOf, storedWork, type Work, workOf } from '../canvas/work.ts';
import type { TaskRecord } from '../state/record.ts';
import { decode, encode, NotStorable } from '../terms/codec.ts';
import type { TaskId } from '../terms/task-state.ts';
import { type FullAddress, readSubmitted, StaleRun, submissionOf } from '../tree/asking.ts';
import type { Run, Submission, WorkerMessage } from '../tree/messages.ts';

/** What a body came to. */
export type Ending =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'becomes'; readonly work: string }
  | {
      readonly kind: 'retries';
      readonly afterMs: number | undefined;
      readonly cause: unknown;
      readonly hasCause: boolean;
    };

/** Returned by a body that becomes other work. */
export class BecomingWork {
  readonly work: Work;

  constructor(work: Work) {
    this.work = work;
  }
}

/** Thrown by a body that asks for another attempt. */
export class RetryAsked extends Error {
  readonly afterMs: number | undefined;
  readonly hasCause: boolean;

  constructor(options: { readonly afterMs?: number; readonly cause?: unknown }) {
    super('The task asked for another attempt');
    this.afterMs = options.afterMs;
    this.hasCause = 'cause' in options;
    if (this.hasCause) this.cause = options.cause;
  }

  override get name(): string {
    return 'RetryAsked';
  }
}

/** A checkpoint of one element of several. */
interface SavedOfElement {
  readonly element: number;
  readonly value: unknown;
}

/** Progress is shown at most so often. */
const SHOW_MS = 100;

/** Where a run belongs. */
export interface Place {
  /** Which application it belongs to. */
  readonly address: FullAddress;
  /** Who shows its progress. */
  readonly worker: Pid<WorkerMessage>;
  /** What time it is. */
  readonly now: () => number;
  /** Of a task that is none of the application's: what it keeps is kept here, and what it submits has no parent. */
  readonly apart?: NotesApart;
}

/** What a task keeps that comes from elsewhere. */
export interface NotesApart {
  /** Keeps where it is. */
  checkpoint(value: string): void;
  /** What a step of `once` resulted in; undefined if it has not. */
  noted(key: string): string | undefined;
  /** Keeps what a step resulted in. */
  keep(key: string, value: string): void;
}

/** A run: what its body sees of it, and what whoever runs it is told by it. */
export class BodyRun implements TaskRun {
  /** Of the task. */
  readonly id: TaskId;
  /** Of the task. */
  readonly name: string;
  readonly root: TaskId;
  /** Who made it. */
  readonly parent: TaskId | undefined;
  readonly attempt: number;
  readonly run: number;
  readonly deadline: number | undefined;
  /** Undefined until it has come to something. */
  ending: Ending | undefined;
  /** Set by its runner when it begins. */
  isAsync = false;
  /** Of a task of several elements, which one is at work; set by its runner. */
  element: number | undefined;
  readonly #place: Place;
  readonly #headersText: string | undefined;
  #headers: Readonly<Record<string, unknown>> | undefined;
  #savedText: string | undefined;
  #controller: AbortController | undefined;
  #abortReason: unknown;
  #isAborted = false;
  /** Set when the body begins. */
  #self: Self | undefined;
  /** What is to be shown; unset when it has been. */
  #progress: string | undefined;
  /** Unset until it has shown something. */
  #shownAt: number | undefined;
  #isShowing = false;
  #over: (() => void) | undefined;

  constructor(record: TaskRecord, place: Place, hardMs: number | undefined) {
    const { id, name, root, parent, attempt, run, headers, saved, startedAt = 0 } = record;
    this.id = id;
    this.name = name;
    this.root = root;
    this.parent = parent;
    this.attempt = attempt;
    this.run = run;
    this.deadline = hardMs === undefined ? undefined : startedAt + hardMs;
    this.#place = place;
    this.#headersText = headers;
    this.#savedText = saved;
  }

  // ── as its body sees it ───────────────────────────────────────────────────────────────────

  /** As they were given along. */
  get headers(): Readonly<Record<string, unknown>> {
    this.#headers ??= decode(this.#headersText ?? '{}') as Record<string, unknown>;
    return this.#headers;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isAborted) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  get saved(): unknown {
    const saved = decode(this.#savedText ?? '');
    if (this.element === undefined) return saved;
    const { element, value } = (saved ?? {}) as Partial<SavedOfElement>;
    return element === this.element ? value : undefined;
  }

  progress(value: unknown): void {
    try {
      this.#progress = encode(value, 'progress');
    } catch (error) {
      if (!(error instanceof NotStorable)) throw error;
      this.#progress = encode({ refused: error.message }, 'progress');
    }
    if (this.#isShowing) return;
    this.#isShowing = true;
    const { worker, now } = this.#place;
    const shownAt = this.#shownAt ?? Number.NEGATIVE_INFINITY;
    const wait = Math.max(0, Math.ceil(shownAt + SHOW_MS - now()));
    this.#self?.sendAfter(wait, worker, { tag: 'show', id: this.id, run: this.run });
  }

  checkpoint(value: unknown): Operation<void> {
    const self = this.#actor();
    const { element } = this;
    const kept = element === undefined ? value : ({ element, value } satisfies SavedOfElement);
    const text = encode(kept, 'the checkpoint');
    return self.perform(
      checkpointing({ self, place: this.#place, run: this.#run() }, text, (it) => {
        this.#savedText = it;
      }),
    );
  }

  once<T>(key: string, step: () => T | PromiseLike<T>): Operation<T> {
    if (typeof key !== 'string' || key === '')
      throw new TypeError(
        `Cannot run a step once under ${String(key)}: a key is a string that is not empty`,
      );
    // Each element of several has steps of its own.
    const note = this.element === undefined ? key : `${this.element}/${key}`;
    const self = this.#actor();
    return self.perform(onceUnder({ self, place: this.#place, run: this.#run() }, key, note, step));
  }

  submit(signature: unknown, options: SubmitOptions = {}): Operation<TaskId<never>> {
    const self = this.#actor();
    const { address, apart } = this.#place;
    const submission =
      apart === undefined
        ? submissionOf(signature, options, this.#run())
        : submissionOf(signature, { ...options, headers: { ...this.headers, ...options.headers } });
    return self.perform(submitting(self, address, submission));
  }

  become<O>(signature: unknown): Becoming<O> {
    const work = workOf(signature);
    const lack = lackOf(work);
    if (lack !== undefined)
      throw new TypeError(`Cannot become ${lack}: it wants the result of a step before it`);
    return new BecomingWork(work) as unknown as Becoming<O>;
  }

  retry(options: { readonly afterMs?: number; readonly cause?: unknown } = {}): never {
    throw new RetryAsked(options);
  }

  // ── as its worker does ────────────────────────────────────────────────────────────────────

  /** Its actor is there. */
  begin(self: Self): void {
    this.#self = self;
  }

  /** Its body has returned this. */
  returned(value: unknown): void {
    if (!(value instanceof BecomingWork)) {
      this.ending = { kind: 'returned', value };
      return;
    }
    try {
      this.ending = { kind: 'becomes', work: JSON.stringify(storedWork(value.work)) };
    } catch (error) {
      this.threw(error);
    }
  }

  /** Its body has thrown this. */
  threw(error: unknown): void {
    if (error instanceof RetryAsked) {
      const { afterMs, cause, hasCause } = error;
      this.ending = { kind: 'retries', afterMs, cause, hasCause };
    } else this.ending = { kind: 'threw', error };
  }

  /** Calls `told` when the promise of a body that was ended has settled after all. */
  whenOver(told: () => void): void {
    this.#over = told;
  }

  /** The promise of the body has settled. */
  over(): void {
    this.#over?.();
    this.#over = undefined;
  }

  /** Aborts its signal, once. */
  abort(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }

  /** What is to be shown now, encoded; undefined if nothing is. */
  takeProgress(): string | undefined {
    const progress = this.#progress;
    this.#progress = undefined;
    this.#isShowing = false;
    if (progress !== undefined) this.#shownAt = this.#place.now();
    return progress;
  }

  /** As others are told which one it is. */
  #run(): Run {
    return { id: this.id, run: this.run };
  }

  /** @throws Error before the body has begun. */
  #actor(): Self {
    if (this.#self === undefined)
      throw new Error(`Cannot use the run of ${this.id}: it has not begun`);
    return this.#self;
  }
}

/** A run that is at work. */
interface AtWork {
  readonly self: Self;
  readonly place: Place;
  readonly run: Run;
}

// Not within the methods: a generator function that is made anew costs twenty times what its generator does.

function* checkpointing(
  { self, place: { address, apart }, run }: AtWork,
  text: string,
  kept: (text: string) => void,
): Actor {
  if (apart === undefined) {
    const isKept = yield* self.call(address, 'checkpoint', run, text).within('infinity');
    if (!isKept) endStale(self);
  } else apart.checkpoint(text);
  kept(text);
}

/** `note` is where it is kept, and `key` what its body calls it. */
function* onceUnder<T>(
  { self, place: { address, apart }, run }: AtWork,
  key: string,
  note: string,
  step: () => T | PromiseLike<T>,
): Actor<T> {
  const noted =
    apart === undefined
      ? yield* self.call(address, 'noted', run, note).within('infinity')
      : { value: apart.noted(note) };
  if (noted === 'stale_run') endStale(self);
  else if (noted.value !== undefined) return decode(noted.value) as T;
  const made = step();
  const value = isThenable(made) ? yield* self.wait(made) : made;
  const text = encode(value, `the result of the step "${key}"`);
  if (apart !== undefined) {
    apart.keep(note, text);
    return value;
  }
  const isKept = yield* self.call(address, 'keep', run, note, text).within('infinity');
  if (!isKept) endStale(self);
  return value;
}

function* submitting(
  self: Self,
  address: FullAddress,
  submission: Submission,
): Actor<TaskId<never>> {
  const [submitted] = yield* self
    .call(address, 'submit', [submission], { isOutside: false, isWhole: true })
    .within('infinity');
  if (submitted?.ok === false && submitted.refused.kind === 'stale_run') endStale(self);
  return readSubmitted(submitted as NonNullable<typeof submitted>).id;
}

/** Ends an actor whose run does not count any more; nothing that it catches can prevent it. */
function endStale(self: Self): never {
  self.exitSignal(self.pid, 'kill');
  throw new StaleRun();
}

export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<PromiseLike<unknown>>).then === 'function'
  );
}
