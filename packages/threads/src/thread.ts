/** One thread, from its start to its end, as its pool sees it. */

import { existsSync } from 'node:fs';
import { type Transferable, Worker } from 'node:worker_threads';
import type { ActorSystem } from 'beamish';
import { announceThread, type Identity, identityOf } from 'beamish/transport';
import { Channel, makeEnds } from './channel.ts';
import { Heart } from './heart.ts';
import type { Plan } from './options.ts';
import { SetUps } from './set-ups.ts';
import { type Bell, type SpinWait, sharedNumber } from './spin-wait.ts';
import {
  ALIVE_LESS_SPAWNED,
  type Encounter,
  READY,
  type SetUpDone,
  STOP,
  VITALS,
  type WorkerStart,
} from './worker-protocol.ts';

/** How long a thread may take to end once its actor system has shut down. */
const LINGER_MS = 1000;
/** How long the event loop of one that is to end may stand still: what its actors get to end in order. */
const GRACE_MS = 5000;

/** Where this is source, so is the worker, which a thread loads only once it has been taught TypeScript. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../entry.js' : './worker.js',
  import.meta.url,
);

export interface Start {
  readonly system: ActorSystem;
  /** Of this thread. */
  readonly spinWait: SpinWait;
  readonly me: Identity;
  readonly plan: Plan;
  readonly others: readonly Thread[];
  /** It is gone, and everything that it sent has come. */
  readonly ended: (thread: Thread, reason: unknown) => void;
}

export class Thread {
  readonly me: Identity;
  /** Settles when it has begun, or failed to. */
  readonly begun: Promise<void>;
  readonly #worker: Worker;
  readonly #channel: Channel;
  readonly #bell = sharedNumber();
  readonly #vitals: Int32Array<SharedArrayBuffer>;
  readonly #setUps: SetUps;
  /** Says that it is not there any more. */
  readonly #gone: () => void;
  readonly #ended: Start['ended'];
  readonly #heart: Heart;
  #begin: () => void = () => {};
  #fail: (reason: unknown) => void = () => {};
  /** Why it ended, so far as is known: by an error, by its exit code, or because it was ended. */
  #reason: unknown;
  #exitCode: number | undefined;
  /** Settles when it is gone, and that has been told. */
  readonly #over: Promise<void>;
  #endOver: () => void = () => {};
  #isClosed = false;
  #isStopping = false;
  /** Ends a thread that has closed its channel and does not end by itself. */
  #lingering: NodeJS.Timeout | undefined;
  /** Actors that were spawned here. */
  #placed = 0;

  constructor({ system, spinWait, me, plan, others, ended }: Start) {
    if (!existsSync(ENTRY)) {
      throw new Error(
        `Cannot start ${me.system}: its worker is not at ${ENTRY.href}. A bundler has taken @beamish/threads apart: leave it external, or copy its dist/worker.js there`,
      );
    }
    this.me = me;
    this.#ended = ended;
    this.#vitals = new Int32Array(new SharedArrayBuffer(4 * VITALS));
    this.begun = new Promise((resolve, reject) => {
      this.#begin = resolve;
      this.#fail = reject;
    });
    // Whoever waits for it hears; the pool does at the start alone.
    this.begun.catch(() => {});
    const [mine, its] = makeEnds(spinWait.bell, this.#bell);
    this.#setUps = new SetUps(system, me, (control, transfer) =>
      mine.port.postMessage(control, transfer as readonly Transferable[]),
    );
    this.#gone = announceThread(system, this.#setUps);
    const encounters = others.map((other) => other.#meet(me, this.#bell));
    const workerStart: WorkerStart = {
      me,
      bell: this.#bell,
      pool: { there: identityOf(system), end: its },
      others: encounters,
      options: plan.systems,
      setUps: this.#setUps.count,
      vitals: this.#vitals,
    };
    this.#worker = new Worker(ENTRY, {
      workerData: workerStart,
      transferList: [its.port, ...encounters.map(({ end }) => end.port)],
      name: me.system,
      resourceLimits: plan.resourceLimits,
    });
    this.#worker.on('error', (error) => {
      this.#reason ??= error;
    });
    this.#over = new Promise((resolve) => {
      this.#endOver = resolve;
    });
    this.#worker.on('exit', (code) => {
      this.#exitCode = code;
      this.#endIfGone();
    });
    this.#channel = new Channel(system, me, mine, {
      spinWait,
      load: () => Promise.reject(new Error('Threads spawn no actors in the main thread')),
      spawner: 'here',
      ended: (reason) => this.kill(reason),
      control: (message) => {
        if (message === READY) this.#begin();
        else this.#setUps.done(message as SetUpDone);
      },
      closed: () => {
        this.#isClosed = true;
        if (this.#isStopping) {
          this.#heart.rest();
          this.#lingering = setTimeout(() => void this.#worker.terminate(), LINGER_MS);
        }
        this.#endIfGone();
      },
    });
    this.#heart = new Heart(this.#vitals, (ms) => this.#stalled(ms));
    this.#heart.watch(plan.stallMs);
  }

  /** How many actors it has, as well as is known at once. */
  get load(): number {
    return this.#placed + Atomics.load(this.#vitals, ALIVE_LESS_SPAWNED);
  }

  placed(): void {
    this.#placed++;
  }

  /** It is to end soon: from now on it must turn its event loop, whether it has begun or not. */
  hurry(): void {
    this.#heart.hurry(GRACE_MS);
  }

  /** Shuts its actor system down, and resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.#exitCode === undefined) {
      this.#isStopping = true;
      this.#channel.endsInOrder = true;
      this.#channel.tell(STOP);
      this.hurry();
    }
    await this.#over;
    clearTimeout(this.#lingering);
  }

  /** Ends it at once, with all its actors. */
  kill(reason: unknown): void {
    this.#reason ??= reason;
    void this.#worker.terminate();
  }

  /** Tells this thread of another one, and returns what that one is to be told of this. */
  #meet(other: Identity, bell: Bell): Encounter {
    const [mine, its] = makeEnds(this.#bell, bell);
    this.#channel.tell({ meet: { there: other, end: mine } }, [mine.port]);
    return { there: this.me, end: its };
  }

  /**
   * The end of the port is the end of the thread, as everything that it posted has come by then; its exit
   * may be told before or after, and only says why.
   */
  #endIfGone(): void {
    if (!this.#isClosed || this.#exitCode === undefined) return;
    this.#heart.rest();
    const reason =
      this.#reason ?? new Error(`Thread ${this.me.system} exited with code ${this.#exitCode}`);
    this.#gone();
    this.#setUps.end(reason);
    this.#fail(reason);
    this.#channel.lost(reason);
    this.#ended(this, reason);
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
