/** The supervision tree of an application, as a child of whoever wants it. */

import { availableParallelism } from 'node:os';
import type { Threads } from '@beamish/threads';
import {
  type Body,
  child,
  type Name,
  type ServerMessage,
  type Supervisor,
  supervisor,
} from 'beamish';
import type { AnyTask } from '../canvas/definition.ts';
import { namesIn } from '../canvas/work.ts';
import { worker } from '../run/worker.ts';
import { file } from '../stores/file.ts';
import type { Store } from '../stores/store.ts';
import { freshIds } from '../terms/flat.ts';
import { full, TASKS, type TasksProtocol } from '../tree/asking.ts';
import { dropHub, hubOf } from '../tree/hub.ts';
import {
  definitionsOf,
  type Plan,
  schedulerOf,
  type WorkerOptions,
  waitersOf,
  workersOf,
} from '../tree/plan.ts';
import { type Schedule, storedSchedule } from '../tree/schedule.ts';
import { scheduleServer } from '../tree/schedule-server.ts';
import { storeServer } from '../tree/store-server.ts';
import { waitersServer } from '../tree/waiters.ts';

/** What an application consists of. */
export interface TasksOptions {
  /** Definitions, or modules that export some. Two of one name are refused. */
  readonly tasks: readonly (AnyTask | Readonly<Record<string, unknown>>)[];
  /** Default `file('.beamish/tasks')`. */
  readonly store?: Store;
  /** Default: one pool for all queues, ten at a time. `[]`: this process only submits. */
  readonly workers?: readonly WorkerOptions[];
  /** By name. Those that are not there any more are deleted from the store, but for those that `set` has made. */
  readonly schedules?: Readonly<Record<string, Schedule>>;
  /** Where tasks with `thread` run, one at a time in each. Whatever else runs there ends with a task that is killed. */
  readonly threads?: Threads;
  /** Under which it is registered. Default `TASKS`. For threads: `name('tasks', 'main')`. */
  readonly name?: Name<ServerMessage<TasksProtocol>>;
}

const DEFAULT_FOLDER = '.beamish/tasks';

/** What tests on a virtual clock have otherwise. */
export interface Internals {
  /** Where ids come from. */
  readonly fresh: () => string;
  readonly longestPauseMs: number;
}

const REAL: Internals = { fresh: freshIds(), longestPauseMs: 60_000 };

/**
 * A supervision tree of tasks: store, scheduler, queues and runners. A child of yours, after all that its
 * tasks call and before all that submit: `child('tasks', taskTree({ tasks: [mail] }))`. It has started when
 * the store is open, what an earlier process left behind is queued again, and workers have begun.
 *
 * Promised: a task whose `submit` has resolved is run until it ends, at least once, whatever is killed
 * in between (with a store that keeps); its end is stored once, by the run that has the lease, and each
 * join and each step after it happens once. Not promised: that a body runs once.
 *
 * @throws TypeError or RangeError for options that are none.
 */
export function taskTree(
  options: TasksOptions,
  { fresh, longestPauseMs }: Internals = REAL,
): Body<Supervisor, [], void> {
  const {
    tasks,
    store = file(DEFAULT_FOLDER),
    workers,
    schedules = {},
    threads,
    name = TASKS,
  } = options;
  const definitions = definitionsOf(tasks);
  for (const definition of definitions.values())
    if (definition.options.thread !== undefined && threads === undefined)
      throw new TypeError(
        `Cannot start the task "${definition.name}": it runs in a thread, and no threads were given; pass threads: await threads(system)`,
      );
  const runnable = new Set(
    [...definitions.values()].filter(({ body }) => body !== undefined).map((it) => it.name),
  );
  const stored = Object.entries(schedules).map(
    ([key, schedule]) => [key, storedSchedule(key, schedule)] as const,
  );
  for (const [key, { submission }] of stored)
    for (const wanted of namesIn(submission.work))
      if (!definitions.has(wanted))
        throw new TypeError(`Cannot schedule "${key}": no task is named "${wanted}"`);
  const plans = workersOf(workers, definitions, availableParallelism());
  return supervisor((self) => {
    const plan: Plan = {
      name: name.name,
      address: full(name),
      waiters: waitersOf(name.name),
      store,
      definitions,
      runnable,
      workers: plans,
      schedules: stored,
      scheduler: schedulerOf(name.name),
      threads,
      hub: hubOf(self.pid, name.name),
      fresh,
      longestPauseMs,
    };
    self.defer(() => dropHub(self.pid, name.name));
    return {
      strategy: 'rest_for_one',
      children: [
        child({ id: 'waiters', name: plan.waiters }, waitersServer, plan),
        child({ id: 'store', name, shutdown: 'infinity' }, storeServer, plan),
        child({ id: 'scheduler', name: plan.scheduler }, scheduleServer, plan),
        child(
          { id: 'workers' },
          supervisor({
            children: plans.map((each, index) =>
              child({ id: each.name, shutdown: 'infinity' }, worker, plan, index),
            ),
          }),
        ),
      ],
    };
  });
}
