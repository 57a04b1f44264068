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
  /** Neighbours in the order of their start. */
  readonly older: Child | undefined;
  readonly newer: Child | undefined;
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
  /** The ends of a list through the children, which costs less than a map of those that have no id. */
  #oldest: Child | undefined = undefined;
  #newest: Child | undefined = undefined;
  /** Each made by the first that is looked for in it: who is only started and stopped is never. */
  #byId: Map<string, Child> | undefined = undefined;
  #byPid: Map<Pid, Child> | undefined = undefined;
  #size = 0;
  #significant = 0;

  get size(): number {
    return this.#size;
  }

  /** Significant children that run, or will again. */
  get significant(): number {
    return this.#significant;
  }

  /** In the order in which they came. */
  *[Symbol.iterator](): Generator<Child, void> {
    for (let child = this.#oldest; child !== undefined; child = child.newer) yield child;
  }

  /** A child that does not run yet. Without an id it is found by its pid alone. */
  add(spec: FullSpec, id: string | undefined): Child {
    const older = this.#newest;
    const child: Child = { id, spec, pid: undefined, last: undefined, older, newer: undefined };
    if (older === undefined) this.#oldest = child;
    else (older as Mutable).newer = child;
    this.#newest = child;
    this.#size++;
    if (id !== undefined) this.#byId?.set(id, child);
    return child;
  }

  has(child: Child): boolean {
    return child.older !== undefined || this.#oldest === child;
  }

  withId(id: string): Child | undefined {
    this.#byId ??= mapOf(this, 'id');
    return this.#byId.get(id);
  }

  /** The child that runs as `pid`, or ran as it last. */
  withPid(pid: Pid): Child | undefined {
    this.#byPid ??= mapOf(this, 'last');
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
    this.#byPid?.set(pid, child);
    // After the other has come: a map that has become empty is made anew.
    if (last !== undefined) this.#byPid?.delete(last);
    if (child.spec.restart === 'temporary') this.#dropArguments(child);
  }

  delete(child: Child): void {
    if (!this.has(child)) return;
    this.set(child, undefined);
    this.#leave(child);
    if (child.id !== undefined) this.#byId?.delete(child.id);
    if (child.last !== undefined) this.#byPid?.delete(child.last);
  }

  #leave(child: Mutable): void {
    const { older, newer } = child;
    if (older === undefined) this.#oldest = newer;
    else (older as Mutable).newer = newer;
    if (newer === undefined) this.#newest = older;
    else (newer as Mutable).older = older;
    child.older = child.newer = undefined;
    this.#size--;
  }

  /** The newest first, as in OTP. */
  list(): ListedChild[] {
    const all: ListedChild[] = [];
    for (let child = this.#newest; child !== undefined; child = child.older)
      all.push({ id: child.id, pid: child.pid, type: child.spec.type });
    return all;
  }

  count(isAlive: (pid: Pid) => boolean): ChildCounts {
    let active = 0;
    let supervisors = 0;
    for (const { pid, spec } of this) {
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

function mapOf<K extends 'id' | 'last'>(
  children: Iterable<Child>,
  key: K,
): Map<NonNullable<Child[K]>, Child> {
  const map = new Map<NonNullable<Child[K]>, Child>();
  for (const child of children) if (child[key] !== undefined) map.set(child[key], child);
  return map;
}
