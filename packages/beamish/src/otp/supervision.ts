/**
 * The life of every supervisor, static or dynamic: it traps exits, obeys its parent alone, does one
 * thing at a time, and decides what the end of a child means. Which children there are, and who is
 * started and stopped with whom, is its `ChildPolicy`'s affair.
 *
 * Over 300 lines: the parts share one actor's state, which no two files could have.
 */

import { beginStart, initialised, startBegun } from '../operations/starting.ts';
import type { SupervisorReport } from '../reports/events.ts';
import { SupervisorReports } from '../reports/supervisor-reports.ts';
import { hasLink } from '../signals/links.ts';
import { cellOf, peerOf, resolve } from '../signals/registry.ts';
import type { ActorCell } from '../state/actor-cell.ts';
import { coldStateOf, type StartOutcome, type Supervising } from '../state/cold-state.ts';
import { cellOfSelf, making } from '../system/self.ts';
import { type ExitReason, isOrderly, reasonOfThrown } from '../terms/exit-reason.ts';
import type { Actor } from '../terms/operation.ts';
import type { Address, Message, Pid } from '../terms/pid.ts';
import type { Self } from '../terms/self-types.ts';
import { type Exit, exitMessage } from '../terms/signal.ts';
import { type Backoff, Patience } from './backoff.ts';
import type { Child, ChildCounts, Children } from './children.ts';
import { RestartIntensity } from './restart-intensity.ts';
import { endedAsTold, shouldRestart } from './restart-policy.ts';
import { Retries, type TryAgain } from './retries.ts';
import { shutdownChild } from './shutdown-children.ts';
import type { SupervisorQuery, SupervisorRequest } from './supervisor-requests.ts';
import { attend, type SystemRequest } from './system-messages.ts';

/** Of a start that failed: `pid` is who has the name, if that is why. */
export interface Failure {
  readonly reason: ExitReason;
  readonly pid?: Pid;
}

export interface FailedChild {
  readonly child: Child;
  readonly failure: Failure;
}

/** What comes of something: at once, as it mostly does, without a generator; or the steps that lead there. */
export type Soon<T> = T | Actor<T>;

export function isActor<T extends object | undefined>(soon: Soon<T>): soon is Actor<T> {
  return soon !== undefined && 'next' in soon;
}

/** What one kind of supervisor does its own way. */
export interface ChildPolicy {
  readonly strategy: Supervising['strategy'];
  readonly children: Children;
  /** Starts those that are known in advance; if one fails to, the reason why the supervisor does not start. */
  startAll(): Actor<Failure | undefined>;
  /** Starts a child again, with whom it concerns; the first that fails to start ends it. */
  restart(child: Child): Soon<FailedChild | undefined>;
  /** Stops whom the restart of a child that has ended concerns besides; undefined if that is nobody. */
  stopSiblings(child: Child): Actor | undefined;
  /** A child has said that it shall not start after all. */
  ignored(child: Child): void;
  /** A child has ended by itself and is not started again. */
  gone(child: Child): void;
  answer(question: SupervisorQuery): Soon<object>;
  stopAll(): Actor;
}

export interface RestartLimits {
  readonly intensity: number;
  readonly periodMs: number;
}

export class Supervision {
  readonly self: Self<Message>;
  readonly #cell: ActorCell;
  readonly #reports: SupervisorReports;
  readonly #policy: ChildPolicy;
  readonly #intensity: RestartIntensity;
  /** It starts, stops or restarts somebody. */
  #isBusy = true;
  /** Whom to tell when it is done with that. */
  #hearers: (() => void)[] | undefined;
  /** Why it ends, once that is decided. */
  #ending: { readonly reason: ExitReason } | undefined;
  readonly #patience = new Patience<Child>();
  readonly #retries: Retries;
  /** Taken out of the mailbox before their turn, by `#reasonOfDead`; the next to be handled. */
  readonly #early = new Map<Pid, ExitReason>();

