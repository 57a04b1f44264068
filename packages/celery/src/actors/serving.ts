/**
 * What our worker has: calls that wait for their moment, calls that wait for a runner, bodies that run, and calls
 * whose epilogue is under way. A delivery is acknowledged when all of it is done, so what is lost here comes again.
 */

import type { TasksAddress } from '@beamish/tasks';
import type { Definition, FullAddress } from '@beamish/tasks/engine';
import type { Self } from 'beamish';
import { type Seams, seamsOf } from 'beamish/transport';
import { type Call, readCall } from '../messages/call.ts';
import type { Outcome } from '../messages/epilogue.ts';
import type { Delivery } from '../messages/wire-message.ts';
import { celeryException } from '../terms/exception.ts';
import type { Serving as Settings } from '../terms/options.ts';
import type { Host } from './body.ts';
import { isBuiltin, type Runnable, runnableOf } from './builtins.ts';
import type { Deployment } from './deployment.ts';
import { Endings, type Settled, unreadCall } from './endings.ts';
import type { EventSender } from './event-sender.ts';
import { Held, type Stored } from './held.ts';
import { identityOf, Job } from './job.ts';
import { Line } from './line.ts';
import { Recent } from './recent.ts';
import { reportEpilogue, reportRefused } from './reports.ts';
import { Running } from './running.ts';
import { Suspects } from './suspects.ts';

/** As many as Celery remembers. */
const MOST_REVOKED = 50_000;
const MOST_SPARED = 10_000;
const MOST_NOTED = 10_000;

/** The application that the worker belongs to. */
export interface Home {
  readonly app: FullAddress;
  /** Where calls may wait for their moment, and outlive us; undefined if nowhere. */
  readonly store: TasksAddress | undefined;
}

export class Serving {
  readonly definitions: Map<string, Definition>;
  readonly revoked = new Recent<true>(MOST_REVOKED);
  /** By task name, how many have begun. */
  readonly total = new Map<string, number>();
  concurrency: number;
  readonly #self: Self;
  readonly #seams: Seams;
  readonly #deployment: Deployment;
  readonly #events: EventSender;
  readonly #endings: Endings;
  readonly #host: Host;
  readonly #line: Line;
  readonly #held: Held;
  /** Those that come again because of the connection, and of nothing else. */
  readonly #spared = new Recent<true>(MOST_SPARED);
  readonly #suspects: Suspects;
  /** What attempts here have kept, by task: for those that follow here. */
  readonly #notes = new Recent<Map<string, string>>(MOST_NOTED);
  readonly #running = new Map<string, Running>();
  readonly #byPid = new Map<unknown, Running>();
  /** No more is taken. */
  #isDraining = false;
  #processed = 0;
  #room = 0;

  constructor(
    self: Self,
    deployment: Deployment,
    settings: Settings,
    { app, store }: Home,
    events: EventSender,
  ) {
    this.#self = self;
    this.#seams = seamsOf(self);
    this.#deployment = deployment;
    this.#events = events;
    this.definitions = new Map(settings.definitions);
    this.concurrency = settings.concurrency;
    const { definitions } = this;
    const ownQueue = settings.queues[0] as string;
    this.#endings = new Endings(self, { deployment, events, definitions, ownQueue });
    const failed = (name: string, error: unknown): void =>
      reportEpilogue(self, name, 'any', `a callback of its definition threw ${String(error)}`);
    this.#suspects = new Suspects(self, deployment.wire, this.#endings);
    const { threads } = settings;
    this.#host = { self, seams: this.#seams, app, threads, policyFailed: failed };
    this.#held = new Held(self, store);
    this.#line = new Line(self, { definitions, threads, failed });
  }

  // ── looking ───────────────────────────────────────────────────────────────────────────────

