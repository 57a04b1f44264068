/** Events as Celery's workers send them, for `celery events`, Flower and whoever listens. */

import { loadavg } from 'node:os';

export interface EventSource {
  readonly hostname: string;
  readonly pid: number;
  /** The next tick of the logical clock. */
  readonly tick: () => number;
  /** Seconds since 1970. */
  readonly now: () => number;
}

export type TaskEventType =
  | 'task-sent'
  | 'task-received'
  | 'task-started'
  | 'task-succeeded'
  | 'task-failed'
  | 'task-retried'
  | 'task-revoked'
  | 'task-rejected';
export type WorkerEventType = 'worker-online' | 'worker-heartbeat' | 'worker-offline';

export interface CeleryEvent {
  readonly type: TaskEventType | WorkerEventType;
  readonly hostname: string;
  readonly utcoffset: number;
  readonly pid: number;
  readonly clock: number;
  readonly timestamp: number;
}

/** How often a worker says that it is there, in seconds. */
export const HEARTBEAT_S = 2;

export function eventOf(
  { hostname, pid, tick, now }: EventSource,
  type: TaskEventType | WorkerEventType,
  fields: Readonly<Record<string, unknown>>,
): CeleryEvent {
  // Hours to the west of UTC, as Python counts them.
  const utcoffset = new Date().getTimezoneOffset() / 60;
  return { hostname, utcoffset, pid, clock: tick(), ...fields, timestamp: now(), type };
}

/** What a worker says of itself. */
export function workerFields(counts: {
  readonly active: number;
  readonly processed: number;
}): Readonly<Record<string, unknown>> {
  return {
    freq: HEARTBEAT_S,
    ...counts,
    loadavg: loadavg().map((load) => Math.round(load * 100) / 100),
    sw_ident: 'beamish-celery',
    sw_ver: '0.1.0',
    sw_sys: process.platform === 'linux' ? 'Linux' : process.platform,
  };
}

/** Events of tasks go in batches, under one key; those of workers one by one. */
export const TASK_EVENTS_KEY = 'task.multi';

export function keyOf(type: string): string {
  return type.replace('-', '.');
}
