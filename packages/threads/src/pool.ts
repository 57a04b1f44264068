/** A pool of threads, whatever they are: who is where, and what becomes of those that die. */

import type { ActorSystem, Configured, Message, Pid, Portable } from 'beamish';
import {
  type Identity,
  placed,
  RestartIntensity,
  whenShutDown,
  whenShutdownBegins,
} from 'beamish/transport';
import type { Plan } from './options.ts';

/** Where an actor is to run. Without either, where there are fewest. */
export interface Placement {
  /** Counted from 0. */
  readonly thread?: number;
  /** Actors of one key run in one thread, as long as it lives. */
  readonly key?: string;
}

/** What `threads` makes. */
export interface Threads extends AsyncDisposable {
  /** How many threads there are, those that are being started again included. */
  readonly size: number;
  /** The names of their systems, for `monitorSystem` and for names of actors there. */
  readonly systems: readonly string[];
  /** Spawns in the thread that has fewest actors. The pid is good at once; code that cannot be loaded there is the reason of its end. */
  spawn<M extends Message = never, A extends unknown[] = [], R = void>(
    body: Portable<M, A, R>,
    ...args: NoInfer<A>
  ): Pid<M>;
  /** What can be spawned, started and supervised like a body, and runs in a thread: decided at each spawn, so a restart finds a living one. */
  at<M extends Message, A extends unknown[], R>(
    body: Portable<M, A, R>,
    placement?: Placement,
  ): Configured<M, A, R>;
  /** Ends a thread at once, with all its actors; another one is started in its place. For tests, and for what is beyond help. */
  kill(thread: number, reason?: unknown): void;
  /** As `kill`, for who ends threads as a matter of course: it does not count among the deaths after which no more are started. */
  replace(thread: number, reason?: unknown): void;
  /** Whether there is such a thread, or one that is being started in its place. */
  isAlive(thread: number): boolean;
  /**
   * Ends the threads of this pool, each in order, and resolves when they are gone. The system goes on, with its
   * other pools; whoever is to be started here fails to. A thread whose event loop does not turn for 5,000 ms
   * is ended, whatever `stallMs` says.
   */
  stop(): Promise<void>;
  /** Shuts the actor system down, supervision trees first, and then all its threads as `stop` does; resolves when they are gone. */
  close(): Promise<void>;
}

/** One thread, as its pool needs it. */
export interface PooledThread {
  /** Settles when it has begun, or failed to. */
  readonly begun: Promise<void>;
  /** How many actors it has, as well as is known at once. */
  readonly load: number;
  /** One more is placed there. */
  placed(): void;
  /** It is to end soon. */
  hurry(): void;
  /** Ends it in order, and resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(reason: unknown): void;
}

/** All threads of a system, whichever pool they are of. */
export interface PoolGround<T extends PooledThread> {
  readonly threads: Set<T>;
  /** Names that no thread of this system has had. */
  freshNames(pool: string, count: number): readonly string[];
  /** Starts one; `ended` when it is gone, and everything that it sent has come. */
  start(me: Identity, others: readonly T[], ended: (thread: T) => void): T;
}

/** Resolves when all threads have begun. */
export async function openPool<T extends PooledThread>(
  system: ActorSystem,
  plan: Plan,
  ground: PoolGround<T>,
): Promise<Threads> {
  const pool = new Pool(system, plan, ground);
  try {
    await pool.begin();
  } catch (error) {
    await pool.stop();
    throw error;
  }
  return pool;
}

class Pool<T extends PooledThread> implements Threads {
  readonly systems: readonly string[];
  readonly #system: ActorSystem;
  readonly #plan: Plan;
  readonly #ground: PoolGround<T>;
  readonly #intensity: RestartIntensity;
  /** By number; undefined of one that died and is not started again. */
  readonly #threads: (T | undefined)[] = [];
  /** Those whose end was wanted. */
  readonly #replaced = new WeakSet<T>();
  #isClosing = false;
  #stopped: Promise<void> | undefined;

