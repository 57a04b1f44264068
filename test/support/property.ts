/** Claims that must hold for whatever fast-check thinks of, under whatever schedule. */

import fc from 'fast-check';
import { test } from 'vitest';

/** `BEAMISH_RUNS=10000 npm test -- properties` takes longer and sees more. */
const RUNS = Number(process.env['BEAMISH_RUNS'] ?? 200);
/** A failure prints its seed and path: `BEAMISH_PROPERTY_SEED=1 BEAMISH_PROPERTY_PATH=3:0` replays it. */
const SEED = process.env['BEAMISH_PROPERTY_SEED'];
const PATH = process.env['BEAMISH_PROPERTY_PATH'];
/** More than the slowest takes, with its shrinking. */
const MS_FOR_RUN = 100;

/** Registers a test of `claim`. */
export function property<Ts>(name: string, claim: fc.IAsyncPropertyWithHooks<Ts>): void {
  const parameters: fc.Parameters<Ts> = {
    numRuns: RUNS,
    ...(SEED === undefined ? {} : { seed: Number(SEED) }),
    ...(PATH === undefined ? {} : { path: PATH }),
  };
  test(name, () => fc.assert(claim, parameters), 30_000 + RUNS * MS_FOR_RUN);
}

/** A schedule. */
export const schedule = fc.integer({ min: 1, max: 2 ** 31 - 1 });
