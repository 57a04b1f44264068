/** Records as a store is given them. */

import type { TaskRecord } from '@beamish/tasks';

/** A queued task. */
export function queued(id: string, over: Partial<TaskRecord> = {}): TaskRecord {
  return {
    id,
    version: 0,
    name: 'task',
    state: 'queued',
    queue: 'default',
    priority: 0,
    attempt: 1,
    run: 0,
    crashes: 0,
    args: `["${id}"]`,
    dueAt: 0,
    dueBy: 'clock',
    expiresAt: undefined,
    submittedAt: 0,
    queuedAt: 0,
    startedAt: undefined,
    endedAt: undefined,
    keepMs: 1000,
    worker: undefined,
    leaseUntil: undefined,
    root: id,
    parent: undefined,
    join: undefined,
    onFailure: undefined,
    members: undefined,
    unique: undefined,
    key: undefined,
    headers: undefined,
    saved: undefined,
    outcome: undefined,
    ...over,
  };
}

/** The same, ended. */
export function ended(record: TaskRecord, at: number): TaskRecord {
  return {
    ...record,
    state: 'succeeded',
    worker: undefined,
    leaseUntil: undefined,
    endedAt: at,
    outcome: '{"ok":true,"value":1}',
  };
}

export const NAMES: ReadonlySet<string> = new Set(['task']);

/** Keys that are held, as limits say. */
export class HeldKeys {
  readonly keys = new Set<string>();
  freed = 0;
  /** Those of these are held as soon as one is claimed. */
  readonly single = new Set<string>();

  has(key: string): boolean {
    return this.keys.has(key);
  }

  take({ key }: TaskRecord): void {
    if (key !== undefined && this.single.has(key)) this.keys.add(key);
  }

  free(key: string): void {
    this.keys.delete(key);
    this.freed++;
  }
}
