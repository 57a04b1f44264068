/** @beamish/sim/fast-check: schedules as an arbitrary, so that inputs and schedule become small together. */

import { type Arbitrary, array, nat } from 'fast-check';

/**
 * An arbitrary of schedules, which shrinks towards the calmest.
 *
 * ```ts
 * await fc.assert(
 *   fc.asyncProperty(fc.integer({ min: 1, max: 3 }), schedules(), async (rounds, schedule) => {
 *     const { verdict } = await simulate(roundsOf(rounds), { schedule });
 *     return verdict.kind === 'passed';
 *   }),
 * );
 * ```
 */
export function schedules({
  maxLength = 60,
}: {
  readonly maxLength?: number;
} = {}): Arbitrary<readonly number[]> {
  return array(nat({ max: 9 }), { maxLength });
}
