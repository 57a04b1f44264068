/**
 * Who is who, the same in every schedule: an actor is known by its place, the n-th child of its parent.
 * Serials depend on the order of spawning, and tell nothing.
 */

import type { Pid } from 'beamish';

/** The place of the scenario, whose children are `1`, `2` and so on, theirs `1.1`. */
export const SCENARIO = '';

/** The first system of each run. */
export const MAIN = 'main';

/** One actor, or the root of a system. */
export interface Place {
  readonly path: string;
  /** The path in numbers: places are in their order. */
  readonly numbers: readonly number[];
  readonly pid: Pid;
  /** Client name, or the name of its body. */
  called: string;
  /** Which of its parent's children of that name it is. */
  readonly ordinal: number;
  readonly parent: Place | undefined;
  children: number;
  /** Children by the names of their bodies. */
  readonly bodies: Map<string, number>;
  readonly isClient: boolean;
  /** That it is registered under, or was last. */
  name: string | undefined;
  hasBegun: boolean;
  /** Its mailbox has a limit, or had when it was alive. */
  isBounded: boolean;
  /** It is dead, or about to end. */
  isOver: boolean;
}

export class Labels {
  readonly #places = new Map<Pid, Place>();
  readonly #byPath = new Map<string, Place>();
  /** Who has a name now, by system and name. */
  readonly #holders = new Map<string, Place>();
  /** Actors by what else they are known by: a copy of a pid, from another system. */
  readonly #copies = new Map<string, Place>();
  /** What the next child that is spawned is called. */
  nextClient: string | undefined;

  /** Of each actor, in order of being spawned. */
  get all(): Iterable<Place> {
    return this.#places.values();
  }

  /** The root of a system, whose children are `far:1` and so on. */
  addRoot(pid: Pid, system: string, number: number): void {
    this.#add(placeOf(pid, `${system}:`, [number], system, undefined, 1, true));
  }

  addScenario(pid: Pid): void {
    this.#add(placeOf(pid, SCENARIO, [], 'scenario', undefined, 1, true));
  }

  /** An actor was spawned, or is known by its code now. */
  spawned(pid: Pid, parent: Pid, body: string): Place | undefined {
    const known = this.#places.get(pid);
    if (known !== undefined) {
      known.called = body;
      return undefined;
    }
    const up = this.of(parent);
    if (up === undefined) return undefined;
    const client = this.nextClient;
    this.nextClient = undefined;
    const called = client ?? body;
    const ordinal = (up.bodies.get(called) ?? 0) + 1;
    up.bodies.set(called, ordinal);
    const n = ++up.children;
    const isFirst = up.path === SCENARIO || up.path.endsWith(':');
    const path = isFirst ? `${up.path}${n}` : `${up.path}.${n}`;
    const numbers = [...up.numbers, n];
    return this.#add(placeOf(pid, path, numbers, called, up, ordinal, client !== undefined));
  }

  #add(place: Place): Place {
    this.#places.set(place.pid, place);
    this.#byPath.set(place.path, place);
    return place;
  }

  of(pid: Pid): Place | undefined {
    const known = this.#places.get(pid);
    if (known !== undefined) return known;
    const key = keyOf(pid);
    let place = this.#copies.get(key);
    if (place === undefined) {
      place = [...this.#places.values()].find((each) => keyOf(each.pid) === key);
      if (place !== undefined) this.#copies.set(key, place);
    }
    return place;
  }

  /** A name was given, or is free. */
  named(system: string, name: string, pid: Pid | undefined): void {
    const place = pid === undefined ? undefined : this.of(pid);
    if (place === undefined) this.#holders.delete(`${system} ${name}`);
    else {
      place.name = name;
      this.#holders.set(`${system} ${name}`, place);
    }
  }

  /** Whether it has the name that it is called by. */
  hasName({ pid, name }: Place, its: string): boolean {
    return name === its && this.#holders.get(`${pid.system} ${its}`)?.pid === pid;
  }

  /** Not the root of a system, which stands for the outside. */
  isActor(pid: Pid): boolean {
    const place = this.of(pid);
    return place !== undefined && !place.path.endsWith(':');
  }

  /** Of all actors, in order of being spawned, what they are called. */
  ofActors(): readonly string[] {
    const actors = [...this.#places.values()].filter(({ pid }) => this.isActor(pid));
    return actors.map((place) => this.labelOfPlace(place));
  }

  at(path: string): Place | undefined {
    return this.#byPath.get(path);
  }

  pathOf(pid: Pid): string {
    return this.of(pid)?.path ?? String(pid);
  }

  labelOf(pid: Pid): string {
    const place = this.of(pid);
    return place === undefined ? String(pid) : this.labelOfPlace(place);
  }

  labelOfPath(path: string): string {
    const place = this.#byPath.get(path);
    return place === undefined ? path : this.labelOfPlace(place);
  }

  /** For people: a registered name, the name of a client, or the body's name, with a number if there are several. */
  labelOfPlace(its: Place): string {
    if (its.name !== undefined) return its.name;
    if (its.isClient) return its.called;
    const many = (its.parent?.bodies.get(its.called) ?? 1) > 1;
    const short = many ? `${its.called} ${its.ordinal}` : its.called;
    for (const other of this.#places.values())
      if (isAlike(its, other)) return `${short} (${its.path})`;
    return short;
  }
}

/** Somebody else's child of the same body: the number says nothing. */
function isAlike(its: Place, other: Place): boolean {
  return (
    other !== its &&
    other.name === undefined &&
    other.called === its.called &&
    other.parent !== its.parent
  );
}

function keyOf({ system, incarnation, serial }: Pid): string {
  return `${system} ${incarnation} ${serial}`;
}

function placeOf(
  pid: Pid,
  path: string,
  numbers: readonly number[],
  called: string,
  parent: Place | undefined,
  ordinal: number,
  isClient: boolean,
): Place {
  return {
    path,
    numbers,
    pid,
    called,
    ordinal,
    parent,
    children: 0,
    bodies: new Map(),
    isClient,
    name: undefined,
    hasBegun: false,
    isBounded: false,
    isOver: false,
  };
}

/** Compares places as people would number them: `1.2` before `1.10`; other systems come last. */
export function byPlace({ numbers: a }: Place, { numbers: b }: Place): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = (a[i] as number) - (b[i] as number);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const FEW = 16;

/** In place. Few are nearly in order, and the host's sort makes lists of its own. */
export function sortByPlace(places: Place[]): void {
  if (places.length > FEW) {
    places.sort(byPlace);
    return;
  }
  for (let i = 1; i < places.length; i++) {
    const place = places[i] as Place;
    let at = i;
    for (; at > 0 && byPlace(places[at - 1] as Place, place) > 0; at--)
      places[at] = places[at - 1] as Place;
    places[at] = place;
  }
}
