/**
 * A worker: runs what the store's actor gives it, one actor per run, and tells how each ended. It asks for
 * nothing; the store's actor knows how many runners it has.
 */

import type { Actor, Exit, ExitReason, Pid, Ref, ReplyTo, Self } from 'beamish';
import { seamsOf } from 'beamish/transport';
import type { Definition } from '../canvas/definition.ts';
import type { TaskRecord } from '../state/record.ts';
import type { FullAddress } from '../tree/asking.ts';
import type { Begin, EndBody, Limit, StoreMessage, WorkerMessage } from '../tree/messages.ts';
import type { Plan } from '../tree/plan.ts';
import { reportCallback } from '../tree/reports.ts';
import { Time } from '../tree/time.ts';
import { BodyRun } from './body-run.ts';
import { type EndedBy, eventOf } from './endings.ts';
import { runBody } from './runner.ts';

/** How long what runs may take when the tree is ended. */
export const DRAIN_MS = 30_000;
/** And how long it may take to end once its signal has aborted. */
const LAST_MS = 5000;

export function* worker(self: Self<WorkerMessage>, plan: Plan, index: number): Actor {
  self.trapExit(true);
  const runs = new Runs(self, plan);
  runs.tell({ tag: 'enlist', worker: self.pid, index });
  for (;;) {
    const message = yield* self.receive();
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
    if (runs.isOver) self.exit(runs.exitReason);
  }
}

interface BodyAtWork {
  readonly record: TaskRecord;
  readonly definition: Definition;
  readonly run: BodyRun;
  readonly pid: Pid;
  readonly timers: Ref[];
  /** Who has ended it; set once. */
  endedBy: EndedBy | undefined;
}

class Runs {
  readonly #self: Self<WorkerMessage>;
  readonly #plan: Plan;
  readonly #time: Time;
  readonly #address: FullAddress;
  readonly #byPid = new Map<Pid, BodyAtWork>();
  readonly #byId = new Map<string, BodyAtWork>();
  #id = '';
  #leaked = 0;
  #draining: Draining | undefined;
  /** Why the worker ends, once nothing runs. */
  #ending: { readonly reason: ExitReason } | undefined;

  constructor(self: Self<WorkerMessage>, plan: Plan) {
    this.#self = self;
    this.#plan = plan;
    this.#time = new Time(seamsOf(self));
    this.#address = plan.address;
  }

  get isOver(): boolean {
    return this.#ending !== undefined && this.#byPid.size === 0;
  }

  get exitReason(): ExitReason {
    return this.#ending?.reason;
  }

  tell(message: StoreMessage): void {
    this.#self.send(this.#address as never, message as never);
  }

  begin({ worker, records }: Begin): void {
    this.#id = worker;
    for (const record of records) {
      if (this.#draining !== undefined) this.#giveBack(record);
      else this.#start(record);
    }
  }

  endBody({ id, run, how, graceMs }: EndBody): void {
    const body = this.#byId.get(id);
    if (body === undefined || body.record.run !== run || how === 'leave') return;
    const why = how === 'stale' ? 'its lease went to another' : 'it was revoked';
    body.run.abort(new Error(`The task ${body.record.name} is to end: ${why}`));
    body.endedBy ??= how === 'stale' ? 'stale' : 'revoked';
    if (how === 'end' && graceMs > 0) this.#after(graceMs, body, 'grace');
    else this.#kill(body);
  }

  limit({ id, run, which }: Limit): void {
    const body = this.#byId.get(id);
    // One that came too late finds nobody.
    if (body === undefined || body.record.run !== run) return;
    if (which === 'soft') {
      const { softMs } = body.definition.options.limits ?? {};
      body.run.abort(new Error(`The soft time limit of ${softMs} ms is reached`));
      return;
    }
    if (which === 'hard') {
      if (body.endedBy !== undefined) return;
      body.endedBy = 'time_limit';
    }
    this.#kill(body);
  }

  show(id: string, run: number): void {
    const body = this.#byId.get(id);
    if (body?.record.run === run) this.#showProgress(body);
  }

  bodyEnded(pid: Pid, exitReason: ExitReason): void {
    const body = this.#byPid.get(pid);
    if (body === undefined) return;
    const { record, definition, run, timers, endedBy } = body;
    for (const timer of timers) this.#self.cancelTimer(timer);
    this.#byPid.delete(pid);
    this.#byId.delete(record.id);
    this.#showProgress(body);
    const { ending } = run;
    if (this.#draining !== undefined) {
      if (endedBy === 'returned' && ending === undefined) this.#draining.returned++;
      else this.#draining.finished++;
    }
    const event = eventOf({
      record,
      definition,
      ending:
        ending ?? (exitReason === 'normal' ? { kind: 'returned', value: undefined } : undefined),
      endedBy,
      exitReason,
      now: this.#time.now(),
      random: () => this.#time.random(),
      policyFailed: (error) =>
        reportCallback(this.#self, `the retry policy of the task ${record.name}`, error),
    });
    this.#tellEnded(record, event);
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
        body.run.abort(new Error('The application is being closed, and its patience is over'));
      else {
        body.endedBy ??= 'returned';
        this.#kill(body);
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

  #start(record: TaskRecord): void {
    const definition = this.#plan.definitions.get(record.name) as Definition;
    const { softMs, hardMs } = definition.options.limits ?? {};
    const run = new BodyRun(record, {
      address: this.#address,
      worker: this.#self.pid,
      now: () => this.#time.now(),
      hardMs,
    });
    const pid = this.#self.spawnLink(
      runBody as never,
      ...([definition, run, record.args] as never),
    );
    const body: BodyAtWork = {
      record,
      definition,
      run,
      pid,
      timers: [],
      endedBy: undefined,
    };
    this.#byPid.set(pid, body);
    this.#byId.set(record.id, body);
    if (softMs !== undefined) this.#after(softMs, body, 'soft');
    if (hardMs !== undefined) this.#after(hardMs, body, 'hard');
  }

  #after(ms: number, { record: { id, run }, timers }: BodyAtWork, which: Limit['which']): void {
    timers.push(this.#self.sendAfter(ms, this.#self.pid, { tag: 'limit', id, run, which }));
  }

  #kill({ pid, run }: BodyAtWork): void {
    // What waits for a promise of its own cannot be ended.
    if (run.isAsync && this.#self.info(pid)?.waitingFor.includes('a promise')) this.#countLeak(run);
    this.#self.exitSignal(pid, 'kill');
  }

  #countLeak(run: BodyRun): void {
    this.#tellLeaked(1);
    run.whenOver(() => this.#tellLeaked(-1));
  }

  #tellLeaked(change: number): void {
    this.#leaked += change;
    this.tell({ tag: 'leaked', worker: this.#id, count: this.#leaked });
  }

  #showProgress({ record: { id, run: number }, run }: BodyAtWork): void {
    const value = run.takeProgress();
    if (value !== undefined) this.#self.cast(this.#address, 'progress', id, number, value);
  }

  #giveBack(record: TaskRecord): void {
    const { run } = record;
    this.#tellEnded(record, { kind: 'return', run, now: this.#time.now() });
  }

  #tellEnded({ id, key }: TaskRecord, event: ReturnType<typeof eventOf>): void {
    this.tell({ tag: 'ended', worker: this.#id, id, key, event });
  }

  #finishDraining(): void {
    if (this.#draining === undefined || this.#byPid.size > 0) return;
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
