/** All schedules with at most so many departures from the calmest one, those with fewer first. */

import type { Chooser, Strategy } from './strategy.ts';
import type { World } from './world.ts';

/** A schedule that has been planned: the numbers of another one up to a place, and there a number of its own. */
interface Planned {
  readonly numbers: readonly number[];
  readonly cost: number;
}

export class Bounded implements Strategy, Chooser {
  readonly #bound: number;
  readonly #costOf: (index: number) => number;
  /** By cost. */
  readonly #planned: Planned[][] = [[{ numbers: [], cost: 0 }]];
  #cost = 0;
  #current: Planned = { numbers: [], cost: 0 };
  #at = 0;
  #isCut = false;

  /** `kind`: to take the n-th of the others costs n delays, or one switch. */
  constructor(bound: number, kind: 'delays' | 'switches') {
    this.#bound = bound;
    this.#costOf = kind === 'delays' ? (index) => index : () => 1;
  }

  /** Nothing was left out because it had too many departures. */
  get isComplete(): boolean {
    return !this.#isCut && this.#cost > this.#bound;
  }

  begin(): Chooser | undefined {
    for (; this.#cost <= this.#bound; this.#cost++) {
      const next = this.#planned[this.#cost]?.pop();
      if (next === undefined) continue;
      this.#current = next;
      this.#at = 0;
      return this;
    }
    return undefined;
  }

  next(world: World): string | undefined {
    const order = world.inOrder();
    return order[this.pick(order.length)];
  }

  pick(count: number): number {
    return (this.#current.numbers[this.#at++] ?? 0) % count;
  }

  ended(world: World): void {
    const { numbers, cost } = this.#current;
    const made = world.choices.map(({ index }) => index);
    if (!world.isOver && !world.isQuiet) this.#isCut = true;
    for (let at = world.choices.length - 1; at >= numbers.length; at--) {
      for (let index = 1; index < (world.choices[at]?.count ?? 0); index++) {
        const total = cost + this.#costOf(index);
        if (total > this.#bound) {
          this.#isCut = true;
          break;
        }
        this.#plan({ numbers: [...made.slice(0, at), index], cost: total });
      }
    }
  }

  /** Those of one cost are taken from the last on, so the earliest departure comes first. */
  #plan(planned: Planned): void {
    this.#planned[planned.cost] ??= [];
    this.#planned[planned.cost]?.push(planned);
  }
}
