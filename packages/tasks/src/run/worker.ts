/**
 * A worker: runs what the store's actor gives it, one actor per run, and tells how each ended. It asks for
 * nothing; the store's actor knows how many runners it has.
 */

import type { Actor, Exit, ExitReason, Pid, ReplyTo, Self } from 'beamish';
import { seamsOf } from 'beamish/transport';
import type { Definition } from '../canvas/definition.ts';
import type { TaskRecord } from '../state/record.ts';
import { without } from '../terms/without.ts';
import type {
  Begin,
  EndBody,
  Ended,
  Limit,
  StoreMessage,
  WorkerMessage,
} from '../tree/messages.ts';
import type { Plan } from '../tree/plan.ts';
import { policyReporter } from '../tree/reports.ts';
import { Time } from '../tree/time.ts';
import { type BodyAtWork, BodyHere, BodyInThread, type Host } from './bodies.ts';
import type { eventOf } from './endings.ts';

/** How long what runs may take when the tree is ended. */
export const DRAIN_MS = 30_000;
/** And how long it may take to end once its signal has aborted. */
const LAST_MS = 5000;
/** So many ends in one message. */
const MOST_ENDED = 100;

export function* worker(self: Self<WorkerMessage>, plan: Plan, index: number): Actor {
  self.trapExit(true);
  const runs = new Runs(self, plan);
  runs.tell({ tag: 'enlist', worker: self.pid, as: index });
  for (;;) {
    // What has ended is told when there is nothing else to do, and so with whatever else has.
    const message = runs.mustTell ? yield* self.receive().after(0) : yield* self.receive();
    if (message === undefined) {
      runs.tellEnded();
      continue;
    }
    switch (message.tag) {
      case 'begin':
        runs.begin(message);
        break;
      case 'end_body':
        runs.endBody(message);
        break;
      case 'limit':
        runs.limit(message);
        break;
      case 'show':
        runs.show(message.id, message.run);
        break;
      case 'begun_there':
        runs.inThread(message)?.limit();
        break;
      case 'ended_there':
        runs.inThread(message)?.told(message.event);
        break;
      case 'leaks_there':
        runs.inThread(message)?.killThread();
        break;
      case 'drain':
        runs.drain(message.withinMs, message.replyTo);
        break;
      case 'patience':
        runs.losePatience(message.which);
        break;
      case 'EXIT': {
        const { from, reason } = message as Exit;
        if (from === self.parent) runs.end(reason);
        else runs.bodyEnded(from, reason);
        break;
      }
      case 'DOWN':
        break;
    }
    if (runs.isOver) {
      runs.tellEnded();
      self.exit(runs.exitReason);
    }
  }
}

class Runs {
  readonly #self: Self<WorkerMessage>;
  readonly #plan: Plan;
  readonly #time: Time;
  readonly #host: Host;
  #byPid = new Map<Pid, BodyAtWork>();
  #id = '';
  /** Not told yet. */
  #ended: Ended[] = [];
  #leaked = 0;
  #draining: Draining | undefined;
  /** Why the worker ends, once nothing runs. */
  #ending: { readonly reason: ExitReason } | undefined;

