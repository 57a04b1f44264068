/** Who can step now, and since when. */

import type { Clocks } from './clocks.ts';
import { type FaultMovers, isFault } from './fault-movers.ts';
import { type Labels, type Place, sortByPlace } from './labels.ts';
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
  /** Of who can step; used again at each look. */
  readonly #places: Place[] = [];
  /** By mover, the step after which it could step; kept while it can. */
  readonly #enabledBy = new Map<string, number>();

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
    const at = this.now.indexOf(mover);
    if (mover === this.last && this.couldGoOn) return 0;
    const isBehind = this.couldGoOn && at >= 0 && at < this.now.indexOf(this.last as string);
    return isBehind ? at + 1 : at;
  }

  /** In that order. */
  others(mover: string): readonly string[] {
    return this.inOrder().filter((other) => other !== mover && other !== END);
  }

  enabledBy(mover: string): number {
    return this.#enabledBy.get(mover) ?? -1;
  }

  /** What it could do now will be something else. */
  forget(mover: string): void {
    this.#enabledBy.delete(mover);
    // A crash at the next receive is another one.
    if (this.#faults === undefined || mover.startsWith('~')) return;
    for (const other of this.now)
      if (isFault(other) && this.#faults.crashing(other)?.path === mover)
        this.#enabledBy.delete(other);
  }

  /** Looks again, after step `n`. */
  look(n: number): void {
    const movers = this.#actors();
    for (const { lane, mover, to } of this.#sites.ways)
      if (lane.underWay > 0 && to.stall === undefined) movers.push(mover);
    this.#clocks.addTo(movers);
    if (this.#faults !== undefined) {
      const faults = this.#faults.able(new Set(movers));
      if (movers.length === 0 && faults.length > 0) movers.push(END);
      movers.push(...faults);
    }
    const enabledBy = this.#enabledBy;
    for (const mover of enabledBy.keys()) if (!movers.includes(mover)) enabledBy.delete(mover);
    for (const mover of movers) if (!enabledBy.has(mover)) enabledBy.set(mover, n);
    this.now = movers;
  }

  /** Who could step before step `n` of `mover`, and cannot any more as it could. */
  disabled(before: readonly string[], mover: string, n: number): readonly string[] {
    if (before.length === 1) return NOBODY;
    const gone = before.filter((other) => {
      const since = this.#enabledBy.get(other);
      return other !== mover && other !== END && (since === undefined || since === n);
    });
    return gone.length === 0 ? NOBODY : gone;
  }

  #actors(): string[] {
    const actors = this.#places;
    actors.length = 0;
    for (const { control, stall } of this.#sites.all) {
      if (stall !== undefined) continue;
      for (const pid of control.runnable()) {
        const place = this.#labels.of(pid);
        if (place !== undefined) actors.push(place);
      }
    }
    sortByPlace(actors);
    return actors.map(({ path }) => path);
  }
}
