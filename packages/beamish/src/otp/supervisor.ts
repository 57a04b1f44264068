/**
 * A supervisor of children that are known in advance: starts them in order, starts them again when
 * they end, alone or with their siblings, and stops them in reverse. Others can be added by request.
 */

import { failStart } from '../operations/starting.ts';
import type { StartOutcome } from '../state/cold-state.ts';
import { cellOfSelf } from '../system/self.ts';
import { StartFailed, shutdown } from '../terms/exit-reason.ts';
import type { Actor } from '../terms/operation.ts';
import type { Message, Pid } from '../terms/pid.ts';
import type { Body, Context, Self } from '../terms/self-types.ts';
import { startsByInit, supervises } from '../terms/spawnable.ts';
import { type ChildSpec, type FullSpec, fullSpec } from './child-spec.ts';
import { type Child, Children } from './children.ts';
import { restartGroup, type Strategy } from './restart-strategy.ts';
import {
  type ChildPolicy,
  type FailedChild,
  type Failure,
  isActor,
  type Soon,
  Supervision,
} from './supervision.ts';
import {
  type AutoShutdown,
  checkChildSpecs,
  checkStatic,
  maySupervise,
} from './supervisor-options.ts';
import type { Supervisor, SupervisorQuery } from './supervisor-requests.ts';

/** Of a supervisor; all but `children` may be left out. */
export interface SupervisorOptions {
  /** Default `'one_for_one'`. */
  readonly strategy?: Strategy;
  /** More than `intensity` (default 1) restarts within `periodMs` (default 5,000) end the supervisor with `'shutdown'`. The loss of a system, such as a thread, counts once, however many children were in it. */
  readonly intensity?: number;
  /** Of `intensity`, in ms. Default 5,000. */
  readonly periodMs?: number;
  /** Whether the orderly end of one significant child, or of the last of them, ends the supervisor with `'shutdown'`. Default `'never'`. */
  readonly autoShutdown?: AutoShutdown;
  /** Started in this order, stopped in reverse. */
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
 * Instead of options it takes a function that makes them, in the new supervisor, of the arguments with
 * which it is started; `'ignore'` means that it shall not start after all.
 *
 * ```ts
 * const shop = supervisor((self, port: number) => ({ children: [child('web', web, port)] }));
 * await system.start(shop, 8080);
 * ```
 *
 * @throws TypeError or RangeError for options that are none, and for two children of one id; what a
 * function makes is checked when it starts, which fails with that error.
 */
export function supervisor<A extends unknown[] = []>(
  options: SupervisorOptions | ((self: Context, ...args: A) => SupervisorOptions | 'ignore'),
): Body<Supervisor, A, void> {
  const init = typeof options === 'function' ? options : undefined;
  const fixed = typeof options === 'function' ? undefined : checked(options);
  const body = function* (self: Self<Message>, ...args: A): Actor {
    self.trapExit(true);
    const made = fixed ?? init?.(self, ...args);
    if (made === 'ignore') return failStart(cellOfSelf(self), 'ignore');
    const rules = fixed ?? checked(made as SupervisorOptions);
    const supervision = new Supervision(self, rules, (its) => new StaticChildren(its, rules));
    yield* supervision.run();
  };
  Object.defineProperty(body, 'name', { value: init?.name || 'supervisor' });
  return supervises(startsByInit(body)) as unknown as Body<Supervisor, A, void>;
}

type CheckedOptions = Required<SupervisorOptions>;

function checked(options: SupervisorOptions): CheckedOptions {
  checkStatic(options);
  const {
    strategy = 'one_for_one',
    intensity = 1,
    periodMs = 5000,
    autoShutdown = 'never',
    children,
  } = options;
  checkChildSpecs(children, autoShutdown);
  return { strategy, intensity, periodMs, autoShutdown, children };
}

class StaticChildren implements ChildPolicy {
  readonly strategy: Strategy;
  readonly children = new Children();
  readonly #supervision: Supervision;
  readonly #rules: CheckedOptions;

  constructor(supervision: Supervision, rules: CheckedOptions) {
    this.#supervision = supervision;
    this.#rules = rules;
    this.strategy = rules.strategy;
    for (const spec of rules.children.map(fullSpec)) this.children.add(spec, spec.id);
  }

