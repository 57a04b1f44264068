/**
 * How the time of an operation grows with the number of things it happens among: `npm run scaling`.
 * The slope over four decades of CPU time is judged, which is a matter of luck on a busy machine; what
 * is counted instead, in steps, is in `test/properties/steps.test.ts`.
 */

import { courses } from './courses.ts';
import { probe } from './probe.ts';
import { exponent } from './statistics.ts';

const COUNTS = [100, 1000, 10_000, 100_000, 1_000_000];
/** Slope over the logarithms, of time per operation: caches and collections cost some, a loop 1. */
const MOST_BY_CACHES = 0.5;

console.log(`ns per operation among ${COUNTS.join(', ')}`);
for (const name of Object.keys(courses)) {
  const costs = await probe<number[]>('scaling', [name, ...COUNTS.map(String)]);
  const slope = exponent(COUNTS, costs);
  const verdict = slope < MOST_BY_CACHES ? '' : `, over ${MOST_BY_CACHES}`;
  console.log(
    `${name.padEnd(12)}${costs.map((cost) => Math.round(cost)).join(', ')}: slope ${slope.toFixed(2)}${verdict}`,
  );
  if (verdict !== '') process.exitCode = 1;
}
