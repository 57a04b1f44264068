/** A race is run under every schedule that there is, or, where they are too many, under some, each from a seed of its own. */

import type { Decisions, SystemOptions } from 'beamish';
import { generator, SEED, type TestSystem, testSystem } from 'beamish/testing';

/** The seeds of `count` schedules, as a table for tests. */
export function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, i) => SEED + i);
}

/**
 * Runs `scene` once for every order in which actors can take their turns, each of one receive. There have to be
 * `count` of them: with more, something can happen that could not before. What it throws names the choices that led there.
 */
export async function everySchedule(
  count: number,
  scene: (system: TestSystem) => Promise<void>,
  options: SystemOptions = {},
): Promise<void> {
  let schedules = 0;
  for (let next: readonly number[] | undefined = []; next !== undefined; schedules++) {
    const choices = new Choices(next);
    try {
      await scene(testSystem({ ...options, decisions: choices }));
    } catch (error) {
      if (error instanceof Error) error.message = `Schedule ${choices}: ${error.message}`;
      throw error;
    }
    if (schedules >= count) throw new Error(`There are more than ${count} schedules: ${choices}`);
    next = choices.next();
  }
  if (schedules < count) throw new Error(`There are ${schedules} schedules, not ${count}`);
}

/** What is chosen as it is said, and from there on always the first; turns are as short as can be. */
class Choices implements Decisions {
  readonly random = generator(SEED);
  readonly #said: readonly number[];
  readonly #made: { readonly chosen: number; readonly count: number }[] = [];

  constructor(said: readonly number[]) {
    this.#said = said;
  }

  choose = (count: number): number => {
    const chosen = this.#said[this.#made.length] ?? 0;
    this.#made.push({ chosen, count });
    return chosen;
  };

  budget = (): number => 0;

  incarnation(): number {
    return 1;
  }

  /** What is to be chosen for the next schedule; undefined after the last. */
  next(): readonly number[] | undefined {
    const at = this.#made.findLastIndex(({ chosen, count }) => chosen + 1 < count);
    if (at < 0) return undefined;
    const before = this.#made.slice(0, at).map(({ chosen }) => chosen);
    return [...before, (this.#made[at]?.chosen ?? 0) + 1];
  }

  toString(): string {
    return `[${this.#made.map(({ chosen }) => chosen).join(' ')}]`;
  }
}

/** Runs `scene` on `count` systems, one after the other, of more schedules than can be run; what it throws names the seed that replays it. */
export async function underSchedules(
  count: number,
  scene: (system: TestSystem) => Promise<void>,
  options: SystemOptions = {},
): Promise<void> {
  for (const seed of seeds(count)) {
    try {
      await scene(testSystem({ ...options, seed }));
    } catch (error) {
      if (error instanceof Error) error.message = `BEAMISH_SEED=${seed}: ${error.message}`;
      throw error;
    }
  }
}
