/** The children of a supervisor: kept in the order of their start, found at once by id and by pid. */

import type { Pid } from '../terms/pid.ts';
import type { FullSpec } from './child-spec.ts';

export interface Child {
  /** Undefined of the children of a dynamic supervisor, where many may share the id of their spec. */
  readonly id: string | undefined;
  readonly spec: FullSpec;
  /** Undefined when it does not run; `'restarting'` while its restart is tried again and again. */
  readonly pid: Pid | 'restarting' | undefined;
  /** Who ran last; it is found by this pid until another one runs. */
  readonly last: Pid | undefined;
}

/** A child as it is listed; `supervisor-requests.ts` has the types that callers see. */
interface ListedChild {
  readonly id: string | undefined;
  readonly pid: Pid | 'restarting' | undefined;
  readonly type: 'worker' | 'supervisor';
}

/** How many children a supervisor has. All but `active` count those that do not run as well. */
export interface ChildCounts {
  /** All children, whether they run or not. */
  readonly specs: number;
  /** Those that are alive. */
  readonly active: number;
  /** Those that are supervisors. */
  readonly supervisors: number;
  /** Those that are not. */
  readonly workers: number;
}

type Mutable = { -readonly [K in keyof Child]: Child[K] };

export class Children {
  /** In the order in which they came, by their ids; those without one, by themselves. */
  readonly #all = new Map<string | Child, Child>();
  readonly #byPid = new Map<Pid, Child>();
  #significant = 0;

  get size(): number {
    return this.#all.size;
  }

  /** Significant children that run, or will again. */
  get significant(): number {
    return this.#significant;
  }

  [Symbol.iterator](): Iterator<Child> {
    return this.#all.values();
  }

  /** A child that does not run yet. Without an id it is found by its pid alone. */
  add(spec: FullSpec, id: string | undefined): Child {
    const child: Child = { id, spec, pid: undefined, last: undefined };
    this.#all.set(id ?? child, child);
    return child;
  }

  has(child: Child): boolean {
    return this.#all.get(child.id ?? child) === child;
  }

  withId(id: string): Child | undefined {
    return this.#all.get(id);
  }

  /** The child that runs as `pid`, or ran as it last. */
  withPid(pid: Pid): Child | undefined {
    return this.#byPid.get(pid);
  }

  set(child: Child, pid: Child['pid']): void {
    const before = child.pid;
    if (child.spec.significant)
      this.#significant += Number(pid !== undefined) - Number(before !== undefined);
    (child as Mutable).pid = pid;
    if (typeof pid !== 'object') return;
    const { last } = child;
    (child as Mutable).last = pid;
    this.#byPid.set(pid, child);
    // After the other has come: a map that has become empty is made anew.
    if (last !== undefined) this.#byPid.delete(last);
    if (child.spec.restart === 'temporary') this.#dropArguments(child);
  }

  delete(child: Child): void {
    this.set(child, undefined);
    this.#all.delete(child.id ?? child);
    if (child.last !== undefined) this.#byPid.delete(child.last);
  }

  /** The newest first, as in OTP. */
  list(): ListedChild[] {
    const all: ListedChild[] = [];
    for (const { id, pid, spec } of this.#all.values()) all.push({ id, pid, type: spec.type });
    return all.reverse();
  }

  count(isAlive: (pid: Pid) => boolean): ChildCounts {
    let active = 0;
    let supervisors = 0;
    for (const { pid, spec } of this.#all.values()) {
      if (typeof pid === 'object' && isAlive(pid)) active++;
      if (spec.type === 'supervisor') supervisors++;
    }
    return { specs: this.size, active, supervisors, workers: this.size - supervisors };
  }

  /** It is never started again, and its arguments may be large. */
  #dropArguments(child: Mutable): void {
    if (child.spec.args.length > 0) child.spec = { ...child.spec, args: [] };
  }
}