  constructor(system: ActorSystem, plan: Plan, ground: PoolGround<T>) {
    this.#system = system;
    this.#plan = plan;
    this.#ground = ground;
    this.#intensity = new RestartIntensity(plan.intensity, plan.periodMs);
    this.systems = ground.freshNames(plan.name, plan.size);
    whenShutDown(system, () => this.stop());
    whenShutdownBegins(system, () => this.#hurry());
  }

  get size(): number {
    return this.#threads.filter((thread) => thread !== undefined).length;
  }

  async begin(): Promise<void> {
    for (let i = 0; i < this.#plan.size; i++) this.#start(i);
    await Promise.all(this.#threads.map((thread) => thread?.begun));
  }

  spawn<M extends Message = never, A extends unknown[] = [], R = void>(
    body: Portable<M, A, R>,
    ...args: NoInfer<A>
  ): Pid<M> {
    return this.#system.spawn(this.at(body), ...args);
  }

  at<M extends Message, A extends unknown[], R>(
    body: Portable<M, A, R>,
    { thread, key }: Placement = {},
  ): Configured<M, A, R> {
    if (typeof body !== 'object' || body === null || !('exportName' in body)) {
      throw new TypeError(
        'Cannot place a body in a thread: it must be made by portable(…), which knows its module',
      );
    }
    if (thread !== undefined && this.systems[thread] === undefined) {
      throw new RangeError(
        `Cannot place an actor in thread ${String(thread)}: there are 0 to ${this.systems.length - 1}`,
      );
    }
    const first = thread ?? (key === undefined ? undefined : hash(key) % this.systems.length);
    return placed(body, () => this.#choose(first, thread !== undefined));
  }

  kill(thread: number, reason: unknown = new Error('It was killed')): void {
    this.#threads[thread]?.kill(reason);
  }

  replace(thread: number, reason: unknown = new Error('It was replaced')): void {
    const its = this.#threads[thread];
    if (its === undefined) return;
    this.#replaced.add(its);
    its.kill(reason);
  }

  isAlive(thread: number): boolean {
    return this.#threads[thread] !== undefined;
  }

  stop(): Promise<void> {
    this.#isClosing = true;
    this.#stopped ??= Promise.all(this.#threads.map((thread) => thread?.stop())).then(() => {});
    return this.#stopped;
  }

  async close(): Promise<void> {
    await this.#system.shutdown();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The system shuts down: trees that reach into a thread wait for it. */
  #hurry(): void {
    this.#isClosing = true;
    for (const thread of this.#threads) thread?.hurry();
  }

  /** The name of the system that an actor is to run in. If the one that it belongs to is gone for good, the next has it. */
  #choose(first: number | undefined, isStrict: boolean): string {
    let chosen: number | undefined = first;
    if (first === undefined) {
      for (const [i, thread] of this.#threads.entries()) {
        if (thread === undefined) continue;
        const best = chosen === undefined ? undefined : this.#threads[chosen];
        if (best === undefined || thread.load < best.load) chosen = i;
      }
    } else if (!isStrict && this.#threads[first] === undefined) {
      const next = this.#threads.findIndex((thread) => thread !== undefined);
      if (next >= 0) chosen = next;
    }
    const number = chosen ?? 0;
    this.#threads[number]?.placed();
    return this.systems[number] as string;
  }

  #start(number: number): void {
    const { threads: all } = this.#ground;
    const me = { system: this.systems[number] as string, incarnation: freshIncarnation() };
    const thread = this.#ground.start(me, [...all], (gone) => this.#ended(number, gone));
    this.#threads[number] = thread;
    all.add(thread);
  }

  /** Another one takes its place at once, so that who was linked to it finds a thread when it hears. */
  #ended(number: number, thread: T): void {
    this.#ground.threads.delete(thread);
    if (this.#threads[number] !== thread) return;
    this.#threads[number] = undefined;
    if (this.#isClosing) return;
    if (this.#replaced.has(thread) || this.#intensity.allows(this.#system.now()))
      this.#start(number);
  }
}

/** Nine digits, as the runtime's own. */
function freshIncarnation(): number {
  return 1e8 + Math.floor(Math.random() * 9e8);
}

/** FNV-1a, which spreads short keys well. */
function hash(key: string): number {
  let mixed = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) {
    mixed = Math.imul(mixed ^ key.charCodeAt(i), 0x01000193);
  }
  return mixed >>> 0;
}