  constructor(
    self: Self<Message>,
    { intensity, periodMs }: RestartLimits,
    policyOf: (supervision: Supervision) => ChildPolicy,
  ) {
    this.self = self;
    this.#cell = cellOfSelf(self);
    this.#reports = new SupervisorReports(this.#cell);
    this.#intensity = new RestartIntensity(intensity, periodMs);
    this.#retries = new Retries(self);
    this.#policy = policyOf(this);
    coldStateOf(this.#cell).supervising = this.#shown(this.#policy);
  }

  *run(): Actor {
    const { self } = this;
    const policy = this.#policy;
    try {
      const failure = yield* policy.startAll();
      if (failure !== undefined) {
        yield* policy.stopAll();
        return self.exit(failure.reason);
      }
      initialised(this.#cell);
      while (this.#ending === undefined) {
        this.#isBusy = false;
        if (this.#hearers !== undefined) this.#tellHearers();
        const message = this.#early.size > 0 ? this.#takeEarly() : yield* self.receive();
        this.#isBusy = true;
        // Most of them, as the ends of children, take no time: a generator less for each.
        const work = message.tag === 'EXIT' ? this.#exit(message as Exit) : this.#handle(message);
        if (work !== undefined) yield* work;
      }
      yield* policy.stopAll();
      if (this.#ending.reason !== 'normal') self.exit(this.#ending.reason);
    } finally {
      this.#tellHearers();
    }
  }

  /** It has done what it was at, or has ended. */
  #tellHearers(): void {
    const hearers = this.#hearers ?? [];
    this.#hearers = undefined;
    for (const hear of hearers) hear();
  }

  #shown({ strategy, children }: ChildPolicy): Supervising {
    const { clock } = this.#cell.system;
    return {
      strategy,
      rate: () => this.#intensity.rateAt(clock.now()),
      children: () => Array.from(children, shownChild),
      idOf: (pid) => children.withPid(pid)?.id,
      isAtWorkFor: (pid) => this.#isBusy || children.withPid(pid)?.pid === pid,
      whenDone: (hear) => {
        this.#hearers ??= [];
        this.#hearers.push(hear);
      },
    };
  }

  /** Ends it when what it does now is done. */
  end(reason: ExitReason): void {
    this.#ending ??= { reason };
  }

  /** Starts a child because somebody asked for it, and returns the answer. */
  start(child: Child): Soon<StartOutcome> {
    const started = this.#beginStart(child);
    return started === undefined ? this.#startLater(child) : this.#started(child, started);
  }

  *#startLater(child: Child): Actor<StartOutcome> {
    return this.#started(child, yield* making(this.self, 'startLink', startBegun(this.#cell)));
  }

  /** Starts a child by itself. One that is to be ignored has not failed. */
  startOne(child: Child): Soon<FailedChild | undefined> {
    const started = this.start(child);
    return isActor(started) ? this.#startOneLater(child, started) : failureOf(child, started);
  }

  *#startOneLater(child: Child, started: Actor<StartOutcome>): Actor<FailedChild | undefined> {
    return failureOf(child, yield* started);
  }

  /** What a start throws in its supervisor, as a place of the user's does, is why the child has not started. */
  #beginStart({ spec }: Child): StartOutcome | undefined {
    try {
      return beginStart(this.#cell, spec.body, spec.args, spec.name);
    } catch (error) {
      return { ok: false, reason: reasonOfThrown(error) };
    }
  }

