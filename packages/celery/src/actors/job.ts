/** One call as our worker has it, from its delivery to its acknowledgement. */

import { encode, encodeArguments, type TaskRecord } from '@beamish/tasks/engine';
import type { Call } from '../messages/call.ts';
import type { Delivery } from '../messages/wire-message.ts';

export class Job {
  readonly call: Call;
  /** What is to be acknowledged; more than one if the message came again. */
  readonly deliveries: Delivery[];
  /** What its limits are counted by. */
  key: string | undefined;
  /** Milliseconds since 1970; undefined until its body has begun. */
  startedAt: number | undefined;

  constructor(call: Call, delivery: Delivery) {
    this.call = call;
    this.deliveries = [delivery];
  }

  /** The same call again, after a failure that is to be tried again, is another job. */
  get identity(): string {
    return identityOf(this.call);
  }

  /** As a store of ours would have it. */
  record(args: string, now: number): TaskRecord {
    const { id, name, retries, rootId, parentId, headers } = this.call;
    return {
      id,
      name,
      version: 0,
      state: 'running',
      queue: '',
      priority: 0,
      attempt: retries + 1,
      run: 1,
      crashes: 0,
      args,
      dueAt: now,
      dueBy: 'clock',
      expiresAt: undefined,
      submittedAt: now,
      queuedAt: now,
      startedAt: now,
      endedAt: undefined,
      keepMs: 0,
      worker: undefined,
      leaseUntil: undefined,
      root: rootId,
      parent: parentId,
      join: undefined,
      onFailure: undefined,
      members: undefined,
      unique: undefined,
      key: this.key,
      headers: Object.keys(headers).length === 0 ? undefined : encode(headers, 'the headers'),
      saved: undefined,
      outcome: undefined,
    };
  }
}

export function identityOf({ id, retries }: Call): string {
  return `${id}/${retries}`;
}

/** Positional arguments, and keyword arguments behind them if there are any. @throws NotStorable */
export function argumentsOf({ args, kwargs }: Call): string {
  const all = Object.keys(kwargs).length === 0 ? args : [...args, kwargs];
  return encodeArguments(all);
}
