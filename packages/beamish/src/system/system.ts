/**
 * An actor system, as the outside world sees it. The outside is an actor too, the root: it is the
 * parent of what is spawned from here, linked to what is started from here, and owner of the calls.
 *
 * Over 300 lines, as each verb of a system is a method here with its types, and a class is one file.
 */

import { UNBOUNDED } from '../mailbox/mailbox.ts';
import { launch } from '../operations/spawning.ts';
import { start } from '../operations/starting.ts';
import type { SystemEvents } from '../reports/events.ts';
import { infoOf, mailboxOf, snapshot } from '../reports/introspect.ts';
import type { Logger, LogMode } from '../reports/rate-limited-log.ts';
import { EventReports } from '../reports/reports.ts';
import { type Clock, hostClock, wallOf } from '../seams/clock.ts';
import { type Decisions, fairDecisions } from '../seams/decisions.ts';
import type { Tap } from '../seams/tap.ts';
import { route } from '../signals/delivery.ts';
import { sendExit } from '../signals/exit-signals.ts';
import { cellOf, register, systemsOf, unregister, whereis } from '../signals/registry.ts';
import { expectReply, sendRequest } from '../signals/requests.ts';
import {
  cancelTimer,
  readTimer,
  sendAfter,
  sendInterval,
  startAlarm,
  startTimer,
} from '../signals/timers.ts';
import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import { everyone } from '../state/actor-table.ts';
import { coldStateOf, type StartOutcome } from '../state/cold-state.ts';
import type { SystemState } from '../state/system-state-types.ts';
import { markCopy, notOfThisCopy } from '../terms/copy.ts';
import { type ExitReason, StartFailed } from '../terms/exit-reason.ts';
import type { Reply } from '../terms/operation.ts';
import { checkOptions, having, type KindsOf, oneOf, WORD, wholeFrom } from '../terms/options.ts';
import {
  type Address,
  isPid,
  type Message,
  type Name,
  type Pid,
  type Target,
} from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import type {
  Answer,
  ArgsOf,
  CallArgs,
  HandlerName,
  Protocol,
  Question,
  ServerAddress,
  ServerRequest,
} from '../terms/protocol.ts';
import type { Ref } from '../terms/ref.ts';
import type { ActorInfo, Spawnable, Verbs } from '../terms/self-types.ts';
import type { Timeout } from '../terms/signal.ts';
import { type AnySpawnable, bodyName, isSupervising, planOf } from '../terms/spawnable.ts';
import { tellOfIdleTree } from './idle-tree.ts';
import type { MessageMode } from './message-mode.ts';
import { tellOfNew } from './new-systems.ts';
import { promiseOf } from './reply-promise.ts';
import { settleLater } from './settlement.ts';
import { shutDown } from './shutdown.ts';
import { makeSystemState } from './system-state.ts';
import { Waits } from './waits.ts';

/** Of an actor system; all may be left out. */
export interface SystemOptions {
  /** What its pids are printed with. Default `'main'`. */
  readonly name?: string;
  /**
   * How a message reaches another actor of this system, and so what calls, casts and replies carry: the same
   * object (default), deeply frozen, or copied. What is of a class is left as it is by the one, and refused in
   * the sender by the other, as it is between threads.
   */
  readonly messages?: MessageMode;
  /** Where crash reports and dead letters go besides `events`: readable text on stderr (default), JSON lines, or nowhere. */
  readonly log?: LogMode;
  /** Takes the lines of the log instead of stderr, at the same rate, unless `log` is `'off'`. A logger that throws loses its line and breaks nothing. */
  readonly logger?: Logger;
  /**
   * How many messages may wait in a mailbox before that is told, by the event `mailbox_long` and a line of the
   * log. Default 100,000. It limits nothing: that is what `configure` with `mailbox` does. `'infinity'` tells of none.
   */
  readonly longMailbox?: number | 'infinity';
  /** Time and turns; tests and simulators bring a virtual one. */
  readonly clock?: Clock;
  /** Who runs next, and other chances; tests and simulators bring seeded ones. */
  readonly decisions?: Decisions;
}

const LONG_MAILBOX = 100_000;
const COUNT = wholeFrom(1, 'messages');
const OPTIONS: KindsOf<SystemOptions> = {
  name: WORD,
  messages: oneOf('share', 'freeze', 'clone'),
  log: oneOf('text', 'json', 'off'),
  logger: having('error', 'warn', 'info'),
  longMailbox: {
    is: (value) => value === 'infinity' || COUNT.is(value),
    what: `${COUNT.what}, or 'infinity'`,
    isRange: true,
  },
  clock: having('now', 'soon', 'alarm', 'silence', 'whenOver'),
  decisions: having('random', 'incarnation'),
};

let stateOfSystem: (system: ActorSystem) => SystemState;

/**
 * Runs actors in this thread. A program has one, or several that know nothing of each other.
 *
 * ```ts
 * await using system = new ActorSystem();
 * await system.run(main);
 * ```
 */
