/** Tasks on a virtual clock with a seed: the real thing, on the memory store. */

import { ActorSystem } from 'beamish';
import type { Complete } from '../canvas/signature.ts';
import type { SubmitOptions } from '../canvas/submit-options.ts';
import type { TaskHandle } from '../outside/handle.ts';
import type { TasksOptions } from '../outside/task-tree.ts';
import { type Application, startTasks, type Tasks, tasksAt } from '../outside/tasks.ts';
import { memory } from '../stores/memory.ts';
import type { Store } from '../stores/store.ts';
import { isFinal, type TaskId } from '../terms/task-state.ts';
import { full, TASKS } from '../tree/asking.ts';
import { schedulerOf } from '../tree/plan.ts';
import { chanceOf } from './chance.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Tasks on a virtual clock and a seeded schedule, with the memory store and the codec: what runs here runs for real. */
export interface EagerTasks extends Tasks {
  /** Its actor system: for the actors that tasks call. After a `crash` it is another one. */
  readonly system: ActorSystem;
  /** Submits, and moves time on until it has ended, retries and delays included. */
  run<O>(signature: Complete<O>, options?: SubmitOptions): Promise<O>;
  /** Settles, moves the clock, settles. */
  advance(ms: number): Promise<void>;
  /** The calendar of the virtual clock. */
  now(): Date;
  /** Sets the calendar's clock forward or back, as somebody does with a machine's. It is noticed within a minute. */
  jump(ms: number): void;
  /** As if the process had been killed here and started again: what is not stored is gone. */
  crash(): Promise<void>;
}

export interface EagerOptions extends Omit<TasksOptions, 'store'> {
  /** Default 1. */
  readonly seed?: number;
  /** Default 2026-01-01, 00:00 UTC. */
  readonly startAt?: Date;
  /** For tests of stores. Default `memory()`. */
  readonly store?: Store;
  /** Called with each new system, before tasks run there: the first one, and one after each `crash`. */
  readonly prepare?: (system: ActorSystem) => unknown;
}

/**
 * An application that needs no service, no file and no time: a day of retries takes milliseconds. It is the
 * real thing, with codec, delays and routing, so what works here works in production.
 *
 * ```ts
 * await using app = eager({ tasks: [mail] });
 * await app.run(mail.s('me@example.org')); // retries included
 * ```
 */
export function eager(options: EagerOptions): EagerTasks {
  return new Eager(options);
}

const START = new Date('2026-01-01T00:00:00Z');
/** How long it takes at most until somebody sees that a clock has jumped. */
const NOTICED_MS = 60_000;
/** Without anything but its own timers for so long, a task never ends. */
const LONGEST_RUN_MS = 10 * 365 * 86_400_000;

class Eager implements EagerTasks {
  readonly #options: EagerOptions;
  readonly #store: Store;
  readonly #chance: ReturnType<typeof chanceOf>;
  readonly #listeners: (readonly [string, (what: never) => void])[] = [];
  #clock: VirtualClock;
  #system!: ActorSystem;
  #app!: Promise<Application>;
  /** Of the application that runs. */
  #events: Tasks['events'] | undefined;
  readonly events: Tasks['events'];

  constructor(options: EagerOptions) {
    this.#options = options;
    this.#store = options.store ?? memory();
    this.#chance = chanceOf(options.seed ?? 1);
    this.#clock = new VirtualClock((options.startAt ?? START).getTime());
    this.events = {
      on: (event, listener) => {
        this.#listeners.push([event, listener as never]);
        this.#events?.on(event, listener);
      },
      off: (event, listener) => {
        const i = this.#listeners.findIndex((it) => it[0] === event && it[1] === listener);
        if (i >= 0) this.#listeners.splice(i, 1);
        this.#events?.off(event, listener);
      },
    };
    this.#start();
  }

  get system(): ActorSystem {
    return this.#system;
  }

  get address(): Tasks['address'] {
    return this.#options.name ?? TASKS;
  }

