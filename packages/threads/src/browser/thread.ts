/** One thread of a browser, a module worker, from its start to its end, as its pool sees it. */

import type { ActorSystem } from 'beamish';
import { announceThread, type Identity, identityOf } from 'beamish/transport';
import { Heart } from '../heart.ts';
import type { Plan } from '../options.ts';
import type { PooledThread } from '../pool.ts';
import { SetUps } from '../set-ups.ts';
import {
  ALIVE_LESS_SPAWNED,
  BEATS,
  READY,
  type SetUp,
  type SetUpDone,
  STOP,
  VITALS,
} from '../worker-protocol.ts';
import { BrowserChannel, wayBetween } from './channel.ts';
import { type Beat, type BrowserStart, type Died, STOPPED } from './protocol.ts';

/** What is used of a worker of a browser. */
export interface WebWorker {
  postMessage(message: unknown, transfer: readonly unknown[]): void;
  terminate(): void;
  onerror: ((event: { readonly message?: string }) => void) | null;
}

/** How long the event loop of one that is to end may stand still: what its actors get to end in order. */
const GRACE_MS = 5000;

export interface BrowserThreadStart {
  readonly system: ActorSystem;
  readonly me: Identity;
  readonly plan: Plan;
  readonly others: readonly BrowserThread[];
  readonly makeWorker: (name: string) => WebWorker;
  readonly ended: (thread: BrowserThread) => void;
}

export class BrowserThread implements PooledThread {
  readonly me: Identity;
  readonly begun: Promise<void>;
  readonly #worker: WebWorker;
  readonly #channel: BrowserChannel;
  readonly #setUps: SetUps;
  readonly #others: () => readonly BrowserThread[];
  readonly #heart: Heart;
  readonly #vitals = new Int32Array(VITALS);
  /** Says that it is not there any more. */
  readonly #gone: () => void;
  readonly #ended: BrowserThreadStart['ended'];
  readonly #over: Promise<void>;
  #begin: () => void = () => {};
  #fail: (reason: unknown) => void = () => {};
  #endOver: () => void = () => {};
  #isEnding = false;
  #isOver = false;
  /** Those that know of it: told when it is gone. */
  readonly #known = new Set<BrowserThread>();
  #placed = 0;

  constructor({ system, me, plan, others, makeWorker, ended }: BrowserThreadStart) {
    this.me = me;
    this.#ended = ended;
    this.#others = () => [...this.#known];
    this.begun = new Promise((resolve, reject) => {
      this.#begin = resolve;
      this.#fail = reject;
    });
    // Whoever waits for it hears; the pool does at the start alone.
    this.begun.catch(() => {});
    this.#over = new Promise((resolve) => {
      this.#endOver = resolve;
    });
    const [mine, its] = wayBetween(identityOf(system), me);
    const early: { readonly setUp: SetUp; readonly transfer: readonly unknown[] }[] = [];
    let isStarted = false;
    this.#setUps = new SetUps(system, me, ({ setUp }, transfer) => {
      if (isStarted) this.#channel.tell({ setUp }, transfer);
      else early.push({ setUp, transfer });
    });
    this.#gone = announceThread(system, this.#setUps);
    this.#worker = makeWorker(me.system);
    this.#worker.onerror = ({ message }) =>
      this.kill(new Error(`Thread ${me.system} failed: ${message ?? 'its code cannot be loaded'}`));
    const ways = others.map((other) => this.#meet(other));
    const start: BrowserStart = {
      me,
      pool: its,
      others: ways,
      options: plan.systems,
      setUps: early.map(({ setUp }) => setUp),
    };
    const ports = [its.port, ...ways.map(({ port }) => port)];
    this.#worker.postMessage(start, [...ports, ...early.flatMap(({ transfer }) => transfer)]);
    isStarted = true;
    this.#channel = new BrowserChannel(system, mine, {
      load: () => Promise.reject(new Error('Threads spawn no actors in the page')),
      spawner: 'here',
      ended: (reason) => this.kill(reason),
      control: (message) => this.#hear(message),
    });
    this.#heart = new Heart(this.#vitals, (ms) => this.#stalled(ms));
    this.#heart.watch(plan.stallMs);
  }

  get load(): number {
    return this.#placed + (this.#vitals[ALIVE_LESS_SPAWNED] ?? 0);
  }

  placed(): void {
    this.#placed++;
  }

  hurry(): void {
    this.#heart.hurry(GRACE_MS);
  }

  async stop(): Promise<void> {
    if (!this.#isEnding) {
      this.#channel.endsInOrder = true;
      this.#channel.tell(STOP);
      this.hurry();
    }
    await this.#over;
  }

  kill(reason: unknown): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#worker.terminate();
    // What it had posted by now comes first.
    setTimeout(() => this.#end(reason));
  }

  /** Tells a thread that there is of this one, and returns the way there. */
  #meet(other: BrowserThread): ReturnType<typeof wayBetween>[1] {
    const [theirs, mine] = wayBetween(other.me, this.me);
    this.#known.add(other);
    other.#known.add(this);
    other.#channel.tell({ meet: theirs }, [theirs.port]);
    return mine;
  }

  #hear(message: unknown): void {
    if (message === READY) return this.#begin();
    if (message === STOPPED) return this.#stopped();
    if ('beat' in (message as object)) {
      this.#vitals[BEATS] = (this.#vitals[BEATS] ?? 0) + 1;
      this.#vitals[ALIVE_LESS_SPAWNED] = (message as Beat).beat;
    } else if ('died' in (message as object)) this.kill((message as Died).died);
    else this.#setUps.done(message as SetUpDone);
  }

  #stopped(): void {
    this.#isEnding = true;
    this.#worker.terminate();
    this.#end(new Error(`Thread ${this.me.system} has ended`));
  }

  #end(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#heart.rest();
    this.#gone();
    this.#setUps.end(reason);
    this.#fail(reason);
    for (const other of this.#others()) {
      other.#known.delete(this);
      if (!other.#isOver) other.#channel.tell({ gone: this.me });
    }
    this.#channel.lost(reason);
    this.#ended(this);
    this.#endOver();
  }

  #stalled(ms: number): void {
    // What it had not done is lost, even where it was to end.
    this.#channel.endsInOrder = false;
    this.kill(
      new Error(`Thread ${this.me.system} was ended: its event loop had not turned for ${ms} ms`),
    );
  }
}
