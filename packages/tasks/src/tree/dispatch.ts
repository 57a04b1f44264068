/** Who gets the next task: the workers that are there, how much room each has, and which queue is its next. */

import type { Pid } from 'beamish';
import type { TaskRecord } from '../state/record.ts';
import type { ClaimRequest, Store } from '../stores/store.ts';
import { without } from '../terms/without.ts';
import type { Steps } from './batch.ts';
import type { Limits } from './limits.ts';
import type { WorkerMessage } from './messages.ts';
import { Picker } from './pick.ts';
import type { WorkerPlan } from './plan.ts';
import type { Seats } from './seats.ts';
import type { TasksStats } from './stats.ts';
import { Taking } from './taking.ts';

/** A worker that has enlisted. */
export interface Worker {
  /** No other incarnation of it has this. */
  readonly id: string;
  readonly pid: Pid<WorkerMessage>;
  readonly plan: WorkerPlan;
  /** Another one when a guest has a queue more. */
  picker: Picker;
  /** What it has, by id. */
  has: Map<string, TaskRecord>;
  /** Bodies that run, those of tasks that have ended without them included. */
  busy: number;
  runners: number;
  /** Since when it has had more runners than it needs; undefined while it has not. */
  idleSince: number | undefined;
  leaked: number;
  /** It takes nothing more. */
  isRetired: boolean;
}

export interface DispatchOptions {
  readonly store: Store;
  readonly limits: Limits;
  readonly seats: Seats;
  /** Whether it runs in a thread. */
  readonly isThreaded: (name: string) => boolean;
  readonly names: ReadonlySet<string>;
  readonly leaseMs: number;
  readonly now: () => number;
  readonly got: <T>(answer: T | Promise<T>) => Steps<T>;
}

/** What a worker is to begin. */
export interface Claim {
  readonly worker: Worker;
  readonly records: readonly TaskRecord[];
  readonly threads: ReadonlyMap<string, number>;
}

export class Dispatch {
  readonly paused = new Set<string>();
  readonly #options: DispatchOptions;
  readonly #workers = new Map<string, Worker>();
  /** The first in line changes, so that none has all. */
  #turn = 0;

  constructor(options: DispatchOptions) {
    this.#options = options;
  }

  get workers(): Iterable<Worker> {
    return this.#workers.values();
  }

  enlist(id: string, pid: Pid<WorkerMessage>, plan: WorkerPlan): Worker {
    const worker: Worker = {
      id,
      pid,
      plan,
      picker: new Picker(plan.queues, plan.pick),
      has: new Map(),
      busy: 0,
      runners: plan.min,
      idleSince: undefined,
      leaked: 0,
      isRetired: false,
    };
    this.#workers.set(id, worker);
    return worker;
  }

  /** Something is in this queue: guests whose it is take it from now on. */
  offered(queue: string): void {
    for (const worker of this.#workers.values()) {
      const { prefixes, pick } = worker.plan;
      if (prefixes === undefined || worker.picker.queues.includes(queue)) continue;
      if (!prefixes.some((prefix) => queue.startsWith(prefix))) continue;
      worker.picker = new Picker([...worker.picker.queues, queue], pick);
    }
  }

