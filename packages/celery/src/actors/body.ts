/** The body of a call: in this thread, or in one of a pool. */

import {
  BodyRun,
  type Definition,
  type EndedBy,
  type Errand,
  eventOf,
  type FullAddress,
  KEEPER,
  type KeeperMessage,
  notesIn,
  runBody,
  type TaskEvent,
  type TaskRecord,
  THREAD_MS,
  toldAt,
  type WorkerMessage,
} from '@beamish/tasks/engine';
import type { Pid, Ref, Self } from 'beamish';
import type { Seams } from 'beamish/transport';
import type { Pool } from '../terms/options.ts';

export interface Host {
  readonly self: Self;
  readonly seams: Seams;
  /** The application, for what bodies submit. */
  readonly app: FullAddress;
  readonly threads: Pool | undefined;
  readonly policyFailed: (name: string, error: unknown) => void;
}

/** What is to be run. */
export interface Work {
  readonly record: TaskRecord;
  readonly definition: Definition;
  readonly hardMs: number | undefined;
  /** What earlier attempts here have kept, and this one will. */
  readonly notes: Map<string, string>;
}

/** To the worker: a limit of time is reached; of a thread, the body has had time to end. */
export interface LimitReached {
  readonly tag: 'limit';
  readonly id: string;
  readonly run: number;
  readonly which: 'soft' | 'hard' | 'thread';
}

export interface Body {
  /** Its actor, which ends when it has. */
  readonly pid: Pid;
  /** It has begun by itself; otherwise its keeper tells. */
  readonly hasBegun: boolean;
  /** Aborts its signal. */
  abort(why: string): void;
  end(by: EndedBy): void;
  /** What it shows of itself since this was asked last, encoded. */
  takeProgress(): string | undefined;
  /** What its end means; undefined if it was lost with its thread. */
  eventOf(exitReason: unknown, endedBy: EndedBy | undefined): TaskEvent | undefined;
}

export class BodyHere implements Body {
  readonly pid: Pid;
  readonly hasBegun = true;
  readonly #host: Host;
  readonly #work: Work;
  readonly #run: BodyRun;

  constructor(host: Host, work: Work) {
    this.#host = host;
    this.#work = work;
    const { self, seams, app } = host;
    const { record, definition, hardMs, notes } = work;
    const worker = self.pid as Pid<WorkerMessage>;
    const place = { address: app, worker, now: () => seams.now(), apart: notesIn(notes) };
    this.#run = new BodyRun(record, place, hardMs);
    this.pid = self.spawnLink(runBody as never, ...([definition, this.#run, record.args] as never));
  }

  abort(why: string): void {
    this.#run.abort(new Error(why));
  }

  end(): void {
    this.#host.self.exitSignal(this.pid, 'kill');
  }

  takeProgress(): string | undefined {
    return this.#run.takeProgress();
  }

  eventOf(exitReason: unknown, endedBy: EndedBy | undefined): TaskEvent {
    const returned = { kind: 'returned', value: undefined } as const;
    const ending = this.#run.ending ?? (exitReason === 'normal' ? returned : undefined);
    return eventAt(this.#host, this.#work, { ending, exitReason, endedBy });
  }
}

export class BodyInThread implements Body {
  readonly pid: Pid<KeeperMessage>;
  readonly hasBegun = false;
  readonly #host: Host;
  readonly #work: Work;
  readonly #thread: number;
  /** What its keeper has told. */
  #event: TaskEvent | undefined;
  #progress: string | undefined;
  #timer: Ref | undefined;

  constructor(host: Host, work: Work, thread: number) {
    this.#host = host;
    this.#work = work;
    this.#thread = thread;
    const { self, app, threads } = host;
    const { record, definition, hardMs, notes } = work;
    const { url: module } = definition.options.thread as { readonly url: string };
    const worker = self.pid as Pid<WorkerMessage>;
    const errand: Errand = { record, module, address: app, worker, hardMs, notes: [...notes] };
    const placed = threads?.at(KEEPER, { thread });
    this.pid = self.spawnLink(placed as never, ...([errand] as never)) as Pid<KeeperMessage>;
  }

  abort(why: string): void {
    this.#host.self.send(this.pid, { tag: 'abort', why });
  }

  /** What waits ends at once, and what computes with its thread. */
  end(by: EndedBy): void {
    const { self } = this.#host;
    self.send(this.pid, { tag: 'end', by });
    const { id, run } = this.#work.record;
    const late: LimitReached = { tag: 'limit', id, run, which: 'thread' };
    this.#timer ??= self.sendAfter(THREAD_MS, self.pid as never, late as never);
  }

  killThread(): void {
    if (this.#event !== undefined) return;
    const { id, name } = this.#work.record;
    const why = new Error(`The task ${name} (${id}) was ended, and computes`);
    this.#host.threads?.replace(this.#thread, why);
  }

  shown(progress: string): void {
    this.#progress = progress;
  }

  told(event: TaskEvent, notes: readonly (readonly [string, string])[]): void {
    this.#event = event;
    for (const [key, value] of notes) this.#work.notes.set(key, value);
  }

  takeProgress(): string | undefined {
    const progress = this.#progress;
    this.#progress = undefined;
    return progress;
  }

  eventOf(exitReason: unknown, endedBy: EndedBy | undefined): TaskEvent | undefined {
    if (this.#timer !== undefined) this.#host.self.cancelTimer(this.#timer);
    const now = Math.round(this.#host.seams.wall());
    if (this.#event !== undefined) return toldAt(this.#event, now);
    if (exitReason === 'noconnection' && endedBy === undefined) return undefined;
    return eventAt(this.#host, this.#work, { ending: undefined, exitReason, endedBy });
  }
}

function eventAt(
  { seams, policyFailed }: Host,
  { record, definition }: Work,
  its: Pick<Parameters<typeof eventOf>[0], 'ending' | 'exitReason' | 'endedBy'>,
): TaskEvent {
  const now = Math.round(seams.wall());
  return eventOf({ record, definition, now, random: () => seams.random(), policyFailed, ...its });
}
