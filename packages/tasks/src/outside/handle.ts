/** A task that was submitted, as the outside sees it. */

import { CallFailed, type Deadline } from 'beamish';
import { TaskFailed, TaskUnfinished } from '../terms/failure.ts';
import { readOutcome } from '../terms/outcome.ts';
import type { TaskId, TaskState } from '../terms/task-state.ts';
import { freshToken } from '../tree/asking.ts';
import type { RevokeOptions } from '../tree/messages.ts';
import type { Gathered } from './gathered.ts';
import { snapshotOf, type TaskSnapshot } from './snapshot.ts';
import { watching } from './watching.ts';

/**
 * A task that was submitted, as the outside sees it. Not a promise, because `submit` is async: it
 * resolves when the task is stored, and `await` would go on to wait for the result of a thenable.
 */
export interface TaskHandle<out O = unknown> {
  /** Of the task. It can be kept, and given to `handle` of an application of the same store later. */
  readonly id: TaskId<O>;
  /** False if `id` or `unique` found one that was there. */
  readonly created: boolean;
  /** Waits for the end, for ever unless told otherwise. @throws TaskFailed, TaskUnfinished, the signal's reason. */
  get(options?: Deadline & { readonly signal?: AbortSignal }): Promise<O>;
  /** What is known of it now; `undefined` if nothing is (never submitted, or forgotten). */
  state(): Promise<TaskSnapshot<O> | undefined>;
  /** What is known now, and then each change, until the end. A slow reader misses progress, never the end. Leaving the loop is enough to stop. */
  watch(options?: { readonly signal?: AbortSignal }): AsyncIterable<TaskSnapshot<O>>;
  /**
   * Never begun, it never is; this holds when the promise resolves. If it runs, `running` says what
   * becomes of it: `'end'` (default) as at the hard time limit after `graceMs` (5,000), `'kill'` at once,
   * `'leave'` lets it end and drops its result. Members are revoked with it.
   * Resolves with the state that it found. No effect on one that has ended.
   */
  revoke(options?: RevokeOptions): Promise<TaskState | undefined>;
  /** Drops what is known of one that has ended. Resolves with false if it has not, or is not known. */
  forget(): Promise<boolean>;
}

export class Handle<O> implements TaskHandle<O> {
  readonly id: TaskId<O>;
  readonly created: boolean;
  readonly #asked: Gathered;

  constructor(asked: Gathered, id: TaskId<O>, created: boolean) {
    this.#asked = asked;
    this.id = id;
    this.created = created;
  }

  get(options: Deadline & { readonly signal?: AbortSignal } = {}): Promise<O> {
    const { within = 'infinity', signal } = options;
    if (within === 'infinity' && signal === undefined) return this.#asked.value<O>(this.id);
    return this.#getWithin(within, signal);
  }

  async #getWithin(within: number | 'infinity', signal: AbortSignal | undefined): Promise<O> {
    const { system, address } = this.#asked;
    const token = freshToken(system);
    let text: string;
    try {
      this.#asked.flush();
      text = await system
        .call(address, 'outcome', this.id, { token, by: undefined })
        .within(within, signal);
    } catch (error) {
      system.cast(address, 'giveUp', this.id, token);
      if (signal?.aborted === true && error === signal.reason) throw error;
      if (!isTimeout(error) || within === 'infinity') throw error;
      const state = (await this.state())?.state;
      throw new TaskUnfinished(this.id, state ?? 'unknown', within);
    }
    const outcome = readOutcome<O>(text);
    if (!outcome.ok) throw new TaskFailed(outcome.reason);
    return outcome.value;
  }

  async state(): Promise<TaskSnapshot<O> | undefined> {
    const found = await this.#asked.call('find', this.id);
    return found && snapshotOf<O>(found);
  }

  watch(options: { readonly signal?: AbortSignal } = {}): AsyncIterable<TaskSnapshot<O>> {
    const { system, address } = this.#asked;
    return watching<O>(system, address, this.id, options.signal);
  }

  revoke(options: RevokeOptions = {}): Promise<TaskState | undefined> {
    checkRevoke(options);
    return this.#asked.call('revoke', this.id, options);
  }

  forget(): Promise<boolean> {
    return this.#asked.call('forget', this.id);
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof CallFailed && error.reason === 'timeout';
}

/** @throws TypeError or RangeError for options that are none. */
export function checkRevoke({ running, graceMs, reason }: RevokeOptions): void {
  if (running !== undefined && running !== 'end' && running !== 'kill' && running !== 'leave')
    throw new TypeError(
      `Cannot revoke with running ${String(running)}: it is 'end', 'kill' or 'leave'`,
    );
  if (graceMs !== undefined && !(Number.isInteger(graceMs) && graceMs >= 0))
    throw new RangeError(
      `Cannot revoke with graceMs ${String(graceMs)}: it is a whole number of milliseconds from 0 up`,
    );
  if (reason !== undefined && typeof reason !== 'string')
    throw new TypeError(`Cannot revoke with reason ${String(reason)}: it is a string`);
}