  *startAll(): Actor<Failure | undefined> {
    const failed = yield* this.#startGroup([...this.children]);
    if (failed === undefined) return undefined;
    const { child, failure } = failed;
    this.#supervision.tell('start_error', child, failure.reason);
    return { reason: shutdown(new StartFailed(failure.reason, `child "${child.spec.id}"`)) };
  }

  *stopAll(): Actor {
    yield* this.#stopGroup([...this.children]);
  }

  restart(dead: Child): Soon<FailedChild | undefined> {
    const { strategy } = this;
    if (strategy === 'one_for_one') return this.#supervision.startOne(dead);
    return this.#restartGroup(restartGroup(strategy, this.children, dead));
  }

  stopSiblings(dead: Child): Actor | undefined {
    const { strategy } = this;
    if (strategy === 'one_for_one') return undefined;
    return this.#stopGroup(restartGroup(strategy, this.children, dead));
  }

  *#restartGroup(group: readonly Child[]): Actor<FailedChild | undefined> {
    yield* this.#stopGroup(group);
    // A temporary sibling is stopped and forgotten.
    return yield* this.#startGroup(group.filter((each) => this.children.has(each)));
  }

  ignored(child: Child): void {
    if (child.spec.restart === 'temporary') this.children.delete(child);
  }

  gone(child: Child): void {
    if (child.spec.restart === 'temporary') this.children.delete(child);
    if (!child.spec.significant) return;
    const { autoShutdown } = this.#rules;
    const last = this.children.significant === 0 && !this.#supervision.isTrying;
    if (autoShutdown === 'any_significant' || (autoShutdown === 'all_significant' && last))
      this.#supervision.end('shutdown');
  }

  *answer(question: SupervisorQuery): Actor<object> {
    switch (question.query) {
      case 'which':
        return this.children.list();
      case 'count':
        return this.#supervision.count();
      case 'start':
        return yield* this.#add(question.spec);
      case 'start_another':
        return { ok: false, reason: 'no_template' };
      case 'terminate': {
        const child = this.#find(question.child);
        if (child === undefined) return { ok: false, reason: 'not_found' };
        yield* this.#stopGroup([child]);
        return { ok: true };
      }
      default:
        return yield* this.#answerAbout(question.query, this.#find(question.id));
    }
  }

  *#answerAbout(query: 'restart' | 'delete' | 'spec', child: Child | undefined): Actor<object> {
    if (child === undefined) return { ok: false, reason: 'not_found' };
    if (query === 'spec') return { ok: true, spec: child.spec };
    if (child.pid !== undefined)
      return { ok: false, reason: child.pid === 'restarting' ? 'restarting' : 'running' };
    if (query === 'restart') return yield* this.#start(child);
    this.children.delete(child);
    return { ok: true };
  }

  *#start(child: Child): Actor<StartOutcome> {
    const started = this.#supervision.start(child);
    return isActor(started) ? yield* started : started;
  }

  *#add(spec: FullSpec): Actor<object> {
    const present = this.children.withId(spec.id);
    if (typeof present?.pid === 'object')
      return { ok: false, reason: 'already_started', pid: present.pid };
    if (present !== undefined) return { ok: false, reason: 'already_present' };
    if (!maySupervise(spec, this.#rules.autoShutdown))
      return { ok: false, reason: 'bad_combination' };
    const child = this.children.add(spec, spec.id);
    const outcome = yield* this.#start(child);
    const kept = outcome.ok || (outcome.reason === 'ignore' && spec.restart !== 'temporary');
    if (!kept) this.children.delete(child);
    return outcome;
  }

  #find(child: string | Pid): Child | undefined {
    return typeof child === 'string' ? this.children.withId(child) : this.children.withPid(child);
  }

  /** One after the other; the first that fails ends it. */
  *#startGroup(group: readonly Child[]): Actor<FailedChild | undefined> {
    for (const child of group) {
      const started = this.#supervision.startOne(child);
      const failed = isActor(started) ? yield* started : started;
      if (failed !== undefined) return failed;
    }
    return undefined;
  }

  /** The last first, each dead before the next is told. Temporary ones are forgotten. */
  *#stopGroup(group: readonly Child[]): Actor {
    for (const child of group.toReversed()) {
      yield* this.#supervision.stop(child);
      if (child.spec.restart === 'temporary') this.children.delete(child);
    }
  }
}
