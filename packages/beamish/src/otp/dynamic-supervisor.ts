/**
 * A supervisor of children that are started on demand, as many as there is work: they have no order
 * and no ids, each is restarted alone, and all are stopped at once. Nothing that it does for one child
 * takes longer the more there are.
 */

import type { StartOutcome } from '../state/cold-state.ts';
import { reasonOfThrown } from '../terms/exit-reason.ts';
import type { Actor } from '../terms/operation.ts';
import type { Message, Pid } from '../terms/pid.ts';
import type { Body, Self } from '../terms/self-types.ts';
import { startsByInit, supervises } from '../terms/spawnable.ts';
import { type ChildSpec, type FullSpec, fullSpec } from './child-spec.ts';
import { type Child, Children } from './children.ts';
import { shutdownTogether } from './shutdown-children.ts';
import {
  type ChildPolicy,
  type FailedChild,
  type Failure,
  isActor,
  type Soon,
  Supervision,
} from './supervision.ts';
import { checkDynamic, maySupervise } from './supervisor-options.ts';
import type { Supervisor, SupervisorQuery, Templated } from './supervisor-requests.ts';

/** Of a dynamic supervisor; all may be left out. */
export interface DynamicSupervisorOptions<A extends unknown[] = [], M = never> {
  /** Most children at a time, those that are being restarted included. Default: no limit. */
  readonly maxChildren?: number;
  /** More than `intensity` (default 3) restarts, of whichever children, within `periodMs` (default 5,000) end the supervisor with `'shutdown'`. The loss of a system, such as a thread, counts once, however many children were in it. */
  readonly intensity?: number;
  /** Of `intensity`, in ms. Default 5,000. */
  readonly periodMs?: number;
  /** Put before the arguments of every child, also when it is started again. */
  readonly extraArgs?: readonly unknown[];
  /** Makes the child that `startAnother` starts, of the arguments given there; `startChild` is refused then. */
  readonly template?: (...args: A) => ChildSpec<M>;
}

/**
 * A body that supervises children which are started on demand: by `startChild`, or of its `template`
 * by `startAnother` (Erlang's simple_one_for_one). Ids mean nothing to it: a child is known by its pid.
 * When it ends, all children are told at once, and each has the time that its spec gives it.
 *
 * ```ts
 * const connections = dynamicSupervisor({
 *   maxChildren: 100,
 *   template: (host: string) => child({ id: 'connection', restart: 'temporary' }, connection, host),
 * });
 * const pid = await system.start(connections);
 * await startAnother(system, pid, 'example.org');
 * ```
 *
 * @throws TypeError or RangeError for options that are none, and for others than these.
 */
export function dynamicSupervisor<A extends unknown[] = [], M = never>(
  options: DynamicSupervisorOptions<A, M> = {},
): Body<Supervisor | Templated<A, M>, [], void> {
  const rules = checked(options as unknown as DynamicSupervisorOptions);
  const body = function* (self: Self<Message>): Actor {
    self.trapExit(true);
    const supervision = new Supervision(self, rules, (its) => new DynamicChildren(its, rules));
    yield* supervision.run();
  };
  Object.defineProperty(body, 'name', { value: 'dynamicSupervisor' });
  return supervises(startsByInit(body)) as unknown as Body<Supervisor | Templated<A, M>, [], void>;
}

interface CheckedOptions {
  readonly maxChildren: number;
  readonly intensity: number;
  readonly periodMs: number;
  readonly extraArgs: readonly unknown[];
  readonly template: ((...args: never) => ChildSpec) | undefined;
}

function checked(options: DynamicSupervisorOptions): CheckedOptions {
  checkDynamic(options);
  const {
    maxChildren = Number.POSITIVE_INFINITY,
    intensity = 3,
    periodMs = 5000,
    extraArgs = [],
    template,
  } = options;
  return { maxChildren, intensity, periodMs, extraArgs, template };
}

class DynamicChildren implements ChildPolicy {
  readonly strategy = 'simple_one_for_one';
  readonly children = new Children();
  readonly #supervision: Supervision;
  readonly #rules: CheckedOptions;

  constructor(supervision: Supervision, rules: CheckedOptions) {
    this.#supervision = supervision;
    this.#rules = rules;
  }

  *startAll(): Actor<Failure | undefined> {
    return undefined;
  }

  *stopAll(): Actor {
    const running = new Map<Pid, Child>();
    for (const child of this.children)
      if (typeof child.pid === 'object') running.set(child.pid, child);
    yield* shutdownTogether(this.#supervision.self, running, (child, reason) =>
      this.#supervision.stopped(child, reason),
    );
  }

  restart(child: Child): Soon<FailedChild | undefined> {
    return this.#supervision.startOne(child);
  }

  stopSiblings(): undefined {}

  ignored(child: Child): void {
    this.children.delete(child);
  }

  gone(child: Child): void {
    this.children.delete(child);
  }

  answer(question: SupervisorQuery): Soon<object> {
    const { template } = this.#rules;
    switch (question.query) {
      case 'which':
        return this.children.list();
      case 'count':
        return this.#supervision.count();
      case 'start':
        if (template !== undefined) return { ok: false, reason: 'simple_one_for_one' };
        return this.#add(question.spec);
      case 'start_another':
        if (template === undefined) return { ok: false, reason: 'no_template' };
        return this.#addOf(template, question.args);
      case 'terminate':
        return this.#terminate(question.child);
      default:
        return { ok: false, reason: 'simple_one_for_one' };
    }
  }

  #addOf(template: (...args: never) => ChildSpec, args: readonly unknown[]): Soon<object> {
    let spec: FullSpec;
    try {
      spec = fullSpec(template(...(args as never)));
    } catch (thrown) {
      // The template is user code, and its failure is that of the child alone.
      return { ok: false, reason: reasonOfThrown(thrown) };
    }
    return this.#add(spec);
  }

  #add(spec: FullSpec): Soon<object> {
    const { maxChildren, extraArgs } = this.#rules;
    if (!maySupervise(spec, 'never')) return { ok: false, reason: 'bad_combination' };
    if (this.children.size >= maxChildren) return { ok: false, reason: 'max_children' };
    const full = extraArgs.length === 0 ? spec : { ...spec, args: [...extraArgs, ...spec.args] };
    const child = this.children.add(full, undefined);
    const started = this.#supervision.start(child);
    return isActor(started) ? this.#addLater(child, started) : this.#added(child, started);
  }

  *#addLater(child: Child, started: Actor<StartOutcome>): Actor<object> {
    return this.#added(child, yield* started);
  }

  #added(child: Child, outcome: StartOutcome): StartOutcome {
    if (!outcome.ok) this.children.delete(child);
    return outcome;
  }

  *#terminate(pid: string | Pid): Actor<object> {
    if (typeof pid === 'string') return { ok: false, reason: 'simple_one_for_one' };
    const child = this.children.withPid(pid);
    if (child === undefined) {
      // Both as in OTP and as in Elixir: of a template's children, one that is dead has been stopped.
      const stopped = this.#rules.template !== undefined && !this.#supervision.isAlive(pid);
      return stopped ? { ok: true } : { ok: false, reason: 'not_found' };
    }
    yield* this.#supervision.stop(child);
    this.children.delete(child);
    return { ok: true };
  }
}
