/** A program that is a supervision tree: it runs until the tree has ended, or it is told to end. */

import { ActorSystem } from '../system/system.ts';
import { type ExitReason, isOrderly } from '../terms/exit-reason.ts';
import { ANYTHING, checkOptions, type KindsOf, TIME } from '../terms/options.ts';
import type { Message, Pid } from '../terms/pid.ts';
import type { Spawnable } from '../terms/self-types.ts';
import {
  afterRealTime,
  type EndSignal,
  exitNow,
  keepAlive,
  onEndSignal,
  setExitCode,
} from './host-process.ts';

/** How a program runs until it is told to stop; all may be left out. */
export interface MainOptions {
  /** How long the end in order may take, in ms of real time. Default 10,000. */
  readonly graceMs?: number;
  /** Default a new one. It is shut down with the program. */
  readonly system?: ActorSystem;
}

const OPTIONS: KindsOf<MainOptions> = { graceMs: TIME, system: ANYTHING };

/** A program at work. */
export interface Main<M extends Message = never> extends AsyncDisposable {
  /** The system that runs it. */
  readonly system: ActorSystem;
  /** The top of the tree. */
  readonly pid: Pid<M>;
  /** Resolves with the exit code once all has ended in order. */
  readonly ended: Promise<number>;
  /** Ends it in order, as `await using` does. The exit code is left to whoever goes on. */
  stop(): Promise<void>;
}

const GRACE_MS = 10_000;
/** As shells have it: 128 and the number of the signal. */
const FORCED: Readonly<Record<EndSignal, number>> = { SIGINT: 130, SIGTERM: 143, pagehide: 0 };
const IN_ORDER: Readonly<Record<EndSignal, number>> = { SIGINT: 130, SIGTERM: 0, pagehide: 0 };

/**
 * Starts a tree, and keeps the program alive while the tree lives. SIGINT (Ctrl-C) and SIGTERM, in a browser
 * `pagehide`, shut the system down in order, children before those they need; a second one, or the end of
 * `graceMs`, ends the program at once.
 *
 * ```ts
 * const program = await main(supervisor({ children: [child('hello', agent(() => 'world'))] }), {
 *   system,
 * });
 * await program.stop();
 * await program.ended; // 0
 * ```
 *
 * The exit code of the program is 0 after SIGTERM and where the tree has ended in order by itself, 1 where
 * it gave up (or its top crashed), 130 after Ctrl-C, and 130 or 143 where it had to be ended. In a worker,
 * which gets no signals, the same holds for the worker. Not promised: that `finally` blocks run in a
 * program that had to be ended; and SIGKILL ends every program at once.
 *
 * @throws StartFailed when the tree does not start; then nothing is kept alive.
 */
export async function main<M extends Message = never, A extends unknown[] = [], R = void>(
  tree: Spawnable<M, A, R>,
  options: MainOptions = {},
  ...args: NoInfer<A>
): Promise<Main<M>> {
  checkOptions('Cannot start a program', options, OPTIONS);
  const { graceMs = GRACE_MS, system = new ActorSystem() } = options;
  const program = new Program(system, graceMs);
  try {
    const pid = await system.start(tree, ...args);
    program.watch(pid);
    return {
      system,
      pid,
      ended: program.ended,
      stop: () => program.stop(),
      [Symbol.asyncDispose]: () => program.stop(),
    };
  } catch (error) {
    program.letGo();
    throw error;
  }
}

class Program {
  readonly ended: Promise<number>;
  readonly #system: ActorSystem;
  readonly #graceMs: number;
  readonly #stopKeeping = keepAlive();
  readonly #stopListening: () => void;
  #end: (code: number) => void = () => {};
  /** The supervisor reports its own end; its exit reason does not say why. */
  #gaveUp = false;
  #isEnding = false;

  constructor(system: ActorSystem, graceMs: number) {
    this.#system = system;
    this.#graceMs = graceMs;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#stopListening = onEndSignal((signal) => this.#told(signal));
  }

  watch(top: Pid): void {
    this.#system.events.on('supervisor', ({ supervisor, report }) => {
      if (supervisor === top && report === 'shutdown') this.#gaveUp = true;
    });
    void this.#system.exited(top).then((reason) => this.#toppled(reason));
  }

  stop(): Promise<void> {
    return this.#shutDown(undefined);
  }

  letGo(): void {
    this.#stopKeeping();
    this.#stopListening();
  }

  #told(signal: EndSignal): void {
    if (this.#isEnding) return exitNow(FORCED[signal]);
    let code = FORCED[signal];
    // What keeps the program after its end, as a socket, may do so until the time is up.
    afterRealTime(this.#graceMs, () => exitNow(code));
    void this.#shutDown(IN_ORDER[signal]).then(() => {
      code = IN_ORDER[signal];
    });
  }

  #toppled(reason: ExitReason): void {
    if (!this.#isEnding) void this.#shutDown(this.#gaveUp || !isOrderly(reason) ? 1 : 0);
  }

  async #shutDown(code: number | undefined): Promise<void> {
    if (!this.#isEnding) {
      this.#isEnding = true;
      let ended = code;
      try {
        await this.#system.shutdown();
      } catch (error) {
        // What was to be done after the actors has failed, and nobody could hear of it otherwise.
        console.error(error);
        ended = 1;
      }
      if (ended !== undefined) setExitCode(ended);
      this.letGo();
      this.#end(ended ?? 0);
    }
    await this.ended;
  }
}
