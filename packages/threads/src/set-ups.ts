/**
 * What is to be set up in one thread by who watches it, as its pool sees that. What is asked for before the
 * thread runs is on its port before anything else, so it is done before an actor can run there.
 */

import type { ActorSystem } from 'beamish';
import { report } from 'beamish/observation';
import { type Identity, show, type ThreadAccess } from 'beamish/transport';
import type { SetUp, SetUpDone } from './worker-protocol.ts';

declare module 'beamish' {
  interface SystemEvents {
    /** What was to be set up in a thread, by who watches it, failed there. The thread goes on. */
    set_up_failed: {
      readonly system: string;
      readonly module: string;
      readonly exportName: string;
      readonly error: unknown;
    };
  }
}

interface Waiting {
  readonly code: Pick<SetUp, 'module' | 'exportName'>;
  resolve(): void;
  reject(error: unknown): void;
}

export class SetUps implements ThreadAccess {
  readonly system: string;
  readonly incarnation: number;
  /** How many have been asked for. */
  count = 0;
  readonly #pool: ActorSystem;
  readonly #tell: (control: { readonly setUp: SetUp }, transfer: readonly unknown[]) => void;
  readonly #waiting = new Map<number, Waiting>();
  /** Why the thread ended. */
  #end: { readonly reason: unknown } | undefined;

  constructor(
    pool: ActorSystem,
    { system, incarnation }: Identity,
    tell: (control: { readonly setUp: SetUp }, transfer: readonly unknown[]) => void,
  ) {
    this.#pool = pool;
    this.system = system;
    this.incarnation = incarnation;
    this.#tell = tell;
  }

  setUp(
    { module, exportName }: { readonly module: string; readonly exportName: string },
    value: unknown,
    transfer: readonly unknown[] = [],
  ): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      if (this.#end !== undefined) throw this.#end.reason;
      const setUp: SetUp = { n: this.count + 1, module, exportName, value, transferred: transfer };
      this.#tell({ setUp }, transfer);
      this.count++;
      this.#waiting.set(setUp.n, { code: { module, exportName }, resolve, reject });
    });
    // Whoever waits for it hears; nobody has to.
    done.catch(() => {});
    return done;
  }

  /** The thread has told how it went. */
  done({ setUpDone, failure }: SetUpDone): void {
    const waiting = this.#waiting.get(setUpDone);
    this.#waiting.delete(setUpDone);
    if (failure === undefined) return waiting?.resolve();
    if (waiting !== undefined) this.#fail(waiting, failure.error);
  }

  end(reason: unknown): void {
    this.#end = { reason };
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  #fail({ code, reject }: Waiting, error: unknown): void {
    const failed = { system: this.system, ...code, error };
    const { module, exportName, system } = failed;
    const text = `set-up "${exportName}" of ${module} failed in ${system}: ${show(error)}`;
    report(this.#pool, { kind: 'set_up_failed', facts: failed, text }, failed);
    reject(error);
  }
}