export class ActorSystem implements Verbs, AsyncDisposable {
  /** What it was called; its pids are printed with it. */
  readonly name: string;
  /** The outside world, as an actor: the parent of what is spawned from here. */
  readonly root: Pid;
  /** What happens, for programs to hear of: `system.events.on('crash', …)`. What a listener throws is logged, and changes nothing. */
  readonly events: {
    on<E extends keyof SystemEvents>(event: E, listener: (what: SystemEvents[E]) => void): unknown;
    off<E extends keyof SystemEvents>(event: E, listener: (what: SystemEvents[E]) => void): unknown;
  };
  readonly #system: SystemState;
  /** What `tap` was set to, and how to take it out. */
  #tap: { readonly listener: Tap; readonly remove: () => void } | undefined = undefined;
  readonly #reports: EventReports;
  readonly #waits: Waits;
  /** Set while a tree may end with the program, unnoticed. */
  #stopTelling: (() => void) | undefined;
  #shutdown: Promise<void> | undefined;

  constructor(options: SystemOptions = {}) {
    checkOptions('Cannot make an actor system', options, OPTIONS);
    const {
      name = 'main',
      messages = 'share',
      log = 'text',
      longMailbox = LONG_MAILBOX,
      clock = hostClock(),
      decisions = fairDecisions,
    } = options;
    const time = {
      now: () => clock.now(),
      after: (ms: number, ring: () => void) => startAlarm(this.#system, ms, ring),
    };
    this.#reports = new EventReports(log, time, options.logger);
    this.#system = makeSystemState({
      name,
      messages,
      longMailbox: longMailbox === 'infinity' ? UNBOUNDED : longMailbox,
      clock,
      decisions,
      reports: this.#reports,
    });
    this.#waits = new Waits(this.#system);
    this.name = name;
    this.root = this.#system.root.pid;
    this.events = this.#reports.events as ActorSystem['events'];
    tellOfNew(this, (error) => this.#reports.listenerFailed('onSystem', error));
  }

