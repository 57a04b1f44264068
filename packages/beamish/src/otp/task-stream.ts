/**
 * Tasks for many inputs, a bounded number at a time (Elixir's Task.async_stream). Lazy: an input is
 * read, and its task started, only while a result is waited for.
 */

import { settling } from '../operations/call.ts';
import { sendExit } from '../signals/exit-signals.ts';
import { unlink } from '../signals/links.ts';
import type { Request } from '../signals/requests.ts';
import type { ActorCell } from '../state/actor-cell.ts';
import { cellOfSelf, making } from '../system/self.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import type { Operation, Step } from '../terms/operation.ts';
import {
  checkOptions,
  checkValue,
  DEADLINE,
  FLAG,
  FUNCTION,
  type KindsOf,
  oneOf,
  wholeFrom,
} from '../terms/options.ts';
import type { Pid } from '../terms/pid.ts';
import type { Context } from '../terms/self-types.ts';
import { requestOf, type Task } from './task.ts';

/** Tasks of one thread share its processor and mostly wait, so the number of cores says nothing. */
const DEFAULT_CONCURRENCY = 8;
const DEFAULT_TIMEOUT_MS = 5000;

const OPTIONS: KindsOf<TaskStreamOptions> = {
  concurrency: wholeFrom(1, 'tasks'),
  ordered: FLAG,
  timeoutMs: DEADLINE,
  onTimeout: oneOf('exit', 'kill_task'),
};

/** Of a stream of tasks; all may be left out. */
export interface TaskStreamOptions {
  /** Most tasks at a time. Default 8. */
  readonly concurrency?: number;
  /** Results in the order of the inputs (default), or as they come. */
  readonly ordered?: boolean;
  /** How long each task may take. Default 5,000. */
  readonly timeoutMs?: number | 'infinity';
  /** A task that takes longer makes `next` throw `CallFailed` (default), or is killed, its outcome `'timeout'`. */
  readonly onTimeout?: 'exit' | 'kill_task';
}

/** How the task of one input went. */
export type StreamOutcome<I, T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: ExitReason; readonly input: I };

/** The outcomes of many tasks, to be taken one after the other: by `next`, or in an async body by `for await`. */
export interface TaskStream<I, T> extends AsyncIterable<StreamOutcome<I, T>> {
  /** Waits for the next result; `done` when there are no more. If it throws, the stream is closed. */
  next(): Operation<IteratorResult<StreamOutcome<I, T>, undefined>>;
  /** Kills the tasks that are under way; nothing of them arrives. A `for await` does it when it is left. */
  close(): void;
}

/**
 * Runs a task for each input. `start` makes the task, and says what ties it to this actor: with `task`
 * a crash takes along an owner that does not trap exits; with `supervisedTask` it is just an outcome.
 *
 * ```ts
 * const pages = taskStream(self, urls, (url) => task(self, download, url), { concurrency: 4 });
 * for (let page = yield* pages.next(); !page.done; page = yield* pages.next()) {
 *   if (page.value.ok) show(page.value.value);
 * }
 * ```
 *
 * Not promised: that a time-out is seen while nobody is in `next`.
 *
 * @throws TypeError or RangeError for options that are none, as a `concurrency` that is no whole number above 0.
 */
export function taskStream<I, T>(
  self: Context,
  inputs: Iterable<I>,
  start: (input: I) => Task<T> | Operation<Task<T>>,
  options: TaskStreamOptions = {},
): TaskStream<I, T> {
  const attempt = 'Cannot make a stream of tasks';
  checkOptions(attempt, options, OPTIONS);
  checkValue(attempt, 'what starts a task', start, FUNCTION);
  const { concurrency = DEFAULT_CONCURRENCY } = options;
  return new Stream(self, inputs[Symbol.iterator](), start, { ...options, concurrency });
}

/** One input under way or done. */
interface Item<I> {
  readonly input: I;
  readonly request: Request;
  /** When its time is up. */
  readonly due: number;
}

class Stream<I, T> implements TaskStream<I, T> {
  readonly #self: Context;
  readonly #owner: ActorCell;
  readonly #start: (input: I) => Task<T> | Operation<Task<T>>;
  readonly #options: TaskStreamOptions & { readonly concurrency: number };
  /** Undefined when the inputs are used up, or the stream closed. */
  #inputs: Iterator<I> | undefined;
  readonly #running = new Set<Item<I>>();
  /** How many have begun and were not returned yet. */
  #open = 0;
  /** What `next` returns, in this order: all items if ordered, else those that are done. */
  #results: Item<I>[] = [];

