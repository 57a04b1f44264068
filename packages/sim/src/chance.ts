/** Runs of chance, from a seed: each step anew, or by priorities of those who step. */

import { randomly } from './random.ts';
import type { Chooser, Strategy } from './strategy.ts';
import type { World } from './world.ts';

type Chance = (below: number) => number;

/** Has no end. */
abstract class OfChance implements Strategy {
  readonly isComplete = false;
  protected readonly chance: Chance;

  constructor(seed: number) {
    this.chance = randomly(seed);
  }

  abstract begin(): Chooser;

  ended(_world: World, _isWhole: boolean): void {}
}

/** Each step anew. */
export class Random extends OfChance {
  begin(): Chooser {
    return randomChooser(this.chance);
  }
}

/** One run of a seed. */
export function randomChooser(chance: Chance): Chooser {
  return {
    next: ({ movers }) => movers[chance(movers.length)],
    pick: (count) => chance(count),
  };
}

/** Random priorities, and `depth` − 1 changes at steps of chance: whoever steps there comes last from then on (PCT). */
export class Pct extends OfChance implements Chooser {
  readonly #depth: number;
  readonly #priorities = new Map<string, number>();
  /** Steps at which whoever is first becomes last. */
  readonly #changes = new Set<number>();
  /** Of the longest run so far: where changes may be. */
  #length = 20;

  constructor(seed: number, depth: number) {
    super(seed);
    this.#depth = depth;
  }

  begin(): Chooser {
    this.#changes.clear();
    for (let i = 1; i < this.#depth; i++) this.#changes.add(this.chance(this.#length));
    this.#priorities.clear();
    return this;
  }

  next({ movers, steps }: World): string | undefined {
    const first = highest(movers, this.#priorities, this.chance);
    if (first === undefined || !this.#changes.has(steps.length)) return first;
    // Below all: those that were changed before are lower still.
    this.#priorities.set(first, -steps.length);
    return highest(movers, this.#priorities, this.chance);
  }

  pick(count: number): number {
    return this.chance(count);
  }

  override ended({ steps }: World): void {
    if (steps.length > this.#length) this.#length = steps.length;
  }
}

/** Random priorities of steps, anew after each race: whoever was used by a step is to draw again (POS). */
export class Pos extends OfChance implements Chooser {
  readonly #priorities = new Map<string, number>();

  begin(): Chooser {
    this.#priorities.clear();
    return this;
  }

  next(world: World): string | undefined {
    const last = world.steps.at(-1);
    if (last !== undefined) {
      this.#priorities.delete(last.by);
      for (const mover of world.movers) {
        const isActor = world.labels.at(mover) !== undefined;
        if (isActor && last.touches.has(world.things.ofActor(mover), -1))
          this.#priorities.delete(mover);
      }
    }
    return highest(world.movers, this.#priorities, this.chance);
  }

  pick(count: number): number {
    return this.chance(count);
  }
}

function highest(
  movers: readonly string[],
  priorities: Map<string, number>,
  chance: Chance,
): string | undefined {
  let best: string | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const mover of movers) {
    let priority = priorities.get(mover);
    if (priority === undefined) {
      priority = chance(2 ** 30) + 1;
      priorities.set(mover, priority);
    }
    if (priority > most) {
      best = mover;
      most = priority;
    }
  }
  return best;
}