  static {
    markCopy(ActorSystem.prototype);
    stateOfSystem = (system) => {
      if (typeof system === 'object' && system !== null && #system in system) return system.#system;
      throw notOfThisCopy('an actor system', system);
    };
  }

  /** Hears what happens here, besides those who `listen`; undefined while nobody does, or once it has thrown. */
  get tap(): Tap | undefined {
    const listener = this.#tap?.listener;
    return listener && this.#system.listeners.has(listener) ? listener : undefined;
  }

  set tap(listener: Tap | undefined) {
    this.#tap?.remove();
    this.#tap = listener && { listener, remove: this.#system.listeners.add(listener) };
  }

  send<M>(to: Address<M>, message: NoInfer<M>): void {
    route(this.#system.root, to, message);
  }

  /** @throws TypeError for what is no body, Error after `shutdown`. */
  spawn<M extends Message = never, A extends unknown[] = [], R = void>(
    body: Spawnable<M, A, R>,
    ...args: NoInfer<A>
  ): Pid<M> {
    return this.#launch(body, args).pid as unknown as Pid<M>;
  }

  exitSignal(pid: Pid, reason: ExitReason): void {
    sendExit(this.#system.root, pid, reason);
  }

  /** Gives an actor a name, of which it has one at most. @throws TypeError if the name or the actor is taken, or the actor is not alive here. */
  register<M = never>(name: string | Name<M>, pid: Pid<NoInfer<M>>): void {
    register(this.#system, name as string | Name, pid as unknown as Pid);
  }

  /** Takes a name back, whoever has it. @throws TypeError if nobody has. */
  unregister(name: string | Name): void {
    unregister(this.#system, name);
  }

  whereis<M = never>(name: string | Name<M>): Pid<NoInfer<M>> | undefined {
    return whereis(this.#system, name as string | Name) as Pid<NoInfer<M>> | undefined;
  }

  sendAfter<M>(ms: number, to: Address<M>, message: NoInfer<M>): Ref {
    return sendAfter(this.#system.root, ms, to as Address, message as Message);
  }

  startTimer<M>(
    ms: number,
    to: Address<M>,
    message: NoInfer<M extends Timeout<infer T> ? T : never>,
  ): Ref {
    return startTimer(this.#system.root, ms, to as Address, message);
  }

  sendInterval<M>(ms: number, to: Address<M>, message: NoInfer<M>): Ref {
    return sendInterval(this.#system.root, ms, to as Address, message as Message);
  }

  cancelTimer(timer: Ref): number | false {
    return cancelTimer(this.#system, timer);
  }

  readTimer(timer: Ref): number | false {
    return readTimer(this.#system, timer);
  }

  systems(): readonly string[] {
    return systemsOf(this.#system);
  }

  cast<P extends Protocol, K extends keyof P['cast'] & string>(
    to: ServerAddress<P>,
    name: K,
    ...args: ArgsOf<P['cast'][K]>
  ): void {
    const message: ServerRequest = {
      tag: '$request',
      kind: 'cast',
      name,
      args,
      replyTo: undefined,
    };
    route(this.#system.root, to as unknown as Address, message);
  }

  now(): number {
    return this.#system.clock.now();
  }

  wall(): number {
    return wallOf(this.#system.clock);
  }

  random(): number {
    return this.#system.decisions.random();
  }

  info(pid: Pid): ActorInfo | undefined {
    return infoOf(this.#system, pid);
  }

  mailbox(pid: Pid): readonly Message[] | undefined {
    return mailboxOf(this.#system, pid);
  }

  /** A snapshot of every living actor, oldest first. */
  actors(): readonly ActorInfo[] {
    return everyone(this.#system).map(snapshot);
  }

  /** Sent at once; the promise rejects with `CallFailed`. */
  call<N extends Message, const Q extends HandlerName<N> | Question<N>>(
    to: Target<N>,
    what: Q,
    ...args: CallArgs<N, Q>
  ): Reply<Answer<N, Q>> {
    const request = sendRequest(
      this.#system.root,
      to as Target,
      what as string | Message,
      args as readonly unknown[],
    );
    return promiseOf(this.#system, request, this.#waits) as Reply<Answer<N, Q>>;
  }

  /** Spawns, and resolves with what the body returns; rejects with its error or exit reason, and with `StartFailed` if its name is taken. */
  run<M extends Message = never, A extends unknown[] = [], R = void>(
    body: Spawnable<M, A, R>,
    ...args: NoInfer<A>
  ): Promise<R> {
    const cell = this.#launch(body, args);
    coldStateOf(cell).ran = true;
    const isTaken = !isAlive(cell) && cell.cold?.reason === 'already_started';
    return new Promise<unknown>((resolve, reject) => {
      const what = () => `Run of ${String(cell.pid)} (${bodyName(cell.body)})`;
      const over = this.#waits.add({ what, reject });
      onEnd(cell, (reason, ended) => {
        over();
        if (reason === 'normal') resolve(ended.cold?.returned);
        else {
          const failure = isTaken ? new StartFailed(reason, bodyName(cell.body)) : reason;
          settleLater(this.#system, () => reject(failure));
        }
      });
    }) as Promise<R>;
  }

  /** Spawns linked to `root` and resolves once it has initialised; rejects with `StartFailed`. */
  start<M extends Message = never, A extends unknown[] = [], R = void>(
    body: Spawnable<M, A, R>,
    ...args: NoInfer<A>
  ): Promise<Pid<M>> {
    this.#checkOpen('start an actor');
    const spawnable = body as unknown as AnySpawnable;
    const what = bodyName(planOf(spawnable).body);
    return new Promise<Pid<M>>((resolve, reject) => {
      const over = this.#waits.add({ what: () => `Start of ${what}`, reject });
      const settle = (outcome: StartOutcome): void => {
        over();
        if (outcome.ok) {
          if (isSupervising(planOf(spawnable).body)) this.#tellOfIdleTree();
          return resolve(outcome.pid as unknown as Pid<M>);
        }
        const failure = new StartFailed(outcome.reason, what);
        settleLater(this.#system, () => reject(failure));
      };
      const outcome = start(this.#system.root, settle, spawnable, args);
      if (outcome !== undefined) settle(outcome);
    });
  }

  /** Resolves with the reason once `pid` has ended; with `'noproc'` if it already has, with `'noconnection'` if its system is lost. */
  exited(pid: Pid): Promise<ExitReason> {
    if (!isPid(pid)) throw new TypeError(`Cannot wait for the end of ${show(pid)}: it is no pid`);
    const system = this.#system;
    return new Promise((resolve) => {
      const cell = cellOf(system, pid);
      const settle = (reason: ExitReason) => settleLater(system, () => resolve(reason), cell);
      if (cell !== undefined) return onEnd(cell, settle);
      // A request that asks for nothing fails with the end of whom it expects the answer from.
      const request = expectReply(system.root, pid, 'exited');
      request.settled = () => settle(request.value);
      if (request.state === 'failed') request.settled();
    });
  }

  /** Ends every actor in order (supervision trees from the top, as OTP does), then resolves. */
  shutdown(): Promise<void> {
    this.#stopTelling?.();
    this.#shutdown ??= shutDown(this.#system).then(() => this.#reports.flush());
    return this.#shutdown;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #tellOfIdleTree(): void {
    this.#stopTelling ??= tellOfIdleTree(this.#system, (text) => this.#reports.stuck(text));
  }

  #launch(body: unknown, args: readonly unknown[]): ActorCell {
    this.#checkOpen('spawn an actor');
    return launch(this.#system.root, body as AnySpawnable, args);
  }

  #checkOpen(action: string): void {
    if (this.#system.closing)
      throw new Error(`Cannot ${action}: the system ${this.name} has been shut down`);
  }
}

function onEnd(cell: ActorCell, hear: (reason: ExitReason, cell: ActorCell) => void): void {
  const cold = coldStateOf(cell);
  cold.ended ??= [];
  cold.ended.push(hear);
}

export { stateOfSystem };
