/** An application of tasks, as a program without a tree of its own has it: a handle. */

import type { ActorSystem, Deadline, Pid } from 'beamish';
import type { Complete } from '../canvas/signature.ts';
import type { SubmitOptions } from '../canvas/submit-options.ts';
import type { TaskFilter } from '../stores/store.ts';
import type { TaskId } from '../terms/task-state.ts';
import { full, readSubmitted, submissionOf, TASKS, type TasksAddress } from '../tree/asking.ts';
import { type Hub, hubOf } from '../tree/hub.ts';
import { givenSchedule, type Schedule, storedSchedule } from '../tree/schedule.ts';
import type { TasksEvents, TasksStats } from '../tree/stats.ts';
import { Gathered } from './gathered.ts';
import { Handle, type TaskHandle } from './handle.ts';
import { closeOnSigterm } from './on-sigterm.ts';
import { snapshotOf, type TaskSnapshot } from './snapshot.ts';
import { type Internals, type TasksOptions, taskTree } from './task-tree.ts';

/** The handle of an application, for the outside. */
export interface Tasks extends AsyncDisposable {
  /** As whom actors ask it. */
  readonly address: TasksAddress;
  /** Resolves when it is stored. Rejects, and nothing is stored, for what the codec does not take, and for names without a definition or a queue. */
  submit<O>(signature: Complete<O>, options?: SubmitOptions): Promise<TaskHandle<O>>;
  /** All or none. */
  submitMany<O>(
    signatures: readonly Complete<O>[],
    options?: SubmitOptions,
  ): Promise<readonly TaskHandle<O>[]>;
  /** Of a task that was submitted earlier, or elsewhere. It asks nothing. */
  handle<O = unknown>(id: TaskId<O>): TaskHandle<O>;
  /** Oldest first, in pages behind the scenes. */
  list(filter?: TaskFilter): AsyncIterable<TaskSnapshot>;
  /** Puts one that has failed, expired or is in quarantine back into its queue, with its attempts and crashes counted anew; of a chain or group, the members without success. */
  retry(id: TaskId): Promise<boolean>;
  /** Runners take nothing more from this queue; what runs goes on. Kept by the store. */
  pause(queue: string): Promise<void>;
  /** Runners take from this queue again. No effect on one that is not paused. */
  resume(queue: string): Promise<void>;
  /** Revokes all that is queued there. Resolves with how many. */
  purge(queue: string): Promise<number>;
  /** What is submitted again and again. */
  readonly schedules: Schedules;
  /** What is now: counted, not sampled. */
  stats(): Promise<TasksStats>;
  /** What happens, told after it is kept. Listeners that throw are reported, and nothing else. Of a shared store, what this process does; ends of tasks that others run are heard by their handles. */
  readonly events: {
    on<E extends keyof TasksEvents>(event: E, listener: (what: TasksEvents[E]) => void): unknown;
    off<E extends keyof TasksEvents>(event: E, listener: (what: TasksEvents[E]) => void): unknown;
  };
  /**
   * Ends the tree. Takes nothing more, lets what runs end `within` so many ms (default 30,000, leases
   * renewed), then aborts its signals, ends it after 5,000 more, and puts it back into its queue with no
   * attempt and no crash counted. A second call goes on at once. A supervisor that ends the tree, and the
   * system's shutdown, do the same.
   */
  close(options?: Deadline): Promise<{ readonly finished: number; readonly returned: number }>;
}

/** The schedules of an application, as the store keeps them. */
export interface Schedules {
  /**
   * Kept by the store. The same schedule again changes nothing; another one under the name takes its place,
   * and slots that passed do not count for it.
   *
   * Rejects with TypeError or RangeError for what is no schedule.
   */
  set(name: string, schedule: Schedule): Promise<void>;
  /** Its last task goes on. Resolves with whether it was there. */
  delete(name: string): Promise<boolean>;
  /** All of them, those of the options included. */
  list(): Promise<readonly ScheduleSnapshot[]>;
}

/** A schedule as it is at one moment. */
export interface ScheduleSnapshot {
  /** Under which it was set. */
  readonly name: string;
  /** As it was set. */
  readonly schedule: Schedule;
  /** Its next slot; undefined if it has none. */
  readonly next: Date | undefined;
  /** The slot that was fired last, and its task. */
  readonly last: { readonly slot: Date; readonly id: TaskId } | undefined;
}

/**
 * For a program whose tasks need no other actors: starts that tree under root, and resolves with its
 * handle. A SIGTERM closes it and ends the process, a second one at once, unless the program listens for
 * SIGTERM itself.
 *
 * ```ts
 * await using app = await tasks(system, { tasks: [hello] });
 * const handle = await app.submit(hello.s('me'));
 * console.log(await handle.get());
 * ```
 *
 * Rejects with TypeError or RangeError for options that are none, and with what kept the store from opening.
 */
export async function tasks(system: ActorSystem, options: TasksOptions): Promise<Tasks> {
  const app = await startTasks(system, options);
  const stop = closeOnSigterm(async () => {
    await app.close();
    await system.shutdown();
  });
  void system.exited(app.tree as Pid).then(stop);
  return app;
}

