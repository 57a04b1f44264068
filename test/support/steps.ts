/**
 * How much code runs: the engine counts how often it enters each block. So work is compared without a
 * clock, and the same program takes the same number of steps on any machine, however busy it is.
 * What the engine does within one call, such as the search of an array, is one step.
 */

import { Session } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

// Optimised code counts less, and what becomes optimised is a matter of time. Each file of tests has a
// process of its own, so this slows down only those that count.
setFlagsFromString('--no-opt --no-maglev');

const session = new Session();
session.connect();
session.post('Profiler.enable');
// At once: what is compiled before has no counters but that of its calls.
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/** The steps of beamish's sources, or of those whose path has `folder` in it, since the last look. */
export function takeSteps(folder = '/packages/beamish/'): number {
  let coverage: Coverage | undefined;
  // A session of one's own thread answers at once.
  session.post('Profiler.takePreciseCoverage', (error, found) => {
    if (error === null) coverage = found as Coverage;
  });
  if (coverage === undefined) throw new Error('The engine has not told what was executed');
  return coverage.result
    .filter(({ url }) => url.includes(folder))
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
    .reduce((sum, { count }) => sum + count, 0);
}
