/** A race is run under many schedules, each from a seed of its own. */

import type { SystemOptions } from 'beamish';
import { SEED, type TestSystem, testSystem } from 'beamish/testing';

/** The seeds of `count` schedules, as a table for tests. */
export function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, i) => SEED + i);
}

/** Runs `scene` on `count` systems, one after the other; what it throws names the seed that replays it. */
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
