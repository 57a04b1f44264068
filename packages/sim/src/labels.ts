/**
 * Who is who, the same in every schedule: an actor is known by its place, the n-th child of its parent.
 * Serials depend on the order of spawning, and tell nothing.
 */

import type { ExitReason, Pid } from 'beamish';
import type { Things } from './touches.ts';

/** The place of the scenario, whose children are `1`, `2` and so on, theirs `1.1`. */
export const SCENARIO = '';

/** The first system of each run. */
export const MAIN = 'main';

/** To whom an actor has sent last, and what. */
export interface LastSent {
  readonly to: Pid;
  readonly tag: string | undefined;
}

/** One actor, or the root of a system, and what a run knows of it. */
export interface Place {
  readonly path: string;
  /** The path in numbers: places are in their order. */
  readonly numbers: readonly number[];
  readonly pid: Pid;
  /** As a thing that steps use. */
  readonly thing: number;
  /** Client name, or the name of its body. */
  called: string;
  /** Which of its parent's children of that name it is. */
  readonly ordinal: number;
  readonly parent: Place | undefined;
  children: number;
  /** Children by the names of their bodies; made by the first. */
  bodies: Map<string, number> | undefined;
  readonly isClient: boolean;
  /** That it is registered under, or was last. */
  name: string | undefined;
  hasBegun: boolean;
  /** Its mailbox has a limit, or had when it was alive. */
  isBounded: boolean;
  /** It is dead, or about to end. */
  isOver: boolean;
  /** That it has ended, and why. */
  end: { readonly reason: ExitReason } | undefined;
  /** Its crash is no failure: a fault, or who supervises it, deals with it. */
  mayCrash: boolean;
  lastSent: LastSent | undefined;
  /** Where in its code it began to wait, as an error's stack tells, and where async code of it awaits; of a run that is shown. */
  waitsAt: string | undefined;
  awaitsAt: string | undefined;
  /** The reply that it got last and has not gone on with, and in which step. */
  reply: { readonly value: unknown; readonly step: number } | undefined;
  /** The step after which it could step, kept while it can; `NEVER` while it cannot. Kept by `Movers`, as is the next. */
  since: number;
  /** At which look it could step last. */
  ableAt: number;
}

/** Of no step. */
export const NEVER = -2;

export class Labels {
  /** Of each actor, in order of being spawned. */
  readonly all: Place[] = [];
  readonly #things: Things;
  /** Also by a copy of a pid, from another system. */
  readonly #byPid = new Map<Pid, Place>();
  readonly #byPath = new Map<string, Place>();
  /** Who has a name now, by system and name; made by the first. */
  #holders: Map<string, Place> | undefined;
  /** What the next child that is spawned is called. */
  nextClient: string | undefined;

  constructor(things: Things) {
    this.#things = things;
  }

  /** The root of a system, whose children are `far:1` and so on. */
  addRoot(pid: Pid, system: string, number: number): void {
    this.#add(pid, `${system}:`, [number], system, undefined, 1, true);
  }

  addScenario(pid: Pid): void {
    this.#add(pid, SCENARIO, NO_NUMBERS, 'scenario', undefined, 1, true);
  }

  /** An actor was spawned, or is known by its code now. */
  spawned(pid: Pid, parent: Pid, body: string): Place | undefined {
    const known = this.#byPid.get(pid);
    if (known !== undefined) {
      known.called = body;
      return undefined;
    }
    const up = this.of(parent);
    if (up === undefined) return undefined;
    const client = this.nextClient;
    this.nextClient = undefined;
    const called = client ?? body;
    up.bodies ??= new Map();
    const ordinal = (up.bodies.get(called) ?? 0) + 1;
    up.bodies.set(called, ordinal);
    const n = ++up.children;
    const isFirst = up.path === SCENARIO || up.path.endsWith(':');
    const path = isFirst ? `${up.path}${n}` : `${up.path}.${n}`;
    const numbers = [...up.numbers, n];
    return this.#add(pid, path, numbers, called, up, ordinal, client !== undefined);
  }

  #add(
    pid: Pid,
    path: string,
    numbers: readonly number[],
    called: string,
    parent: Place | undefined,
    ordinal: number,
    isClient: boolean,
  ): Place {
    const place: Place = {
      path,
      numbers,
      pid,
      thing: this.#things.ofActor(path),
      called,
      ordinal,
      parent,
      children: 0,
      bodies: undefined,
      isClient,
      name: undefined,
      hasBegun: false,
      isBounded: false,
      isOver: false,
      end: undefined,
      mayCrash: false,
      lastSent: undefined,
      waitsAt: undefined,
      awaitsAt: undefined,
      reply: undefined,
      since: NEVER,
      ableAt: NEVER,
    };
    this.all.push(place);
    this.#byPid.set(pid, place);
    this.#byPath.set(path, place);
    return place;
  }

  of(pid: Pid): Place | undefined {
    const known = this.#byPid.get(pid);
    if (known !== undefined) return known;
    const place = this.all.find((each) => isSame(each.pid, pid));
    if (place !== undefined) this.#byPid.set(pid, place);
    return place;
  }

  /** An actor as a thing that steps use, whether it has a place or not. */
  thingOf(pid: Pid): number {
    return this.of(pid)?.thing ?? this.#things.ofActor(String(pid));
  }

  /** A name was given, or is free. */
  named(system: string, name: string, pid: Pid | undefined): void {
    const place = pid === undefined ? undefined : this.of(pid);
    if (place === undefined) this.#holders?.delete(`${system} ${name}`);
    else {
      place.name = name;
      this.#holders ??= new Map();
      this.#holders.set(`${system} ${name}`, place);
    }
  }

  /** Whether it has the name that it is called by. */
  hasName({ pid, name }: Place, its: string): boolean {
    return name === its && this.#holders?.get(`${pid.system} ${its}`)?.pid === pid;
  }

  /** Not the root of a system, which stands for the outside. */
  isActor(pid: Pid): boolean {
    const place = this.of(pid);
    return place !== undefined && !place.path.endsWith(':');
  }

  /** Of all actors, in order of being spawned, what they are called. */
  ofActors(): readonly string[] {
    const actors = this.all.filter(({ pid }) => this.isActor(pid));
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
    const many = (its.parent?.bodies?.get(its.called) ?? 1) > 1;
    const short = many ? `${its.called} ${its.ordinal}` : its.called;
    for (const other of this.all) if (isAlike(its, other)) return `${short} (${its.path})`;
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

function isSame(one: Pid, other: Pid): boolean {
  return (
    one.serial === other.serial &&
    one.system === other.system &&
    one.incarnation === other.incarnation
  );
}

const NO_NUMBERS: readonly number[] = [];

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
