/**
 * A supervisor: starts its children in order, starts them again when they end, and stops them in
 * reverse. It traps exits, obeys its parent alone, and does one thing at a time. What to restart and
 * whether is decided by pure rules in files of their own; here is the acting.
 */

import type { ActorCell } from '../runtime/actor-cell.ts';
import { startsByInit, supervises } from '../runtime/body.ts';
import type { Body, Self } from '../runtime/context.ts';
import { type ExitReason, StartFailed, shutdown } from '../runtime/exit-reason.ts';
import type { Actor } from '../runtime/operation.ts';
import type { Address, Message, Pid } from '../runtime/pid.ts';
import { cellOfSelf } from '../runtime/self.ts';
import type { Exit } from '../runtime/signal.ts';
import { failStart, initialised } from '../runtime/spawning.ts';
import { type ChildSpec, type FullSpec, fullSpec } from './child-spec.ts';
import { RestartIntensity } from './restart-intensity.ts';
import { shouldRestart } from './restart-policy.ts';
import { restartGroup, type Strategy } from './restart-strategy.ts';
import { shutdownChild } from './shutdown-children.ts';
import type { Supervisor, SupervisorRequest } from './supervisor-requests.ts';

export interface SupervisorOptions {
  /** Default `'one_for_one'`. */
  readonly strategy?: Strategy;
  /** More than `intensity` (default 1) restarts within `periodMs` (default 5,000) end the supervisor with `'shutdown'`. */
  readonly intensity?: number;
  readonly periodMs?: number;
  /** Whether the orderly end of one significant child, or of the last of them, ends the supervisor with `'shutdown'`. Default `'never'`. */
  readonly autoShutdown?: 'never' | 'any_significant' | 'all_significant';
  readonly children: readonly ChildSpec[];
}

/**
 * A body that supervises `children`. It has started when all of them have; if one fails to, those
 * before it are stopped again, and the start fails with `{ shutdown: StartFailed }`.
 *
 * ```ts
 * const top = supervisor({
 *   strategy: 'rest_for_one',
 *   children: [child('db', database), child({ id: 'web', restart: 'transient' }, web, 8080)],
 * });
 * await system.start(top);
 * ```
 *
 * @throws TypeError or RangeError for options that are none, and for two children of one id.
 */
export function supervisor(options: SupervisorOptions): Body<Supervisor, [], void> {
  const plan = checked(options);
  const body = (self: Self<Message>): Actor => new Supervision(self, plan).run();
  Object.defineProperty(body, 'name', { value: 'supervisor' });
  return supervises(startsByInit(body)) as unknown as Body<Supervisor, [], void>;
}

interface Plan {
  readonly strategy: Strategy;
  readonly intensity: number;
  readonly periodMs: number;
  readonly autoShutdown: 'never' | 'any_significant' | 'all_significant';
  readonly specs: readonly FullSpec[];
}

function checked(options: SupervisorOptions): Plan {
  const {
    strategy = 'one_for_one',
    intensity = 1,
    periodMs = 5000,
    autoShutdown = 'never',
    children,
  } = options;
  if (!['one_for_one', 'one_for_all', 'rest_for_one'].includes(strategy)) {
    throw new TypeError(
      `Cannot supervise with the strategy ${String(strategy)}: it is 'one_for_one', 'one_for_all' or 'rest_for_one'`,
    );
  }
  if (!Number.isInteger(intensity) || intensity < 0) {
    throw new RangeError(
      `Cannot supervise with intensity ${String(intensity)}: it is a whole number of restarts from 0 up`,
    );
  }
  if (!Number.isInteger(periodMs) || periodMs <= 0) {
    throw new RangeError(
      `Cannot supervise with periodMs ${String(periodMs)}: it is a whole number of milliseconds above 0`,
    );
  }
  if (!['never', 'any_significant', 'all_significant'].includes(autoShutdown)) {
    throw new TypeError(
      `Cannot supervise with autoShutdown ${String(autoShutdown)}: it is 'never', 'any_significant' or 'all_significant'`,
    );
  }
  const specs = children.map(fullSpec);
  for (const [i, spec] of specs.entries()) {
    if (specs.findIndex((other) => other.id === spec.id) !== i) {
      throw new TypeError(`Cannot supervise two children of the id "${spec.id}"`);
    }
    checkSignificance(spec, autoShutdown);
  }
  return { strategy, intensity, periodMs, autoShutdown, specs };
}