  constructor(self: Self<WorkerMessage>, plan: Plan) {
    this.#self = self;
    this.#plan = plan;
    this.#time = new Time(seamsOf(self));
    const time = this.#time;
    this.#host = {
      self,
      plan,
      time,
      place: { address: plan.address, worker: self.pid, now: () => time.now() },
      random: () => time.random(),
      policyFailed: policyReporter(self),
      leaked: (change) => this.#tellLeaked(change),
    };
  }

  get isOver(): boolean {
    return this.#ending !== undefined && this.#byPid.size === 0;
  }

  get exitReason(): ExitReason {
    return this.#ending?.reason;
  }

  tell(message: StoreMessage): void {
    this.#self.send(this.#plan.address as never, message as never);
  }

  /** Whether there is what has ended and was not told. */
  get mustTell(): boolean {
    return this.#ended.length > 0;
  }

  tellEnded(): void {
    if (this.#ended.length === 0) return;
    this.tell({ tag: 'all_ended', ended: this.#ended });
    this.#ended = [];
  }

  begin({ worker, records, threads }: Begin): void {
    this.#id = worker;
    for (const record of records) {
      if (this.#draining !== undefined) this.#giveBack(record);
      else this.#start(record, threads.get(record.id));
    }
  }

  /** The body of that run, if it is one in a thread. */
  inThread({ id, run }: { readonly id: string; readonly run: number }): BodyInThread | undefined {
    const body = this.#of(id);
    return body instanceof BodyInThread && body.record.run === run ? body : undefined;
  }

  endBody({ id, run, how, graceMs }: EndBody): void {
    const body = this.#of(id);
    if (body === undefined || body.record.run !== run || how === 'leave') return;
    const why = how === 'stale' ? 'its lease went to another' : 'it was revoked';
    body.abort(`The task ${body.record.name} is to end: ${why}`);
    body.endedBy ??= how === 'stale' ? 'stale' : 'revoked';
    if (how === 'end' && graceMs > 0) body.after(graceMs, 'grace');
    else body.kill();
  }

  limit({ id, run, which }: Limit): void {
    const body = this.#of(id);
    // One that came too late finds nobody.
    if (body === undefined || body.record.run !== run) return;
    if (which === 'soft') {
      const { softMs } = body.definition.options.limits ?? {};
      body.abort(`The soft time limit of ${softMs} ms is reached`);
      return;
    }
    if (which === 'thread') {
      this.inThread(body.record)?.killThread();
      return;
    }
    if (which === 'hard') {
      if (body.endedBy !== undefined) return;
      body.endedBy = 'time_limit';
    }
    body.kill();
  }

  show(id: string, run: number): void {
    const body = this.#of(id);
    if (body?.record.run === run) body.showProgress();
  }

  bodyEnded(pid: Pid, exitReason: ExitReason): void {
    const body = this.#byPid.get(pid);
    if (body === undefined) return;
    const { record, endedBy } = body;
    body.silence();
    this.#byPid = without(this.#byPid, pid);
    body.showProgress();
    const event = body.eventOf(exitReason);
    if (this.#draining !== undefined) {
      if (endedBy === 'returned' && event.kind === 'return') this.#draining.returned++;
      else this.#draining.finished++;
    }
    this.#addEnded(record, event);
    this.#finishDraining();
  }

  drain(
    withinMs: number,
    replyTo: ReplyTo<{ readonly finished: number; readonly returned: number }> | undefined,
  ): void {
    const isFirst = this.#draining === undefined;
    this.#draining ??= { finished: 0, returned: 0, waiting: [] };
    if (replyTo !== undefined) this.#draining.waiting.push(replyTo);
    if (isFirst) this.tell({ tag: 'retired', worker: this.#id });
    if (this.#byPid.size === 0) return this.#finishDraining();
    if (!isFirst) {
      // Whoever asks again wants it now.
      this.losePatience('first');
      this.losePatience('last');
    } else if (withinMs <= 0) this.losePatience('first');
    else if (Number.isFinite(withinMs))
      this.#self.sendAfter(withinMs, this.#self.pid, { tag: 'patience', which: 'first' });
  }

  losePatience(which: 'first' | 'last'): void {
    for (const body of [...this.#byPid.values()]) {
      if (which === 'first')
        body.abort('The application is being closed, and its patience is over');
      else {
        body.endedBy ??= 'returned';
        body.kill();
      }
    }
    if (which === 'first' && this.#byPid.size > 0)
      this.#self.sendAfter(LAST_MS, this.#self.pid, { tag: 'patience', which: 'last' });
  }

  /** The tree is being ended. */
  end(reason: ExitReason): void {
    this.#ending = { reason };
    if (this.#draining === undefined) this.drain(DRAIN_MS, undefined);
  }

  /** Few are asked for by their task, so they are looked for. */
  #of(id: string): BodyAtWork | undefined {
    for (const body of this.#byPid.values()) if (body.record.id === id) return body;
    return undefined;
  }

  #start(record: TaskRecord, thread: number | undefined): void {
    const definition = this.#plan.definitions.get(record.name) as Definition;
    const body =
      thread === undefined
        ? new BodyHere(this.#host, record, definition)
        : new BodyInThread(this.#host, record, definition, thread);
    this.#byPid.set(body.pid, body);
    // A thread may take long to begin.
    if (thread === undefined) body.limit();
  }

  #tellLeaked(change: number): void {
    this.#leaked += change;
    this.tell({ tag: 'leaked', worker: this.#id, count: this.#leaked });
  }

  #giveBack(record: TaskRecord): void {
    const { run } = record;
    this.#addEnded(record, { kind: 'return', run, now: this.#time.now() });
  }

  #addEnded({ id, key }: TaskRecord, event: ReturnType<typeof eventOf>): void {
    this.#ended.push({ tag: 'ended', worker: this.#id, id, key, event });
    if (this.#ended.length >= MOST_ENDED) this.tellEnded();
  }

  #finishDraining(): void {
    if (this.#draining === undefined || this.#byPid.size > 0) return;
    this.tellEnded();
    const { finished, returned, waiting } = this.#draining;
    for (const replyTo of waiting.splice(0)) this.#self.send(replyTo, { finished, returned });
  }
}

interface Draining {
  finished: number;
  returned: number;
  /** Who is told when nothing runs any more. */
  readonly waiting: ReplyTo<{ readonly finished: number; readonly returned: number }>[];
}