  get running(): readonly Running[] {
    return [...this.#running.values()];
  }

  get counts(): { readonly active: number; readonly processed: number } {
    return { active: this.#running.size, processed: this.#processed };
  }

  get waiting(): readonly Job[] {
    return this.#line.jobs;
  }

  get held(): readonly Job[] {
    return this.#held.jobs;
  }

  /** It waits for its moment in the store, and its broker is done with it. */
  isStored(job: Job): boolean {
    return this.#held.placeOf(job) === 'stored';
  }

  get isIdle(): boolean {
    return this.#running.size === 0 && this.#endings.size === 0 && !this.#held.isStoring;
  }

  /** How many deliveries may be with us: one for each runner, and those that need none. */
  get room(): number {
    return this.concurrency + this.#held.unacknowledged + this.#endings.becoming;
  }

  runningWith(id: string): Running | undefined {
    for (const running of this.#running.values()) if (running.job.call.id === id) return running;
    return undefined;
  }

  // ── what comes ────────────────────────────────────────────────────────────────────────────

  delivered(delivery: Delivery): void {
    const { wire, settings } = this.#deployment;
    if (this.#isDraining) return wire.giveBack(delivery);
    const { queue } = delivery;
    const reading = readCall(delivery, settings.numbers);
    switch (reading.kind) {
      case 'stray': {
        const { why } = reading;
        reportRefused(this.#self, { queue, id: undefined, task: undefined, why });
        return wire.reject(delivery);
      }
      case 'invalid': {
        const { id, name, replyTo, error, call = unreadCall(id, name, replyTo) } = reading;
        const why = String(error.exc_message[0] ?? error.exc_type);
        reportRefused(this.#self, { queue, id, task: name, why });
        return this.#endings.refuse(new Job(call, delivery), error);
      }
      case 'call':
        return this.#called(reading.call, delivery);
    }
  }

  /** The connection is lost: what has not begun comes again, and what has is acknowledged when it comes again. */
  disconnected(): void {
    const { wire } = this.#deployment;
    const isLost = (job: Job): boolean => !job.deliveries.some((each) => wire.holds(each));
    const held = this.held.filter((job) => !this.isStored(job));
    const gone = [...held.filter(isLost), ...this.#line.remove(isLost)];
    for (const job of gone) {
      this.#held.take(job);
      this.#spared.set(job.identity, true);
    }
    this.setRoom();
  }

  due(identity: string): void {
    const job = this.#held.find(identity);
    if (job === undefined) return;
    if (this.#isEarly(job.call)) return this.#held.hold(job);
    const place = this.#held.placeOf(job);
    // On its way to the store it is asked again when it has arrived.
    if (place === 'storing') return;
    this.#held.take(job);
    // From the store it comes back by itself.
    if (place === 'here') this.#accept(job);
    this.setRoom();
  }

  stored(message: Stored): void {
    if (!this.#held.stored(message)) return;
    const { job, isStored } = message;
    if (isStored) for (const each of job.deliveries) this.#deployment.wire.ack(each);
    else if (this.#isDraining) this.#leave(job);
    this.setRoom();
    this.due(job.identity);
  }

  bodyEnded(pid: unknown, exitReason: unknown): void {
    const running = this.#byPid.get(pid);
    if (running === undefined) return;
    const { job } = running;
    this.#byPid.delete(pid);
    this.#running.delete(job.identity);
    this.#line.release(job);
    this.showProgress(running);
    const end = running.ended(exitReason);
    switch (end.kind) {
      case 'ended':
        this.#endings.end(job, end.outcome);
        break;
      case 'becomes':
        this.#endings.becomes(job, end.work);
        break;
      case 'lost':
        this.#suspects.count(job, running.definition);
        break;
      case 'stopped':
        if (end.by === 'returned') this.#giveBack(job);
        else this.#endings.revoke(job, 'terminated');
    }
    this.setRoom();
    this.pump();
  }

  /** What it became has ended. */
  became(job: Job, outcome: Outcome): void {
    this.#endings.end(job, outcome);
  }

  settled(settled: Settled): void {
    if (settled.isOver) this.#notes.delete(settled.job.call.id);
    this.setRoom();
  }

  showProgress(running: Running): void {
    const value = running.takeProgress();
    const { id, name, groupId, parentId, replyTo, ignoreResult } = running.job.call;
    if (value === undefined || ignoreResult) return;
    this.#deployment.results
      .store({ id, groupId, parentId }, replyTo, { status: 'PROGRESS', result: value })
      .catch((error: unknown) => reportEpilogue(this.#self, name, id, String(error)));
  }

  // ── revoking and ending ───────────────────────────────────────────────────────────────────

  /** Not begun, it never is; if it runs, it is ended when that is asked. */
  revoke(id: string, terminate: boolean): void {
    this.revoked.set(id, true);
    const isIt = (job: Job): boolean => job.call.id === id;
    const held = this.held.filter(isIt);
    for (const job of held) this.#held.revoke(job);
    for (const job of [...held, ...this.#line.remove(isIt)]) this.#endings.revoke(job, 'revoked');
    const running = this.runningWith(id);
    if (!terminate || running === undefined) return;
    running.abort('It was revoked');
    running.end('revoked');
  }

  /** Takes nothing more, and gives back what has not begun. */
  drain(): void {
    this.#isDraining = true;
    for (const job of this.held) if (this.#held.placeOf(job) === 'here') this.#leave(job);
    for (const job of this.#line.remove(() => true)) this.#giveBack(job);
  }

  #leave(job: Job): void {
    this.#held.take(job);
    this.#giveBack(job);
  }

  #giveBack(job: Job): void {
    for (const each of job.deliveries) this.#deployment.wire.giveBack(each);
  }

  // ── one call ──────────────────────────────────────────────────────────────────────────────

  #called(call: Call, delivery: Delivery): void {
    const identity = identityOf(call);
    const same = this.#present(identity);
    if (same !== undefined && this.isStored(same)) this.#held.take(same);
    else if (same !== undefined) {
      same.deliveries.push(delivery);
      return;
    }
    if (this.#endings.hasEnded(identity, delivery.redelivered))
      return this.#deployment.wire.ack(delivery);
    const job = new Job(call, delivery);
    if (!this.definitions.has(call.name) && !isBuiltin(call.name)) return this.#unknown(job);
    if (this.revoked.has(call.id)) return this.#endings.revoke(job, 'revoked');
    if (this.#isExpired(call)) return this.#endings.revoke(job, 'expired');
    const isEarly = this.#isEarly(call);
    const isSuspect = delivery.redelivered && !isEarly && !this.#spared.has(identity);
    if (isSuspect) return this.#suspects.count(job, this.definitions.get(call.name));
    this.#endings.received(job);
    if (isEarly) {
      this.#held.hold(job);
      this.setRoom();
    } else this.#accept(job);
  }

  #present(identity: string): Job | undefined {
    return (
      this.#running.get(identity)?.job ??
      this.#held.find(identity) ??
      this.#endings.find(identity) ??
      this.#line.find(identity)
    );
  }

  #unknown(job: Job): void {
    const { id, name } = job.call;
    const { queue } = job.deliveries[0] as Delivery;
    const why = 'no task of this name runs here';
    reportRefused(this.#self, { queue, id, task: name, why });
    this.#endings.refuse(job, celeryException('NotRegistered', name));
  }

  #isExpired({ expires }: Call): boolean {
    return expires !== undefined && expires <= this.#seams.wall();
  }

  #isEarly({ eta }: Call): boolean {
    return eta !== undefined && eta > this.#seams.wall();
  }

  #accept(job: Job): void {
    if (this.#isExpired(job.call)) return this.#endings.revoke(job, 'expired');
    let runnable: Runnable | undefined;
    try {
      runnable = runnableOf(job.call, this.definitions);
    } catch (error) {
      // Arguments that no task takes, such as what is nested too deep.
      const why = (error as Error).message;
      const { queue } = job.deliveries[0] as Delivery;
      reportRefused(this.#self, { queue, id: job.call.id, task: job.call.name, why });
      return this.#endings.refuse(job, celeryException('InvalidTaskError', why));
    }
    if (runnable === undefined) return this.#unknown(job);
    this.#line.push(job, runnable);
    this.pump();
  }

  /** Whoever may begin begins. */
  pump(): void {
    while (this.#running.size < this.concurrency) {
      const next = this.#line.take();
      if (next === undefined) return;
      this.#begin(next.job, next.runnable);
    }
  }

  limitsPassed(): void {
    this.#line.limitsPassed();
    this.pump();
  }

  #begin(job: Job, { definition, args }: Runnable): void {
    const { id, name } = job.call;
    const notes = this.#notes.get(id) ?? new Map<string, string>();
    this.#notes.set(id, notes);
    const thread = this.#line.threadOf(job);
    const running = new Running(this.#host, job, { definition, args, thread, notes });
    this.#running.set(job.identity, running);
    this.#byPid.set(running.pid, running);
    this.#processed++;
    this.total.set(name, (this.total.get(name) ?? 0) + 1);
    this.#events.task('task-started', id);
  }

  setRoom(): void {
    if (this.#room === this.room) return;
    this.#room = this.room;
    this.#deployment.wire.setRoom(this.#room);
  }
}