function checkSignificance(
  { id, significant }: FullSpec,
  autoShutdown: Plan['autoShutdown'],
): void {
  if (!significant || autoShutdown !== 'never') return;
  throw new TypeError(`Cannot supervise the significant child "${id}" with autoShutdown 'never'`);
}

interface Child {
  readonly spec: FullSpec;
  /** Undefined when it does not run; `'restarting'` while its restart is tried again and again. */
  pid: Pid | 'restarting' | undefined;
  /** Who ran last, for reports. */
  last: Pid | undefined;
}

/** Why a supervisor ends, once it is decided. */
interface Ending {
  readonly reason: ExitReason;
}

class Supervision {
  readonly #self: Self<Message>;
  readonly #cell: ActorCell;
  readonly #plan: Plan;
  readonly #intensity: RestartIntensity;
  /** In start order. */
  #children: Child[];
  #ending: Ending | undefined;

  constructor(self: Self<Message>, plan: Plan) {
    this.#self = self;
    this.#cell = cellOfSelf(self);
    this.#plan = plan;
    this.#intensity = new RestartIntensity(plan.intensity, plan.periodMs);
    this.#children = plan.specs.map((spec) => ({ spec, pid: undefined, last: undefined }));
  }

  *run(): Actor {
    const self = this.#self;
    self.trapExit(true);
    const failed = yield* this.#startAll(this.#children);
    if (failed !== undefined) {
      const reason = shutdown(new StartFailed(failed.reason, `child "${failed.child.spec.id}"`));
      yield* this.#stopAll(this.#children);
      failStart(this.#cell, reason);
      return self.exit(reason);
    }
    initialised(this.#cell);
    while (this.#ending === undefined) yield* this.#handle(yield* self.receive());
    yield* this.#stopAll(this.#children);
    if (this.#ending.reason !== 'normal') self.exit(this.#ending.reason);
  }

  *#handle(message: Message): Actor {
    if (message.tag === 'EXIT') return yield* this.#exit(message as Exit);
    if (message.tag !== '$supervisor') {
      this.#cell.home.reports.deadLetter(undefined, this.#self.pid, message, 'unhandled');
      return;
    }
    const request = message as SupervisorRequest;
    if (request.ask === 'try_again') return yield* this.#tryAgain(request.id);
    const answer = yield* this.#answer(request);
    this.#self.send(request.replyTo as Address<unknown>, answer);
  }

  *#exit({ from, reason }: Exit): Actor {
    if (from === this.#self.parent) {
      this.#ending = { reason };
      return;
    }
    const child = this.#children.find(({ pid }) => pid === from);
    if (child !== undefined) yield* this.#ended(child, from, reason);
  }

  /** A child has ended by itself. */
  *#ended(child: Child, pid: Pid, reason: ExitReason): Actor {
    child.pid = undefined;
    child.last = pid;
    if (shouldRestart(child.spec.restart, reason)) return yield* this.#restart(child, reason);
    if (child.spec.restart === 'temporary') this.#forget(child);
    if (child.spec.significant) this.#significantEnd();
  }

  #significantEnd(): void {
    const { autoShutdown } = this.#plan;
    const others = this.#children.some(({ spec, pid }) => spec.significant && pid !== undefined);
    if (autoShutdown === 'any_significant' || (autoShutdown === 'all_significant' && !others)) {
      this.#ending = { reason: 'shutdown' };
    }
  }