export async function startTasks(
  system: ActorSystem,
  options: TasksOptions,
  internals?: Internals,
): Promise<Application> {
  const { name = TASKS } = options;
  const tree = await system.start(taskTree(options, internals));
  return new Application(system, name, tree);
}

/** The handle of an application that runs here, under a supervisor or not. It asks nothing. */
export function tasksAt(system: ActorSystem, address: TasksAddress = TASKS): Tasks {
  return new Application(system, address, undefined);
}

const DEFAULT_WITHIN_MS = 30_000;

/** The system that an application runs in. */
export function systemOf(app: Tasks): ActorSystem {
  if (app instanceof Application) return app.system;
  throw new TypeError(
    'Cannot find the system of an application that is none of tasks(…) or tasksAt(…)',
  );
}

export class Application implements Tasks {
  readonly address: TasksAddress;
  readonly events: Tasks['events'];
  readonly schedules: Schedules;
  readonly system: ActorSystem;
  readonly #asked: Gathered;
  /** If it is ours to end. */
  readonly tree: Pid | undefined;
  #closing: Promise<{ readonly finished: number; readonly returned: number }> | undefined;

  constructor(system: ActorSystem, address: TasksAddress, tree: Pid | undefined) {
    this.address = address;
    this.system = system;
    this.#asked = new Gathered(system, full(address));
    this.tree = tree;
    const hub: Hub = hubOf(system.root, 'name' in address ? address.name : String(address));
    this.schedules = this.#schedules();
    this.events = {
      on: (event, listener) => hub.events.on(event, listener as never),
      off: (event, listener) => hub.events.off(event, listener as never),
    };
  }

  /** Kept by the store, as their own actor sees them. */
  #schedules(): Schedules {
    const asked = this.#asked;
    return {
      async set(name, schedule) {
        const stored = storedSchedule(name, schedule);
        await asked.call('setSchedule', name, stored);
      },
      async delete(name) {
        return await asked.call('deleteSchedule', name);
      },
      async list() {
        const found = await asked.call('schedules');
        return found.map(({ name, schedule, next, last }) => ({
          name,
          schedule: givenSchedule(schedule),
          next: next === undefined ? undefined : new Date(next),
          last: last && { slot: new Date(last.slot), id: last.id },
        }));
      },
    };
  }

  async submit<O>(signature: Complete<O>, options: SubmitOptions = {}): Promise<TaskHandle<O>> {
    const { id, created } = await this.#asked.submit(submissionOf(signature, options));
    return new Handle<O>(this.#asked, id, created);
  }

  async submitMany<O>(
    signatures: readonly Complete<O>[],
    options: SubmitOptions = {},
  ): Promise<readonly TaskHandle<O>[]> {
    if (options.id !== undefined || options.unique !== undefined)
      throw new TypeError(
        'Cannot submit many with one id or unique key: give each its own by withOptions',
      );
    const submissions = signatures.map((it) => submissionOf(it, options));
    const submitted = await this.#asked.call('submit', submissions, WHOLE);
    return submitted.map((each) => {
      const { id, created } = readSubmitted(each);
      return new Handle<O>(this.#asked, id, created);
    });
  }

  handle<O = unknown>(id: TaskId<O>): TaskHandle<O> {
    return new Handle<O>(this.#asked, id, false);
  }

  async *list(filter: TaskFilter = {}): AsyncGenerator<TaskSnapshot, void, undefined> {
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    let after: string | undefined;
    while (left > 0) {
      const limit = Math.min(left, PAGE);
      const page = await this.#asked.call('list', { ...filter, limit }, after);
      for (const found of page) yield snapshotOf(found);
      if (page.length < limit) return;
      left -= page.length;
      after = page.at(-1)?.record.id;
    }
  }

  retry(id: TaskId): Promise<boolean> {
    return this.#asked.call('retry', id);
  }

  pause(queue: string): Promise<void> {
    return this.#asked.call('pause', queue, true);
  }

  resume(queue: string): Promise<void> {
    return this.#asked.call('pause', queue, false);
  }

  purge(queue: string): Promise<number> {
    return this.#asked.call('purge', queue);
  }

  stats(): Promise<TasksStats> {
    return this.#asked.call('stats');
  }

  async close(
    options: Deadline = {},
  ): Promise<{ readonly finished: number; readonly returned: number }> {
    const { within = DEFAULT_WITHIN_MS } = options;
    if (this.#closing === undefined) {
      this.#closing = this.#close(within === 'infinity' ? Number.POSITIVE_INFINITY : within);
    } else {
      // It goes on at once; the first one answers.
      void this.#drain(0);
    }
    return await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(
    withinMs: number,
  ): Promise<{ readonly finished: number; readonly returned: number }> {
    const counts = await this.#drain(withinMs);
    const { tree } = this;
    if (tree !== undefined) {
      const ended = this.system.exited(tree);
      this.system.exitSignal(tree, 'shutdown');
      await ended;
    }
    return counts;
  }

  /** One that is gone has nothing to end. */
  async #drain(
    withinMs: number,
  ): Promise<{ readonly finished: number; readonly returned: number }> {
    const nothing = { finished: 0, returned: 0 };
    return await this.#asked.call('close', withinMs).then(
      (counts) => counts,
      () => nothing,
    );
  }
}

const PAGE = 100;
const WHOLE = { isOutside: true, isWhole: true } as const;
