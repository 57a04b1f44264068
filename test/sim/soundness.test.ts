/** That no outcome is lost: small programs of chance come to the same, however their schedules are searched. */

import { explore } from '@beamish/sim';
import { describe, expect, test } from 'vitest';
import { FAMILIES, type Program, programOf, scenarioOf } from './support/programs.ts';

/** Programs of each family; the long form takes more by `BEAMISH_SIM_PROGRAMS`. */
const PROGRAMS = Number(process.env['BEAMISH_SIM_PROGRAMS'] ?? 25);
/** Programs with more interleavings are passed over. */
const MOST_RUNS = 400;

type Way = 'interleaving' | 'order_of_arrival' | 'order_taken';

async function outcomes(program: Program, speed: 'instant' | 'any', every: Way) {
  const seen = new Set<string>();
  let notes: string[][] = [];
  const body = scenarioOf(program, (who, what) => notes[who]?.push(what));
  const exploration = await explore(
    (self, { eventually }) => {
      notes = program.map(() => []);
      eventually('noted', () => seen.add(JSON.stringify(notes)) !== undefined);
      return body(self as never);
    },
    {
      speed,
      strategy: { every },
      budget: { runs: MOST_RUNS },
      maxSteps: 200,
      failures: 'all',
      compareEvery: 0,
    },
  );
  return { seen, exploration };
}

describe.each(FAMILIES)('SIM-20: programs of the family "%s"', (family) => {
  test.each(['instant', 'any'] as const)(
    'SIM-20: reduction loses no outcome, at speed %s',
    async (speed) => {
      let compared = 0;
      for (let seed = 1; seed <= PROGRAMS; seed++) {
        const program = programOf(family, seed);
        const naive = await outcomes(program, speed, 'interleaving');
        if (!naive.exploration.complete) continue;
        compared++;
        for (const way of ['order_of_arrival', 'order_taken'] as const) {
          const reduced = await outcomes(program, speed, way);
          const which = `seed ${seed}, ${way}: ${JSON.stringify(program)}`;
          expect([...reduced.seen].sort(), which).toEqual([...naive.seen].sort());
          if (way === 'order_of_arrival')
            expect(reduced.exploration.runs, which).toBeLessThanOrEqual(naive.exploration.runs);
        }
      }
      expect(compared).toBeGreaterThan(PROGRAMS / 2);
    },
  );
});