  async submit<O>(signature: Complete<O>, options?: SubmitOptions): Promise<TaskHandle<O>> {
    const { id, created } = await (await this.#app).submit(signature, options);
    return this.#handle(id, created);
  }

  async submitMany<O>(
    signatures: readonly Complete<O>[],
    options?: SubmitOptions,
  ): Promise<readonly TaskHandle<O>[]> {
    const handles = await (await this.#app).submitMany(signatures, options);
    return handles.map(({ id, created }) => this.#handle(id, created));
  }

  async run<O>(signature: Complete<O>, options?: SubmitOptions): Promise<O> {
    const handle = await this.submit(signature, options);
    const began = this.#clock.now();
    for (;;) {
      await this.#settle();
      const state = await handle.state();
      if (state === undefined || isFinal(state.state)) return await handle.get();
      const { next } = this.#clock;
      if (next === undefined || next - began > LONGEST_RUN_MS)
        throw new Error(
          `The task ${state.name} (${handle.id}) never ends: it is ${state.state}, and nothing is left to happen\n${this.#waiting()}`,
        );
      await this.advance(Math.max(1, next - this.#clock.now()));
    }
  }

  handle<O = unknown>(id: TaskId<O>): TaskHandle<O> {
    return this.#handle(id, false);
  }

  async *list(filter?: Parameters<Tasks['list']>[0]): ReturnType<Application['list']> {
    yield* (await this.#app).list(filter);
  }

  retry: Tasks['retry'] = async (id) => await (await this.#app).retry(id);
  pause: Tasks['pause'] = async (queue) => await (await this.#app).pause(queue);
  resume: Tasks['resume'] = async (queue) => await (await this.#app).resume(queue);
  purge: Tasks['purge'] = async (queue) => await (await this.#app).purge(queue);
  readonly schedules: Tasks['schedules'] = {
    set: async (name, schedule) => await (await this.#app).schedules.set(name, schedule),
    delete: async (name) => await (await this.#app).schedules.delete(name),
    list: async () => await (await this.#app).schedules.list(),
  };
  stats: Tasks['stats'] = async () => await (await this.#app).stats();

  async close(
    options?: Parameters<Tasks['close']>[0],
  ): Promise<{ readonly finished: number; readonly returned: number }> {
    const closing = (await this.#app).close(options);
    let isClosed = false;
    void closing.finally(() => {
      isClosed = true;
    });
    for (;;) {
      await this.#settle();
      if (isClosed) return await closing;
      await this.advance(1000);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close({ within: 0 });
  }

  async advance(ms: number): Promise<void> {
    await this.#app;
    await this.#clock.advance(ms, () => this.#waitsOutside());
  }

  now(): Date {
    return new Date(this.#clock.wall());
  }

  jump(ms: number): void {
    this.#clock.jump(ms);
    const name = (this.#options.name ?? TASKS).name;
    this.#system.sendAfter(NOTICED_MS, full(this.address) as never, { tag: 'look' } as never);
    this.#system.sendAfter(NOTICED_MS, schedulerOf(name), { tag: 'look' });
  }

  async crash(): Promise<void> {
    await this.#app;
    this.#clock.stop();
    const next = new VirtualClock(this.#clock.wall());
    this.#clock = next;
    this.#start();
    await this.#settle();
  }

  #start(): void {
    const { prepare, seed: _, startAt: __, ...options } = this.#options;
    const { decisions, fresh } = this.#chance;
    this.#system = new ActorSystem({ name: 'main', log: 'off', clock: this.#clock, decisions });
    const system = this.#system;
    this.#events = undefined;
    this.#app = (async () => {
      await prepare?.(system);
      // Whoever listens hears of what happens while it starts, too.
      this.#events = tasksAt(system, this.address).events;
      for (const [event, listener] of this.#listeners) this.#events.on(event as never, listener);
      return await startTasks(
        system,
        { ...options, store: this.#store },
        {
          fresh,
          // Nothing has to be looked for that only `jump` can do.
          longestPauseMs: Number.POSITIVE_INFINITY,
        },
      );
    })();
    // Whoever uses it hears of a failure.
    this.#app.catch(() => {});
  }

  /** One that outlives a crash. */
  #handle<O>(id: TaskId<O>, created: boolean): TaskHandle<O> {
    const current = async (): Promise<TaskHandle<O>> => (await this.#app).handle(id);
    return {
      id,
      created,
      get: async (options) => await (await current()).get(options),
      state: async () => await (await current()).state(),
      revoke: async (options) => await (await current()).revoke(options),
      forget: async () => await (await current()).forget(),
      async *watch(options) {
        yield* (await current()).watch(options);
      },
    };
  }

  async #settle(): Promise<void> {
    await this.#app;
    await this.#clock.settle(() => this.#waitsOutside());
  }

  /** Whether a body waits for a promise of its own. */
  #waitsOutside(): boolean {
    return this.#system.actors().some(({ waitingFor }) => waitingFor.includes('a promise'));
  }

  #waiting(): string {
    return this.#system
      .actors()
      .filter(({ body }) => body === 'runBody')
      .map(({ pid, waitingFor }) => `  ${String(pid)} waits for ${waitingFor.join(', ')}`)
      .join('\n');
  }
}
