/** When the store's actor looks at what time has brought: one timer, set to whatever comes first. */

import type { Pid, Ref, ServerSelf } from 'beamish';
import { type Store, StoreFailed } from '../stores/store.ts';
import type { Steps } from './batch.ts';
import type { Dispatch, Worker } from './dispatch.ts';
import type { Limits } from './limits.ts';
import type { Lookout } from './lookout.ts';
import type { StoreMessage } from './messages.ts';
import type { Time } from './time.ts';
import type { Request } from './turns.ts';
import type { Unserved } from './unserved.ts';

export interface ClockworkOptions {
  readonly self: ServerSelf<StoreMessage>;
  readonly store: Store;
  readonly time: Time;
  readonly limits: Limits;
  readonly dispatch: Dispatch;
  readonly lookout: Lookout;
  readonly unserved: Unserved;
  readonly add: (request: Request) => void;
  /** Lets what may be begun begin. */
  readonly wake: () => void;
  readonly shrunk: (worker: Worker) => void;
  readonly longestPauseMs: number;
}

const MINUTE = 60_000;
/** Between two times of forgetting. */
const SWEEP_MS = 10_000;
/** Records that are forgotten at a time; if there are more, the rest at once after it. */
const SWEPT = 5000;
const LOOK = { tag: 'look' } as const;
const NEVER = Number.POSITIVE_INFINITY;

export class Clockwork {
  readonly #options: ClockworkOptions;
  readonly #pid: Pid<StoreMessage>;
  #next: { readonly timer: Ref; readonly at: number } | undefined;
  /** When something is to be forgotten. */
  #sweepAt = 0;
  /** When to look for tasks that nobody here will run. */
  #checkAt = 0;
  /** A page of what is due is being asked for. */
  #isLooking = false;
  /** A moment has come meanwhile. */
  #mustLook = false;
  /** The last one of the page of what is due, if there are more. */
  #after: string | undefined;

  constructor(options: ClockworkOptions) {
    this.#options = options;
    this.#pid = options.self.pid as Pid<StoreMessage>;
  }

  /** Tasks that are due, limits that let go on, runners that idle, what is to be forgotten. */
  *look(): Steps<void> {
    const { self, limits, dispatch, lookout, unserved, time, add, wake, shrunk } = this.#options;
    this.#next = undefined;
    const { freed } = limits;
    const limitsAt = limits.refresh();
    if (limits.freed !== freed) wake();
    const now = time.now();
    const idle = dispatch.shrink(now);
    for (const worker of idle.shrunk) shrunk(worker);
    if (this.#sweepAt <= now) yield* this.#sweep(now);
    if (this.#checkAt <= now) {
      this.#checkAt = NEVER;
      add(unserved.check((at) => this.#checkBy(at)));
    }
    this.lookAt(soonest(limitsAt, idle.nextAt, this.#sweepAt, this.#checkAt));
    if (this.#isLooking) {
      this.#mustLook = true;
      return;
    }
    this.#isLooking = true;
    // The event loop has its turn between two pages, and so have those who were told of the first.
    if (this.#after !== undefined) yield* self.wait(Promise.resolve());
    add(
      lookout.due(this.#after, (dueAt, last) => {
        this.#isLooking = false;
        this.#after = last;
        // The next page is looked at behind what has come meanwhile.
        if (last !== undefined || this.#mustLook) self.send(this.#pid, LOOK);
        else this.lookAt(dueAt);
        this.#mustLook = false;
      }),
    );
  }

  /** Something is due then. */
  dueAt(at: number): void {
    const { time, longestPauseMs } = this.#options;
    this.lookAt(Math.min(at, time.now() + longestPauseMs));
  }

  /** Something has ended, and is known until then. */
  sweepBy(at: number): void {
    if (at >= this.#sweepAt) return;
    this.#sweepAt = Math.max(at, this.#options.time.now() + SWEEP_MS);
    this.lookAt(this.#sweepAt);
  }

  /** Something waits that may wait for ever. */
  checkSoon(): void {
    this.#checkBy(this.#options.time.now() + MINUTE);
  }

  /** Looks at this moment, unless it looks before it. */
  lookAt(at: number): void {
    if (at === NEVER) return;
    const { self, time } = this.#options;
    const now = time.now();
    const when = Math.max(now, at);
    if (this.#next !== undefined) {
      if (this.#next.at <= when) return;
      self.cancelTimer(this.#next.timer);
    }
    const timer = self.sendAfter(Math.ceil(when - now), this.#pid, { tag: 'look' });
    this.#next = { timer, at: when };
  }

  #checkBy(at: number): void {
    if (at >= this.#checkAt) return;
    this.#checkAt = at;
    this.lookAt(at);
  }

  *#sweep(now: number): Steps<void> {
    const { self, store } = this.#options;
    try {
      const answer = store.sweep(now, SWEPT);
      const { dropped, nextAt } = answer instanceof Promise ? yield* self.wait(answer) : answer;
      if (nextAt === undefined) this.#sweepAt = NEVER;
      else this.#sweepAt = dropped < SWEPT ? Math.max(nextAt, now + SWEEP_MS) : nextAt;
    } catch (error) {
      // It is away, and what is to be forgotten can wait.
      if (!(error instanceof StoreFailed)) throw error;
      this.#sweepAt = now + SWEEP_MS;
    }
  }
}

function soonest(...moments: readonly (number | undefined)[]): number {
  return Math.min(...moments.map((at) => at ?? NEVER));
}