  constructor(
    self: Context,
    inputs: Iterator<I>,
    start: (input: I) => Task<T> | Operation<Task<T>>,
    options: TaskStreamOptions & { readonly concurrency: number },
  ) {
    this.#self = self;
    this.#owner = cellOfSelf(self);
    this.#inputs = inputs;
    this.#start = start;
    this.#options = options;
  }

  next(): Operation<IteratorResult<StreamOutcome<I, T>, undefined>> {
    return this.#self.perform(this.#next());
  }

  close(): void {
    const inputs = this.#inputs;
    this.#inputs = undefined;
    for (const { request } of this.#running) {
      request.abandon();
      this.#kill(request);
    }
    this.#running.clear();
    this.#results = [];
    this.#open = 0;
    inputs?.return?.();
  }

  [Symbol.asyncIterator](): AsyncIterator<StreamOutcome<I, T>, undefined> {
    return {
      next: async () => this.next(),
      return: async () => {
        this.close();
        return { done: true, value: undefined };
      },
    };
  }

  *#next(): Generator<Step, IteratorResult<StreamOutcome<I, T>, undefined>, unknown> {
    let closing = true;
    try {
      for (;;) {
        while (this.#mayBegin()) {
          const input = this.#inputs?.next();
          if (input === undefined) break;
          if (input.done === true) this.#inputs = undefined;
          else yield* this.#begin(input.value);
        }
        const [first] = this.#results;
        if (first !== undefined && first.request.state !== 'pending') {
          this.#results.shift();
          this.#open--;
          closing = false;
          return { done: false, value: outcomeOf<I, T>(first) };
        }
        if (this.#running.size === 0) {
          closing = false;
          return { done: true, value: undefined };
        }
        yield* this.#oneMore();
        this.#expire();
      }
    } finally {
      // The owner's end in the middle of it counts too: supervised tasks would outlive it.
      if (closing) this.close();
    }
  }

  /** Results that nobody takes count as under way, or a slow owner would have no end of them; but they do not make it wait for a slow first. */
  #mayBegin(): boolean {
    const { concurrency } = this.#options;
    if (this.#open < concurrency) return true;
    return this.#running.size < concurrency && this.#results[0]?.request.state === 'pending';
  }

  *#begin(input: I): Generator<Step, void, unknown> {
    const started = this.#start(input);
    const task = 'pid' in started ? started : yield* started;
    const { timeoutMs = DEFAULT_TIMEOUT_MS, ordered = true } = this.#options;
    const due = timeoutMs === 'infinity' ? Number.POSITIVE_INFINITY : this.#now() + timeoutMs;
    const request = requestOf(task, this.#owner);
    const item = { input, request, due };
    if (ordered) this.#results.push(item);
    this.#running.add(item);
    this.#open++;
    request.settled = () => {
      this.#running.delete(item);
      if (!ordered) this.#results.push(item);
    };
    if (request.state !== 'pending') request.settled();
  }

  /** Waits until one more is done, or the time of one is up. */
  #oneMore(): Operation<void> {
    const running = [...this.#running];
    const due = Math.min(...running.map((item) => item.due));
    const waiting = settling<void>(this.#owner, {
      requests: running.map(({ request }) => request),
      ms: due === Number.POSITIVE_INFINITY ? 'infinity' : Math.max(0, Math.ceil(due - this.#now())),
      suffices: () => true,
      result: () => undefined,
    });
    return making(this.#self, 'next', waiting);
  }

  #expire(): void {
    for (const { request, due } of [...this.#running]) {
      if (due > this.#now()) continue;
      if (this.#options.onTimeout !== 'kill_task') throw request.failure('timeout');
      request.fail('timeout');
      this.#kill(request);
    }
  }

  #kill({ target }: Request): void {
    // Unlink before killing: its EXIT must not reach the owner as if it had crashed.
    unlink(this.#owner, target as Pid);
    sendExit(this.#owner, target as Pid, 'kill');
  }

  #now(): number {
    return this.#owner.system.clock.now();
  }
}

function outcomeOf<I, T>({ input, request }: Item<I>): StreamOutcome<I, T> {
  if (request.state === 'answered') return { ok: true, value: request.value as T };
  return { ok: false, reason: request.value, input };
}