  /** Starts a child again, and with it those that the strategy says. */
  *#restart(dead: Child, reason: ExitReason): Actor {
    const { clock, reports } = this.#cell.home;
    if (!this.#intensity.allows(clock.now())) {
      reports.restarted(this.#cell, dead.spec.id, dead.last as Pid, undefined, reason);
      this.#ending = { reason: 'shutdown' };
      return;
    }
    const { strategy } = this.#plan;
    let group = restartGroup(strategy, this.#children, dead);
    yield* this.#stopAll(group);
    // A temporary sibling is stopped and forgotten.
    group = group.filter((child) => this.#children.includes(child));
    const failed = yield* this.#startAll(group);
    const pid = typeof dead.pid === 'object' ? dead.pid : undefined;
    reports.restarted(this.#cell, dead.spec.id, dead.last as Pid, pid, failed?.reason ?? reason);
    if (failed === undefined) return;
    if (strategy === 'one_for_all') yield* this.#stopAll(group);
    failed.child.pid = 'restarting';
    failed.child.last ??= dead.last;
    // By its own mailbox, so that whoever wants something of it is heard meanwhile.
    this.#self.send(
      this.#self.pid as Address<Message>,
      tryAgain(failed.child.spec.id, failed.reason),
    );
  }

  *#tryAgain(id: string): Actor {
    const child = this.#children.find(({ spec }) => spec.id === id);
    if (child?.pid === 'restarting') yield* this.#restart(child, 'restarting');
  }

  /** One after the other; the first that fails ends it. */
  *#startAll(
    children: readonly Child[],
  ): Actor<{ readonly child: Child; readonly reason: ExitReason } | undefined> {
    for (const child of children) {
      const { spec } = child;
      const started = yield* this.#self.startLink(spec.body as never, ...(spec.args as []));
      if (started.ok) {
        child.pid = child.last = started.pid;
      } else if (started.reason === 'ignore') {
        child.pid = undefined;
        if (spec.restart === 'temporary') this.#forget(child);
      } else {
        child.pid = undefined;
        return { child, reason: started.reason };
      }
    }
    return undefined;
  }

  /** The last first, each dead before the next is told. Temporary ones are forgotten. */
  *#stopAll(children: readonly Child[]): Actor {
    for (const child of [...children].reverse()) {
      yield* this.#stop(child);
      if (child.spec.restart === 'temporary') this.#forget(child);
    }
  }

  *#stop(child: Child): Actor {
    const { pid, spec } = child;
    child.pid = undefined;
    if (pid !== undefined && pid !== 'restarting')
      yield* shutdownChild(this.#self, pid, spec.shutdown);
  }

  #forget(child: Child): void {
    this.#children = this.#children.filter((other) => other !== child);
  }

  *#answer(request: Exclude<SupervisorRequest, { readonly ask: 'try_again' }>): Actor<unknown> {
    if (request.ask === 'which') {
      return this.#children
        .map(({ spec, pid }) => ({ id: spec.id, pid, type: spec.type }))
        .reverse();
    }
    if (request.ask === 'start') return yield* this.#startChild(request.spec);
    const child = this.#children.find(({ spec }) => spec.id === request.id);
    if (child === undefined) return { ok: false, reason: 'not_found' };
    if (request.ask === 'terminate') {
      yield* this.#stopAll([child]);
      return { ok: true };
    }
    if (child.pid !== undefined)
      return { ok: false, reason: child.pid === 'restarting' ? 'restarting' : 'running' };
    if (request.ask === 'restart') return yield* this.#startOne(child);
    this.#forget(child);
    return { ok: true };
  }

  *#startChild(spec: FullSpec): Actor<unknown> {
    const present = this.#children.find((child) => child.spec.id === spec.id);
    if (typeof present?.pid === 'object')
      return { ok: false, reason: 'already_started', pid: present.pid };
    if (present !== undefined) return { ok: false, reason: 'already_present' };
    if (spec.significant && this.#plan.autoShutdown === 'never')
      return { ok: false, reason: 'bad_combination' };
    const child: Child = { spec, pid: undefined, last: undefined };
    this.#children.push(child);
    const outcome = yield* this.#startOne(child);
    if (!outcome.ok && outcome.reason !== 'ignore') this.#forget(child);
    return outcome;
  }

  *#startOne(
    child: Child,
  ): Actor<{ readonly ok: boolean; readonly reason?: ExitReason; readonly pid?: Pid }> {
    const failed = yield* this.#startAll([child]);
    if (failed !== undefined) return { ok: false, reason: failed.reason };
    if (typeof child.pid === 'object') return { ok: true, pid: child.pid };
    return { ok: false, reason: 'ignore' };
  }
}

function tryAgain(id: string, reason: ExitReason): SupervisorRequest {
  return { tag: '$supervisor', ask: 'try_again', id, reason };
}
