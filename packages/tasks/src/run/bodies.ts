/** The bodies that a worker has, as it sees them: in its own thread, or in one of the pool. */

import type { Pid, Ref, Self } from 'beamish';
import { name as nameOf, portable } from 'beamish';
import type { Definition } from '../canvas/definition.ts';
import type { TaskEvent } from '../state/events.ts';
import type { TaskRecord } from '../state/record.ts';
import { DEFAULT_MAX_CRASHES } from '../terms/task-options.ts';
import { full } from '../tree/asking.ts';
import type { EndedBy, KeeperMessage, Limit, WorkerMessage } from '../tree/messages.ts';
import type { Plan } from '../tree/plan.ts';
import type { Time } from '../tree/time.ts';
import { BodyRun, type Place } from './body-run.ts';
import { type Ended, eventOf, eventOfValue, toldAt } from './endings.ts';
import { type Errand, keeper } from './keeper.ts';
import { runBody } from './runner.ts';

/** What bodies have of their worker. */
export interface Host {
  readonly self: Self<WorkerMessage>;
  readonly plan: Plan;
  readonly time: Time;
  /** What all runs here have in common. */
  readonly place: Place;
  readonly random: () => number;
  /** Told what the retry policy of a task has thrown. */
  readonly policyFailed: Ended['policyFailed'];
  /** One more body, or one less, was ended whose JavaScript goes on. */
  readonly leaked: (change: 1 | -1) => void;
}

export abstract class BodyAtWork {
  readonly record: TaskRecord;
  readonly definition: Definition;
  /** Ends when the body has. */
  abstract readonly pid: Pid;
  /** Who has ended it; set once. */
  endedBy: EndedBy | undefined;
  protected readonly host: Host;
  /** Nearly none has any. */
  #timers: Ref[] | undefined;

  constructor(host: Host, record: TaskRecord, definition: Definition) {
    this.host = host;
    this.record = record;
    this.definition = definition;
  }

  /** Aborts its signal. */
  abstract abort(why: string): void;
  /** Ends it at once. */
  abstract kill(): void;
  /** What its end means. */
  abstract eventOf(exitReason: unknown): TaskEvent;
  /** Tells what is to be shown. */
  showProgress(): void {}

  after(ms: number, which: Limit['which']): void {
    const { self } = this.host;
    const { id, run } = this.record;
    this.#timers ??= [];
    this.#timers.push(self.sendAfter(ms, self.pid, { tag: 'limit', id, run, which }));
  }

  /** Its limits of time count from now. */
  limit(): void {
    const { softMs, hardMs } = this.definition.options.limits ?? {};
    if (softMs !== undefined) this.after(softMs, 'soft');
    if (hardMs !== undefined) this.after(hardMs, 'hard');
  }

  /** Nothing more is to happen to it. */
  silence(): void {
    for (const timer of this.#timers ?? []) this.host.self.cancelTimer(timer);
  }

  protected ended(ending: BodyRun['ending'], exitReason: unknown): TaskEvent {
    const { time, random, policyFailed } = this.host;
    const { record, definition, endedBy } = this;
    return eventOf({
      record,
      definition,
      ending,
      endedBy,
      exitReason,
      now: time.now(),
      random,
      policyFailed,
    });
  }
}

export class BodyHere extends BodyAtWork {
  readonly pid: Pid;
  readonly #run: BodyRun;

  constructor(host: Host, record: TaskRecord, definition: Definition) {
    super(host, record, definition);
    const { self, place } = host;
    this.#run = new BodyRun(record, place, definition.options.limits?.hardMs);
    this.pid = self.spawnLink(runBody, definition, this.#run, record.args);
  }

  abort(why: string): void {
    this.#run.abort(new Error(why));
  }

  kill(): void {
    const { self, leaked } = this.host;
    // What waits for a promise of its own cannot be ended.
    if (this.#run.isAsync && self.info(this.pid)?.waitingFor.includes('a promise')) {
      leaked(1);
      this.#run.whenOver(() => leaked(-1));
    }
    self.exitSignal(this.pid, 'kill');
  }

  override showProgress(): void {
    const value = this.#run.takeProgress();
    const { id, run } = this.record;
    if (value !== undefined)
      this.host.self.cast(this.host.plan.address, 'progress', id, run, value);
  }

  eventOf(exitReason: unknown): TaskEvent {
    const { ending } = this.#run;
    if (ending?.kind === 'returned')
      return eventOfValue(this.record, this.definition, ending.value, this.host.time.now());
    const returned = { kind: 'returned', value: undefined } as const;
    return this.ended(ending ?? (exitReason === 'normal' ? returned : undefined), exitReason);
  }
}

/** How long a body that is ended in a thread has to end there: what waits does at once, what computes never. */
export const THREAD_MS = 500;

/** A keeper, for `at` of a pool of threads. Where this is source, so is what a thread loads. */
export const KEEPER = portable(
  {
    url: new URL(
      import.meta.url.endsWith('.ts') ? '../in-thread.ts' : './in-thread.js',
      import.meta.url,
    ).href,
  } as ImportMeta,
  'keeper',
  keeper as never,
);

export class BodyInThread extends BodyAtWork {
  readonly pid: Pid<KeeperMessage>;
  readonly #thread: number;
  /** What its keeper has told. */
  #event: TaskEvent | undefined;

  constructor(host: Host, record: TaskRecord, definition: Definition, thread: number) {
    super(host, record, definition);
    this.#thread = thread;
    const { self, plan } = host;
    const { limits, thread: module } = definition.options;
    const errand: Errand = {
      record,
      module: (module as { readonly url: string }).url,
      // As it is known from there.
      address: full(nameOf(plan.name, self.pid.system)),
      worker: self.pid,
      hardMs: limits?.hardMs,
    };
    const placed = plan.threads?.at(KEEPER, { thread });
    this.pid = self.spawnLink(placed as never, ...([errand] as never)) as Pid<KeeperMessage>;
  }

  abort(why: string): void {
    this.host.self.send(this.pid, { tag: 'abort', why });
  }

  kill(): void {
    if (this.endedBy === undefined) return this.killThread();
    this.host.self.send(this.pid, { tag: 'end', by: this.endedBy });
    this.after(THREAD_MS, 'thread');
  }

  /** It has not ended, so its thread has to. */
  killThread(): void {
    if (this.#event !== undefined) return;
    const { id, name } = this.record;
    const why = `The task ${name} (${id}) was ended, and computes`;
    this.host.plan.threads?.replace(this.#thread, new Error(why));
  }

  told(event: TaskEvent): void {
    this.#event = event;
  }

  eventOf(exitReason: unknown): TaskEvent {
    const now = this.host.time.now();
    if (this.#event !== undefined) return toldAt(this.#event, now);
    if (exitReason !== 'noconnection' || this.endedBy !== undefined)
      return this.ended(undefined, exitReason);
    // Its thread is gone with it.
    const { maxCrashes = DEFAULT_MAX_CRASHES } = this.definition.options;
    return { kind: 'lost', run: this.record.run, maxCrashes, why: 'runner', now };
  }
}