  /** Whether a guest that is here takes it. */
  isForGuest(queue: string): boolean {
    for (const { plan } of this.#workers.values())
      if (plan.prefixes?.some((prefix) => queue.startsWith(prefix))) return true;
    return false;
  }

  worker(id: string): Worker | undefined {
    return this.#workers.get(id);
  }

  /** The run of a task that a worker of this process has. */
  has(id: string): TaskRecord | undefined {
    for (const worker of this.#workers.values()) {
      const record = worker.has.get(id);
      if (record !== undefined) return record;
    }
    return undefined;
  }

  withPid(pid: unknown): Worker | undefined {
    for (const worker of this.#workers.values()) if (worker.pid === pid) return worker;
    return undefined;
  }

  /** It is gone. Its bodies are, too. */
  dismiss(worker: Worker): void {
    this.#workers.delete(worker.id);
    for (const { id, key } of worker.has.values()) {
      this.#options.limits.release(key);
      this.#options.seats.abandon(id);
    }
  }

  /** A body has ended. */
  free(worker: Worker, id: string, key: string | undefined): void {
    worker.busy--;
    worker.has = without(worker.has, id);
    this.#options.limits.release(key);
    this.#options.seats.release(id);
  }

  /** Takes back one that waits for a thread; false if it does not, and whoever has it has to be told. */
  withdraw(worker: Worker, id: string): boolean {
    if (!this.#options.seats.isWaiting(id)) return false;
    this.free(worker, id, worker.has.get(id)?.key);
    return true;
  }

  /** Ends runners that have been idle for long enough, and tells of whom, and when to ask again. */
  shrink(now: number): { readonly shrunk: readonly Worker[]; readonly nextAt: number | undefined } {
    const shrunk: Worker[] = [];
    let nextAt: number | undefined;
    for (const worker of this.#workers.values()) {
      const { min, idleMs } = worker.plan;
      const needed = Math.max(min, worker.busy);
      if (worker.runners <= needed) {
        worker.idleSince = undefined;
        continue;
      }
      worker.idleSince ??= now;
      const endsAt = worker.idleSince + idleMs;
      if (endsAt <= now) {
        worker.runners = needed;
        worker.idleSince = undefined;
        shrunk.push(worker);
      } else if (nextAt === undefined || endsAt < nextAt) nextAt = endsAt;
    }
    return { shrunk, nextAt };
  }

  /** Gives out what there is to who has room. */
  *claim(grown: (worker: Worker) => void): Steps<Claim[]> {
    const claims = this.#seated();
    const workers = [...this.#workers.values()];
    for (let i = 0; i < workers.length; i++) {
      const worker = workers[(this.#turn + i) % workers.length] as Worker;
      const room = worker.plan.max - worker.busy;
      if (room <= 0 || worker.isRetired) continue;
      const records = yield* this.#claimFor(worker, room);
      if (records.length === 0) continue;
      for (const record of records) worker.has.set(record.id, record);
      worker.busy += records.length;
      worker.idleSince = undefined;
      if (worker.busy > worker.runners) {
        worker.runners = worker.busy;
        grown(worker);
      }
      const claim = this.#claimOf(worker, records);
      if (claim.records.length > 0) claims.push(claim);
    }
    this.#turn = (this.#turn + 1) % Math.max(1, workers.length);
    return claims;
  }

  stats(): TasksStats['workers'] {
    return [...this.#workers.values()].map(({ plan, picker, runners, busy, leaked }) => ({
      name: plan.name,
      queues: picker.queues,
      runners,
      running: busy,
      leaked,
    }));
  }

  /** What was given out before and has a thread now. */
  #seated(): Claim[] {
    return this.#options.seats.seated().flatMap((id) => {
      const record = this.has(id) as TaskRecord;
      const worker = this.#workers.get(record.worker ?? '');
      return worker === undefined ? [] : [this.#claimOf(worker, [record])];
    });
  }

  /** Without those who wait for a thread. */
  #claimOf(worker: Worker, records: readonly TaskRecord[]): Claim {
    const { seats, isThreaded } = this.#options;
    const threads = new Map<string, number>();
    const ready = records.filter(({ id, name }) => {
      if (!isThreaded(name)) return true;
      const thread = seats.of(id);
      if (thread !== undefined) threads.set(id, thread);
      return thread !== undefined;
    });
    return { worker, records: ready, threads };
  }

  *#claimFor(worker: Worker, room: number): Steps<readonly TaskRecord[]> {
    const { picker, plan } = worker;
    const isOpen = (queue: string): boolean => !this.paused.has(queue);
    const open = picker.queues.filter(isOpen);
    if (open.length === 0) return [];
    if (plan.pick === 'strict' || open.length === 1) return yield* this.#take(worker, open, room);
    const records: TaskRecord[] = [];
    for (const { queue, count } of picker.portions(room, isOpen))
      records.push(...(yield* this.#take(worker, [queue], count)));
    if (records.length < room)
      records.push(...(yield* this.#take(worker, open, room - records.length)));
    return records;
  }

  /** A store that looks elsewhere is spared what can be told by the name. */
  #names(): ReadonlySet<string> {
    const { store, seats, names, isThreaded } = this.#options;
    if (!store.shared || !seats.isFull) return names;
    return new Set([...names].filter((name) => !isThreaded(name)));
  }

  *#take(worker: Worker, queues: readonly string[], limit: number): Steps<readonly TaskRecord[]> {
    const { store, limits, seats, isThreaded, leaseMs, now, got } = this.#options;
    const held = new Taking(limits, seats, isThreaded);
    const request: ClaimRequest = {
      worker: worker.id,
      queues,
      limit,
      leaseMs,
      now: now(),
      names: worker.plan.prefixes === undefined ? this.#names() : 'all',
      held,
    };
    try {
      return yield* got(store.claim(request));
    } catch (error) {
      held.giveBack();
      throw error;
    }
  }
}
