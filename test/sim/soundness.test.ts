/** That no outcome is lost: small programs of chance come to the same, however their schedules are searched. */

import { explore } from '@beamish/sim';
import { describe, expect, test, vi } from 'vitest';
import { outcomesOf } from './support/comparing.ts';
import { FAMILIES, programOf } from './support/programs.ts';

// Time decides nothing here, and a busy machine takes long.
vi.setConfig({ testTimeout: 200_000 });

/** Programs of each family; the long form takes more by `BEAMISH_SIM_PROGRAMS`. */
const PROGRAMS = Number(process.env['BEAMISH_SIM_PROGRAMS'] ?? 25);
/** Programs with more interleavings are passed over. */
const MOST_RUNS = Number(process.env['BEAMISH_SIM_MOST'] ?? 400);

describe.each(FAMILIES)('SIM-20, SIM-21: programs of the family "%s"', (family) => {
  test.each(['instant', 'any'] as const)(
    'SIM-20, SIM-21: reduction loses no outcome and repeats no class, at speed %s',
    async (speed) => {
      let compared = 0;
      for (let seed = 1; seed <= PROGRAMS; seed++) {
        const its = { family, seed, speed };
        const naive = await outcomesOf(explore, its, 'interleaving', MOST_RUNS);
        if (!naive.exploration.complete) continue;
        compared++;
        for (const way of ['order_of_arrival', 'order_taken'] as const) {
          const reduced = await outcomesOf(explore, its, way, MOST_RUNS);
          const which = `seed ${seed}, ${way}: ${JSON.stringify(programOf(family, seed))}`;
          expect([...reduced.seen].sort(), which).toEqual([...naive.seen].sort());
          if (way === 'order_of_arrival')
            expect(reduced.exploration.runs, which).toBeLessThanOrEqual(naive.exploration.runs);
        }
      }
      expect(compared).toBeGreaterThan(PROGRAMS / 2);
      if (PROGRAMS > 25) console.log(`${family}, ${speed}: ${compared} of ${PROGRAMS} compared`);
    },
  );
});