  #started(child: Child, started: StartOutcome): StartOutcome {
    this.#policy.children.set(child, started.ok ? started.pid : undefined);
    if (started.ok) {
      if (child.spec.backoff !== undefined)
        this.#patience.started(child, this.#cell.system.clock.now());
      this.tell('progress', child);
    } else if (started.reason === 'ignore') this.#policy.ignored(child);
    return started;
  }

  /** Whether a child is to be started again, and with it perhaps others that do not run now. */
  get isTrying(): boolean {
    return this.#retries.size > 0;
  }

  count(): ChildCounts {
    return this.#policy.children.count((pid) => this.isAlive(pid));
  }

  isAlive(pid: Pid): boolean {
    const { system } = this.#cell;
    // Of a child in another system, its EXIT would have told.
    return resolve(system, pid) !== undefined || peerOf(system, pid) !== undefined;
  }

  /** Stops one child, if it runs, and waits until it is dead. */
  *stop(child: Child): Actor {
    const { pid, spec } = child;
    this.#retries.forget(child);
    this.#policy.children.set(child, undefined);
    if (pid === undefined || pid === 'restarting') return;
    const reason = yield* shutdownChild(this.self, pid, spec.shutdown);
    this.stopped(child, reason === 'noproc' ? yield* this.#reasonOfDead(pid) : reason);
  }

  /** Tells of a child that was stopped and ended otherwise than it should. */
  stopped(child: Child, reason: ExitReason): void {
    if (!endedAsTold(child.spec, reason)) this.tell('shutdown_error', child, reason);
  }

  tell(report: SupervisorReport, { spec, pid, last }: Child, reason?: ExitReason): void {
    const child = typeof pid === 'object' ? pid : last;
    this.#reports.tell(report, spec.id, child, reason);
  }

  #handle(message: Message): Actor | undefined {
    if (message.tag === '$system') return this.#attend(message as SystemRequest);
    if (message.tag !== '$supervisor') return this.#unhandled(message);
    const request = message as SupervisorRequest | TryAgain;
    if (request.query === 'try_again') {
      // It may have been stopped since, or started with its group.
      return this.#retries.take(request) ? this.#restart(request.child, 'restarting') : undefined;
    }
    const answer = this.#policy.answer(request);
    if (isActor(answer)) return this.#answerLater(request, answer);
    this.self.send(request.replyTo as Address<unknown>, answer);
    return undefined;
  }

  *#attend(request: SystemRequest): Actor {
    const state = { get: () => this.#policy.children.list() };
    const ending = yield* attend(this.self, request, state);
    if (ending !== undefined) this.end(ending.reason);
  }

  *#answerLater({ replyTo }: SupervisorRequest, answer: Actor<object>): Actor {
    this.self.send(replyTo as Address<unknown>, yield* answer);
  }

  /** What there is to do because somebody has ended. */
  #exit({ from, reason }: Exit): Actor | undefined {
    if (from === this.self.parent) {
      this.end(reason);
      return undefined;
    }
    const child = this.#policy.children.withPid(from);
    if (child?.pid !== from) return undefined;
    // Said by itself, or in its name, while it lives: another in its place would make two of it.
    if (this.#isLinked(from)) return this.#unhandled(exitMessage(from, reason));
    this.#policy.children.set(child, undefined);
    const again = shouldRestart(child.spec.restart, reason);
    if (again || !isOrderly(reason)) this.tell('child_terminated', child, reason);
    if (again) {
      if (child.spec.backoff !== undefined) return this.#restartLater(child, child.spec.backoff);
      return this.#restart(child, reason);
    }
    this.#reports.notRestarted(from, false);
    this.#policy.gone(child);
    return undefined;
  }

  /** Its siblings stop first: one that is restarted with it is not to run without it meanwhile. */
  #restartLater(child: Child, backoff: Backoff): Actor | undefined {
    if (child.last !== undefined) this.#reports.notRestarted(child.last, true);
    const siblings = this.#policy.stopSiblings(child);
    if (siblings === undefined) return this.#wait(child, backoff);
    return this.#waitAfter(siblings, child, backoff);
  }

  *#waitAfter(siblings: Actor, child: Child, backoff: Backoff): Actor {
    yield* siblings;
    this.#wait(child, backoff);
  }

  #wait(child: Child, backoff: Backoff): undefined {
    const { clock, decisions } = this.#cell.system;
    const ms = this.#patience.next(child, backoff, clock.now(), decisions.random());
    this.#tryAgain(child, ms);
  }

  /** Whatever happens to it meanwhile, as a stop or the restart of its group, takes that back. */
  #tryAgain(child: Child, ms: number | undefined): void {
    this.#policy.children.set(child, 'restarting');
    this.#retries.add(child, ms);
  }

  #restart(child: Child, reason: ExitReason): Actor | undefined {
    const { last } = child;
    const lost = reason === 'noconnection' ? this.#lostSystemOf(last) : undefined;
    const isPatient = child.spec.backoff !== undefined;
    if (!isPatient && !this.#intensity.allows(this.#cell.system.clock.now(), lost)) {
      this.#tellRestart(child, last, undefined, reason);
      this.tell('shutdown', child, 'reached_max_restart_intensity');
      this.end('shutdown');
      return undefined;
    }
    const failed = this.#policy.restart(child);
    if (isActor(failed)) return this.#restartSlowly(child, reason, failed);
    return this.#restarted(child, last, reason, failed);
  }

  /** What comes of the end of an actor finds it dead, and its link gone. */
  #isLinked(pid: Pid): boolean {
    return cellOf(this.#cell.system, pid) !== undefined || hasLink(this.#cell, pid);
  }

  /** The life of the system with which an actor was lost. */
  #lostSystemOf(pid: Pid | undefined): number | undefined {
    const { system } = this.#cell;
    if (pid === undefined || pid.system === system.name) return undefined;
    return peerOf(system, pid) === undefined ? pid.incarnation : undefined;
  }

  #unhandled(message: Message): undefined {
    this.#cell.system.reports.deadLetter(undefined, this.self.pid, message, 'unhandled');
  }

  *#restartSlowly(
    child: Child,
    reason: ExitReason,
    restart: Actor<FailedChild | undefined>,
  ): Actor {
    const { last } = child;
    const work = this.#restarted(child, last, reason, yield* restart);
    if (work !== undefined) yield* work;
  }

  #tellRestart(
    { spec }: Child,
    last: Pid | undefined,
    pid: Pid | undefined,
    reason: ExitReason,
  ): void {
    if (last !== undefined) this.#reports.restarted(spec.id, last, pid, reason, this.#intensity);
  }

  #restarted(
    child: Child,
    last: Pid | undefined,
    reason: ExitReason,
    failed: FailedChild | undefined,
  ): Actor | undefined {
    const pid = typeof child.pid === 'object' ? child.pid : undefined;
    this.#tellRestart(child, last, pid, failed?.failure.reason ?? reason);
    if (failed === undefined) return undefined;
    this.tell('start_error', failed.child, failed.failure.reason);
    const { backoff } = failed.child.spec;
    if (backoff !== undefined) return this.#restartLater(failed.child, backoff);
    this.#tryAgain(failed.child, undefined);
    return undefined;
  }

  /**
   * Why a child ended that was dead when it was to be stopped: the EXIT in the mailbox says, unless it
   * had unlinked itself. All EXITs are taken out, as looking for one after the other among those of a
   * whole group that crashed at once would take the square of their number.
   */
  *#reasonOfDead(pid: Pid): Actor<ExitReason> {
    for (;;) {
      const exit = yield* this.self.receive('EXIT').after(0);
      if (exit === undefined) break;
      // Of its parent, the first counts, as in the mailbox; of a child the last, which is its end.
      if (exit.from !== this.self.parent || !this.#early.has(exit.from))
        this.#early.set(exit.from, exit.reason);
    }
    const reason = this.#early.has(pid) ? this.#early.get(pid) : 'noproc';
    this.#early.delete(pid);
    return reason;
  }

  #takeEarly(): Exit {
    const [pid, reason] = this.#early.entries().next().value as [Pid, ExitReason];
    this.#early.delete(pid);
    return exitMessage(pid, reason);
  }
}

function failureOf(child: Child, started: StartOutcome): FailedChild | undefined {
  return started.ok || started.reason === 'ignore' ? undefined : { child, failure: started };
}

function shownChild({ id, pid }: Child): { id: string | undefined; pid: Pid | undefined } {
  return { id, pid: typeof pid === 'object' ? pid : undefined };
}
