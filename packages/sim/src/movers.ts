/** Who can step now, and since when. */

import type { Clocks } from './clocks.ts';
import { type FaultMovers, isFault } from './fault-movers.ts';
import { type Labels, NEVER, type Place, sortByPlace } from './labels.ts';
import type { Sites } from './sites.ts';

/** Nothing happens any more, though a fault could come still. */
export const END = '~end';

const NOBODY: readonly string[] = [];

export class Movers {
  /** Actors by place before all others. */
  now: readonly string[] = NOBODY;
  /** Who stepped last. */
  last: string | undefined;
  readonly #labels: Labels;
  readonly #sites: Sites;
  readonly #clocks: Clocks;
  /** Undefined if there are none. */
  readonly #faults: FaultMovers | undefined;
  /** The actors among them, and those of the look before; used in turns. */
  #places: Place[] = [];
  #before: Place[] = [];
  /** The others of the look before. */
  #othersBefore = NOBODY;
  /** Used again at each look. */
  readonly #others: string[] = [];
  #looks = 0;
  /** Of who is no actor, the step after which it could step; kept while it can. Made by the first. */
  #enabledBy: Map<string, number> | undefined;

  constructor(labels: Labels, sites: Sites, clocks: Clocks, faults: FaultMovers | undefined) {
    this.#labels = labels;
    this.#sites = sites;
    this.#clocks = clocks;
    this.#faults = faults;
  }

  /** Nobody can step but a fault. */
  get areQuiet(): boolean {
    return this.now.length === 0 || this.now[0] === END;
  }

  /** Who stepped last can step again. */
  get couldGoOn(): boolean {
    const { last, now } = this;
    return last !== undefined && now.includes(last) && (now[0] === last || !isFault(last));
  }

  /** As a schedule numbers them: who ran last, if it can, or else the first by place, and then the others. */
  inOrder(): readonly string[] {
    const { last, now } = this;
    if (last === undefined || now[0] === last || !this.couldGoOn) return now;
    return [last, ...now.filter((mover) => mover !== last)];
  }

  /** Its number in that order; -1 if it cannot step. */
  indexOf(mover: string): number {
    const { last, now } = this;
    const at = now.indexOf(mover);
    if (last === undefined || !this.couldGoOn) return at;
    if (mover === last) return 0;
    return at >= 0 && at < now.indexOf(last) ? at + 1 : at;
  }

  /** In that order. */
  others(mover: string): readonly string[] {
    return this.inOrder().filter((other) => other !== mover && other !== END);
  }

  enabledBy(mover: string): number {
    const since = this.#labels.at(mover)?.since ?? this.#enabledBy?.get(mover);
    return since === undefined || since === NEVER ? -1 : since;
  }

  /** What it could do now will be something else. */
  forget(mover: string): void {
    const place = this.#labels.at(mover);
    if (place !== undefined) place.since = NEVER;
    else this.#enabledBy?.delete(mover);
    // A crash at the next receive is another one.
    if (this.#faults === undefined || place === undefined) return;
    for (const other of this.now)
      if (isFault(other) && this.#faults.crashing(other)?.path === mover)
        this.#enabledBy?.delete(other);
  }

  /** Looks again, after step `n`. */
  look(n: number): void {
    this.#othersBefore = this.#othersNow();
    this.#lookAtActors(n);
    const others = this.#others;
    others.length = 0;
    for (const { lane, mover, to } of this.#sites.ways)
      if (lane.underWay > 0 && to.stall === undefined) others.push(mover);
    this.#clocks.addTo(others, this.#places.length > 0);
    if (this.#faults !== undefined) this.#addFaults(this.#faults, others);
    if (others.length > 0 || this.#enabledBy !== undefined) this.#keep(others, n);
    if (others.length === 0 && this.#areAsBefore()) return;
    const movers = this.#places.map(({ path }) => path);
    for (const mover of others) movers.push(mover);
    this.now = movers;
  }

  /** Who could step before step `n` of `mover`, and cannot any more as it could. */
  disabled(mover: string, n: number): readonly string[] {
    let gone = NOBODY;
    for (const { path, since } of this.#before)
      if (path !== mover && (since === NEVER || since === n)) gone = [...gone, path];
    for (const other of this.#othersBefore) {
      const since = this.#enabledBy?.get(other);
      const isGone = since === undefined || since === n;
      if (other !== mover && other !== END && isGone) gone = [...gone, other];
    }
    return gone;
  }

  #lookAtActors(n: number): void {
    const actors = this.#before;
    this.#before = this.#places;
    this.#places = actors;
    actors.length = 0;
    for (const { control, stall } of this.#sites.all) {
      if (stall !== undefined) continue;
      for (const pid of control.runnable()) {
        const place = this.#labels.of(pid);
        if (place !== undefined) actors.push(place);
      }
    }
    sortByPlace(actors);
    const look = ++this.#looks;
    for (const place of actors) {
      place.ableAt = look;
      if (place.since === NEVER) place.since = n;
    }
    for (const place of this.#before) if (place.ableAt !== look) place.since = NEVER;
  }

  #addFaults(its: FaultMovers, others: string[]): void {
    const able = new Set(others);
    for (const { path } of this.#places) able.add(path);
    const faults = its.able(able);
    if (able.size === 0 && faults.length > 0) others.push(END);
    others.push(...faults);
  }

  #keep(others: readonly string[], n: number): void {
    this.#enabledBy ??= new Map();
    const enabledBy = this.#enabledBy;
    for (const mover of enabledBy.keys()) if (!others.includes(mover)) enabledBy.delete(mover);
    for (const mover of others) if (!enabledBy.has(mover)) enabledBy.set(mover, n);
  }

  /** Nobody but actors, and the same. */
  #areAsBefore(): boolean {
    const { now } = this;
    if (now.length !== this.#places.length) return false;
    for (let i = 0; i < now.length; i++) if (now[i] !== this.#places[i]?.path) return false;
    return true;
  }

  #othersNow(): readonly string[] {
    const actors = this.#places.length;
    return this.now.length === actors ? NOBODY : this.now.slice(actors);
  }
}
