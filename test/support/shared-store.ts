/** Several processes on one store, in one thread: each an actor system of its own, on one clock and one seeded schedule. */

import { memory, type Store, type Tasks, type TasksOptions, tasks } from '@beamish/tasks';
import { ActorSystem, type Clock } from 'beamish';
import { generator, seededDecisions } from 'beamish/testing';

const START = Date.parse('2026-01-01T00:00:00Z');

/** A store in memory that says that others use it, too, and tells each process of what the others change. */
export class SharedMemory {
  readonly #store = memory();
  readonly #listeners = new Map<Store, (id: string) => void>();
  /** Changes that are told to nobody, as by a channel that loses them. */
  losesChanges = false;

  /** As one process has it. */
  of(): Store {
    const inner = this.#store;
    let listening: (id: string) => void = () => {};
    const tell = (ids: Iterable<string>): void => {
      if (this.losesChanges) return;
      for (const [store, listener] of this.#listeners)
        if (store !== view) for (const id of ids) listener(id);
    };
    const view: Store = {
      kind: 'shared',
      shared: true,
      open: () => {},
      commit(changes) {
        const answers = inner.commit(changes) as readonly ('done' | 'stale')[];
        tell(
          changes.flatMap(({ put, insert, remove }, i) =>
            answers[i] === 'done' ? [...put, ...insert].map(({ id }) => id).concat(remove) : [],
          ),
        );
        return answers;
      },
      claim(request) {
        const claimed = inner.claim(request) as readonly { readonly id: string }[];
        tell(claimed.map(({ id }) => id));
        return claimed as never;
      },
      renew: (...args) => inner.renew(...args),
      find: (id) => inner.find(id),
      findUnique: (key) => inner.findUnique(key),
      due: (...args) => inner.due(...args),
      list: (...args) => inner.list(...args),
      outcomes: (...args) => inner.outcomes(...args),
      counts: () => inner.counts(),
      note: (key) => inner.note(key),
      notes: (prefix) => inner.notes(prefix),
      lead: (...args) => inner.lead(...args),
      changes: (listener) => {
        listening = listener;
        this.#listeners.set(view, (id) => listening(id));
        return () => this.#listeners.delete(view);
      },
      sweep: (...args) => inner.sweep(...args),
      close: () => {},
    };
    return view;
  }
}

/** One of the processes. */
export interface Process {
  readonly system: ActorSystem;
  readonly app: Tasks;
  /** Nothing happens in it any more, ever. */
  kill(): void;
  /** Nothing happens in it, as in one that a debugger stops, until `go`. Its clock goes on. */
  stop(): void;
  go(): void;
}

export class Processes {
  readonly #random: () => number;
  readonly #seed: number;
  readonly #clocks: ProcessClock[] = [];
  #now = 0;

  constructor(seed = 1) {
    this.#seed = seed;
    this.#random = generator(seed);
  }

  now(): number {
    return START + this.#now;
  }

  async start(options: TasksOptions): Promise<Process> {
    const clock = new ProcessClock(() => this.#now);
    this.#clocks.push(clock);
    const decisions = seededDecisions(this.#seed * 31 + this.#clocks.length);
    const system = new ActorSystem({ name: 'main', log: 'off', clock, decisions });
    const starting = tasks(system, options);
    let app: Tasks | undefined;
    starting.then(
      (started) => {
        app = started;
      },
      () => {},
    );
    await this.settle();
    app ??= await starting;
    return {
      system,
      app,
      kill: () => clock.kill(),
      stop: () => clock.stop(),
      go: () => clock.go(),
    };
  }

  async settle(): Promise<void> {
    for (;;) {
      for (let ready = this.#ready(); ready.length > 0; ready = this.#ready())
        ready[Math.floor(this.#random() * ready.length)]?.run();
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#ready().length > 0) continue;
      if (!this.#clocks.some((clock) => clock.ringIfDue())) return;
    }
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.settle();
    for (let next = this.#next(); next <= until; next = this.#next()) {
      this.#now = Math.max(this.#now, next);
      await this.settle();
    }
    this.#now = until;
    await this.settle();
  }

  /** Settles until it has come. */
  async of<T>(promise: PromiseLike<T>): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    promise.then(over, over);
    while (!isOver) await this.settle();
    return await promise;
  }

  #ready(): ProcessClock[] {
    return this.#clocks.filter((clock) => clock.isReady);
  }

  #next(): number {
    return Math.min(...this.#clocks.map((clock) => clock.next));
  }
}

class ProcessClock implements Clock {
  readonly #time: () => number;
  readonly #turns: (() => void)[] = [];
  #alarm: { readonly at: number; readonly ring: () => void } | undefined;
  #isStopped = false;

  constructor(time: () => number) {
    this.#time = time;
  }

  get isReady(): boolean {
    return this.#turns.length > 0 && !this.#isStopped;
  }

  get next(): number {
    return this.#isStopped
      ? Number.POSITIVE_INFINITY
      : (this.#alarm?.at ?? Number.POSITIVE_INFINITY);
  }

  run(): void {
    this.#turns.shift()?.();
  }

  kill(): void {
    this.stop();
    this.#turns.length = 0;
    this.#alarm = undefined;
  }

  stop(): void {
    this.#isStopped = true;
  }

  go(): void {
    this.#isStopped = false;
  }

  ringIfDue(): boolean {
    const alarm = this.#alarm;
    if (this.#isStopped || alarm === undefined || alarm.at > this.#time()) return false;
    this.#alarm = undefined;
    alarm.ring();
    return true;
  }

  now(): number {
    return this.#time();
  }

  wall(): number {
    return START + this.#time();
  }

  soon(turn: () => void): void {
    this.#turns.push(turn);
  }

  alarm(ms: number, ring: () => void): void {
    this.#alarm = { at: this.#time() + ms, ring };
  }

  silence(): void {
    this.#alarm = undefined;
  }

  whenOver(): () => void {
    return () => {};
  }
}
