/** The strategies by their names. */

import { Bounded } from './bounded.ts';
import { Pct, Pos, Random } from './chance.ts';
import type { ByArrivals } from './dependence.ts';
import { Every } from './every.ts';
import type { Chooser, Strategy } from './strategy.ts';
import type { World } from './world.ts';

/**
 * What tells two schedules apart: the order in which an actor could take messages (default), the order in
 * which they arrive, or anything. All three find the same failures.
 */
export type Exhaustive = 'every' | { readonly every: ByArrivals | 'interleaving' };

/**
 * - `'auto'` (default): the calmest, then `'every'` for half of the budget; if that has not been all, the
 *   rest in turns of `'random'`, `'pos'` and `{ pct: 3 }`.
 * - `'every'`: one run of each class of schedules that no actor can tell apart (DPOR). Ends with all of them.
 * - `'random'`: each step anew. `{ pct: d }`: random priorities, and d − 1 changes. `'pos'`: random priorities, anew after each race.
 * - `{ delays: k }`, `{ switches: k }`: all schedules with at most so many departures from the calmest one; to take the n-th of the others costs n delays.
 */
export type StrategyName =
  | 'auto'
  | Exhaustive
  | 'random'
  | 'pos'
  | { readonly pct: number }
  | { readonly delays: number }
  | { readonly switches: number };

/** `spent` says which part of the budget has been spent, from 0 to 1. */
export function strategyOf(name: StrategyName, seed: number, spent: () => number): Strategy {
  if (name === 'auto') return new Auto(seed, spent);
  if (name === 'every') return new Every('order_taken');
  if (name === 'random') return new Random(seed);
  if (name === 'pos') return new Pos(seed);
  if ('every' in name) return new Every(name.every);
  if ('pct' in name) return new Pct(seed, whole(name.pct, 'pct'));
  if ('delays' in name) return new Bounded(whole(name.delays, 'delays'), 'delays');
  if ('switches' in name) return new Bounded(whole(name.switches, 'switches'), 'switches');
  throw new TypeError(`Cannot explore by ${JSON.stringify(name)}: there is no such strategy`);
}

function whole(number: number, what: string): number {
  if (Number.isInteger(number) && number >= 0) return number;
  throw new RangeError(`Cannot explore with ${number} ${what}: that is a whole number`);
}

/** The first run of `every` is the calmest. */
class Auto implements Strategy {
  readonly #every = new Every('order_taken');
  readonly #others: readonly Strategy[];
  readonly #spent: () => number;
  #turn = 0;
  #current: Strategy = this.#every;

  constructor(seed: number, spent: () => number) {
    this.#spent = spent;
    this.#others = [new Random(seed), new Pos(seed + 1), new Pct(seed + 2, 3)];
  }

  get isComplete(): boolean {
    return this.#every.isComplete;
  }

  begin(): Chooser | undefined {
    if (this.#current === this.#every) {
      if (this.#spent() < HALF) return this.#every.begin();
      // What it has planned shows whether there is more.
      if (!this.#every.hasMore()) return this.#every.begin();
    }
    this.#current = this.#others[this.#turn++ % this.#others.length] as Strategy;
    return this.#current.begin();
  }

  ended(world: World, isWhole: boolean): void {
    this.#current.ended(world, isWhole);
  }
}

const HALF = 0.5;
