/**
 * Who is who, the same in every schedule: an actor is known by its place, the n-th child of its parent.
 * Serials depend on the order of spawning, and tell nothing.
 */

import type { Pid } from 'beamish';

/** The place of the scenario, whose children are `1`, `2` and so on, theirs `1.1`. */
export const SCENARIO = '';

interface Place {
  readonly path: string;
  /** Client name, or the name of its body. */
  readonly called: string;
  /** Which of its parent's children of that name it is. */
  readonly ordinal: number;
  readonly parent: Place | undefined;
  children: number;
  /** Children by the names of their bodies. */
  readonly bodies: Map<string, number>;
  isClient: boolean;
  /** That it is registered under, or was last. */
  name: string | undefined;
}

export class Labels {
  readonly #places = new Map<Pid, Place>();
  /** What the next child that is spawned is called. */
  nextClient: string | undefined;

  /** An actor was spawned. `system` is the name of its system, if that is not the first one. */
  spawned(pid: Pid, parent: Pid, body: string, system: string): void {
    const known = this.#places.get(pid);
    if (known !== undefined) return;
    const up = this.#places.get(parent);
    const client = this.nextClient;
    this.nextClient = undefined;
    this.#places.set(pid, place(up, client ?? body, client !== undefined, system));
  }

  /** The scenario, or the root of a system. */
  add(pid: Pid, path: string, called: string): void {
    this.#places.set(pid, { ...place(undefined, called, true, ''), path });
  }

  named(pid: Pid, name: string): void {
    const its = this.#places.get(pid);
    if (its !== undefined) its.name = name;
  }

  has(pid: Pid): boolean {
    return this.#places.has(pid);
  }

  pathOf(pid: Pid): string {
    return this.#places.get(pid)?.path ?? String(pid);
  }

  labelOfPath(path: string): string {
    for (const [pid, place] of this.#places) if (place.path === path) return this.labelOf(pid);
    return path;
  }

  /** For people: a registered name, the name of a client, or the body's name, with a number if there are several. */
  labelOf(pid: Pid): string {
    const its = this.#places.get(pid);
    if (its === undefined) return String(pid);
    if (its.name !== undefined) return its.name;
    if (its.isClient) return its.called;
    const many = (its.parent?.bodies.get(its.called) ?? 1) > 1;
    const short = many ? `${its.called} ${its.ordinal}` : its.called;
    const isOnly = [...this.#places.values()].every(
      (other) =>
        other === its ||
        other.name !== undefined ||
        other.called !== its.called ||
        other.parent === its.parent,
    );
    return isOnly ? short : `${short} (${its.path})`;
  }
}

function place(
  parent: Place | undefined,
  called: string,
  isClient: boolean,
  system: string,
): Place {
  const ordinal = (parent?.bodies.get(called) ?? 0) + 1;
  parent?.bodies.set(called, ordinal);
  const n = parent === undefined ? 0 : ++parent.children;
  const up = parent?.path ?? '';
  const path = up === SCENARIO || up.endsWith(':') ? `${up}${n}` : `${up}.${n}`;
  return {
    path: parent === undefined ? `${system}:` : path,
    called,
    ordinal,
    parent,
    children: 0,
    bodies: new Map(),
    isClient,
    name: undefined,
  };
}

/** Compares places as people would number them: `1.2` before `1.10`. */
export function byPlace(a: string, b: string): number {
  const [x, y] = [a.split('.'), b.split('.')];
  for (let i = 0; i < x.length && i < y.length; i++) {
    const [m, n] = [Number(x[i]), Number(y[i])];
    const order = Number.isNaN(m) || Number.isNaN(n) ? compare(x[i] ?? '', y[i] ?? '') : m - n;
    if (order !== 0) return order;
  }
  return x.length - y.length;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
