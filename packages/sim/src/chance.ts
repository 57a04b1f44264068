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
export class Pct extends OfChance {
  readonly #depth: number;
  /** Of the longest run so far: where changes may be. */
  #length = 20;

  constructor(seed: number, depth: number) {
    super(seed);
    this.#depth = depth;
  }

  begin(): Chooser {
    const { chance } = this;
    const priorities = new Map<string, number>();
    const changes = new Set<number>();
    for (let i = 1; i < this.#depth; i++) changes.add(chance(this.#length));
    return {
      next: ({ movers, steps }) => {
        const first = highest(movers, priorities, chance);
        if (first === undefined || !changes.has(steps.length)) return first;
        // Below all: those that were changed before are lower still.
        priorities.set(first, -steps.length);
        return highest(movers, priorities, chance);
      },
      pick: (count) => chance(count),
    };
  }

  override ended({ steps }: World): void {
    if (steps.length > this.#length) this.#length = steps.length;
  }
}

/** Random priorities of steps, anew after each race: whoever was used by a step is to draw again (POS). */
export class Pos extends OfChance {
  begin(): Chooser {
    const { chance } = this;
    const priorities = new Map<string, number>();
    return {
      next(world) {
        const last = world.steps.at(-1);
        if (last !== undefined) {
          priorities.delete(last.by);
          for (const mover of world.movers) {
            const place = world.labels.at(mover);
            const thing = place === undefined ? undefined : world.things.ofActor(mover);
            if (thing !== undefined && last.touches.has(thing, -1)) priorities.delete(mover);
          }
        }
        return highest(world.movers, priorities, chance);
      },
      pick: (count) => chance(count),
    };
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
