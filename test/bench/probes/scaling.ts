/**
 * What an operation costs in CPU time as the number of things it happens among grows. Takes the name
 * of a course and the numbers; prints nanoseconds per operation, one for each number, as JSON.
 */

import { costOf, courses } from '../courses.ts';

const OPERATIONS = 100_000;
/** The least of several is the one that was least disturbed. The largest take so long that one must do. */
const REPEATS = 2;
const LARGE = 1_000_000;
/** Runs before the first that counts: until the code is optimised. */
const WARM_UPS = 2;

/** CPU time of this process: what others do meanwhile counts little. */
function stopwatch(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1000) / OPERATIONS;
  };
}

const [name = '', ...counts] = process.argv.slice(2);
const course = courses[name];
if (course === undefined) throw new Error(`Cannot run "${name}": there is no such course`);

for (let i = 0; i < WARM_UPS; i++) await costOf(course, 1000, OPERATIONS, stopwatch);
const costs: number[] = [];
for (const count of counts.map(Number)) {
  let least = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < (count < LARGE ? REPEATS : 1); repeat++)
    least = Math.min(least, await costOf(course, count, OPERATIONS, stopwatch));
  costs.push(least);
}
console.log(JSON.stringify(costs));
process.exit();
