/** What an application is made of: its options, checked, and what its actors share. */

import type { Threads } from '@beamish/threads';
import { type Name, name as nameOf } from 'beamish';
import { type AnyTask, Definition } from '../canvas/definition.ts';
import type { Store } from '../stores/store.ts';
import { DEFAULT_QUEUE } from '../terms/task-options.ts';
import type { FullAddress } from './asking.ts';
import type { Hub } from './hub.ts';
import type { LookAtSchedules, StoredSchedule } from './messages.ts';
import type { Pick } from './pick.ts';

/** A pool of runners. */
export interface WorkerOptions {
  /** Default: every queue that one of the tasks names. */
  readonly queues?: readonly string[];
  /** Default 10; `'cores'` is for tasks with `thread`. With a range, runners are added while tasks wait, and ended after `idleMs` (10,000) without any. */
  readonly concurrency?: number | 'cores' | RunnerRange;
  /** Which queue is next: by turns (default), strictly in the order of the list, or as often as the weights say. */
  readonly pick?: 'turns' | 'strict' | Readonly<Record<string, number>>;
}

/** How many runners: as many as are needed between two bounds. */
export interface RunnerRange {
  readonly min: number;
  readonly max: number | 'cores';
  readonly idleMs?: number;
}

export interface WorkerPlan {
  readonly name: string;
  readonly queues: readonly string[];
  readonly min: number;
  readonly max: number;
  readonly idleMs: number;
  readonly pick: Pick;
  /** Of a guest: it takes every queue that begins so, as soon as there is one. */
  readonly prefixes?: readonly string[];
}

export interface Plan {
  /** What the application is called here. */
  readonly name: string;
  /** Where the application is asked. */
  readonly address: FullAddress;
  readonly waiters: Name;
  readonly scheduler: Name<LookAtSchedules>;
  readonly store: Store;
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Of those with a body. */
  readonly runnable: ReadonlySet<string>;
  readonly workers: readonly WorkerPlan[];
  /** Of the options. */
  readonly schedules: readonly (readonly [string, StoredSchedule])[];
  readonly threads: Threads | undefined;
  readonly hub: Hub;
  /** A fresh id. */
  readonly fresh: () => string;
  /** No timer that goes by the calendar is longer, so a clock that jumps, or a machine that sleeps, costs at most that. */
  readonly longestPauseMs: number;
}

const DEFAULT_CONCURRENCY = 10;
const DEFAULT_IDLE_MS = 10_000;

/** @throws TypeError for two tasks of one name, and for what is no task. */
export function definitionsOf(
  tasks: readonly (AnyTask | Readonly<Record<string, unknown>>)[],
): Map<string, Definition> {
  if (!Array.isArray(tasks))
    throw new TypeError(`Cannot start tasks of ${String(tasks)}: they are a list of definitions`);
  const found = new Map<string, Definition>();
  const add = (definition: Definition, where: string): void => {
    const other = found.get(definition.name);
    if (other !== undefined && other !== definition)
      throw new TypeError(
        `Cannot start two tasks named "${definition.name}": ${where} and another one have it`,
      );
    found.set(definition.name, definition);
  };
  tasks.forEach((each: unknown, i) => {
    if (each instanceof Definition) {
      add(each, `number ${i + 1} of the list`);
      return;
    }
    const members = typeof each === 'object' && each !== null ? Object.entries(each) : [];
    const defined = members.filter(([, value]) => value instanceof Definition);
    if (defined.length === 0)
      throw new TypeError(
        `Cannot start number ${i + 1} of the tasks: it is neither made by defineTask nor a module that exports any`,
      );
    for (const [key, value] of defined) add(value as Definition, `the export "${key}"`);
  });
  return found;
}

/** @throws TypeError or RangeError for what is no worker. */
export function workersOf(
  options: readonly WorkerOptions[] | undefined,
  definitions: ReadonlyMap<string, Definition>,
  cores: number,
): WorkerPlan[] {
  const named = new Set<string>();
  for (const { work, body } of definitions.values()) if (body !== undefined) named.add(work.queue);
  const all = named.size === 0 ? [DEFAULT_QUEUE] : [...named];
  return (options ?? [{}]).map((worker, i) => {
    const { queues = all, concurrency = DEFAULT_CONCURRENCY, pick = 'turns' } = worker;
    const action = `Cannot start worker ${i + 1}`;
    if (!Array.isArray(queues) || queues.length === 0)
      throw new TypeError(`${action}: its queues are a list that is not empty`);
    const {
      min,
      max,
      idleMs = DEFAULT_IDLE_MS,
    } = typeof concurrency === 'object' ? concurrency : { min: concurrency, max: concurrency };
    const [least, most] = [min, max].map((n) => (n === 'cores' ? cores : n)) as [number, number];
    if (!Number.isInteger(least) || !Number.isInteger(most) || least < 1 || most < least)
      throw new RangeError(
        `${action} with concurrency ${String(min)} to ${String(max)}: it is a whole number above 0, 'cores', or a range of such`,
      );
    if (pick !== 'turns' && pick !== 'strict')
      for (const [queue, weight] of Object.entries(pick))
        if (!(weight > 0))
          throw new RangeError(`${action}: the weight of "${queue}" is above 0, not ${weight}`);
    return { name: `worker-${i + 1}`, queues, min: least, max: most, idleMs, pick };
  });
}

export function waitersOf(name: string): Name {
  return nameOf(`${name}.waiters`);
}

export function schedulerOf(name: string): Name<LookAtSchedules> {
  return nameOf(`${name}.scheduler`);
}
