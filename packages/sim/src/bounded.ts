/** All schedules with at most so many departures from the calmest one, those with fewer first. */

import { isFault } from './fault-movers.ts';
import { byPlace } from './labels.ts';
import type { Chooser, Strategy } from './strategy.ts';
import type { World } from './world.ts';

/** A schedule that has been planned: departures of another one up to a place, and there one of its own. */
interface Planned {
  readonly departures: readonly number[];
  readonly cost: number;
}

/**
 * Here the others are those that come after whoever ran last, and then from the front again, so that one departure
 * brings somebody forward for more than a step (Emmi, Qadeer and Rakamarić).
 */
export class Bounded implements Strategy, Chooser {
  readonly #bound: number;
  readonly #costOf: (departure: number) => number;
  /** By cost, and of one cost those that were planned first. */
  readonly #planned: Planned[][] = [[{ departures: [], cost: 0 }]];
  #cost = 0;
  #current: Planned = { departures: [], cost: 0 };
  /** Of the run that goes on: what was taken at each choice, of how many. */
  #taken: { readonly departure: number; readonly count: number }[] = [];
  #isCut = false;

  /** `kind`: to take the n-th of the others costs n delays, or one switch. */
  constructor(bound: number, kind: 'delays' | 'switches') {
    this.#bound = bound;
    this.#costOf = kind === 'delays' ? (departure) => departure : () => 1;
  }

  /** Nothing was left out because it had too many departures. */
  get isComplete(): boolean {
    return !this.#isCut && this.#cost > this.#bound;
  }

  begin(): Chooser | undefined {
    for (; this.#cost <= this.#bound; this.#cost++) {
      const next = this.#planned[this.#cost]?.shift();
      if (next === undefined) continue;
      this.#current = next;
      this.#taken = [];
      return this;
    }
    return undefined;
  }

  next(world: World): string | undefined {
    const order = inTurn(world);
    return order[this.pick(order.length)];
  }

  pick(count: number): number {
    const departure = (this.#current.departures[this.#taken.length] ?? 0) % count;
    this.#taken.push({ departure, count });
    return departure;
  }

  ended(world: World): void {
    const { departures, cost } = this.#current;
    if (!world.isOver && !world.isQuiet) this.#isCut = true;
    const made = this.#taken.map(({ departure }) => departure);
    for (let at = departures.length; at < made.length; at++) {
      const count = this.#taken[at]?.count ?? 0;
      for (let departure = 1; departure < count; departure++) {
        const total = cost + this.#costOf(departure);
        if (total > this.#bound) {
          this.#isCut = true;
          break;
        }
        this.#planned[total] ??= [];
        this.#planned[total]?.push({ departures: [...made.slice(0, at), departure], cost: total });
      }
    }
  }
}

/** Who ran last, if it can, and then those behind it; faults, and the end, stand where they do. */
function inTurn({ movers, last, labels }: World): readonly string[] {
  const isInTurn = last !== undefined && !isFault(last) && labels.at(last) !== undefined;
  if (!isInTurn || movers.length < 2) return movers;
  const actors = movers.filter((mover) => labels.at(mover) !== undefined);
  const at = actors.findIndex((mover) => mover === last || isBehind(labels, mover, last));
  if (at <= 0) return movers;
  return [...actors.slice(at), ...actors.slice(0, at), ...movers.slice(actors.length)];
}

function isBehind(labels: World['labels'], mover: string, last: string): boolean {
  const [one, other] = [labels.at(mover), labels.at(last)];
  return one !== undefined && other !== undefined && byPlace(one, other) > 0;
}
