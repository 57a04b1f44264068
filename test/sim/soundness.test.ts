/** That no outcome is lost: small programs of chance come to the same, however their schedules are searched. */

import { explore } from '@beamish/sim';
import { describe, expect, test, vi } from 'vitest';
import { compare, SPEEDS } from './support/comparing.ts';
import { FAMILIES } from './support/programs.ts';

// Time decides nothing here, and a busy machine takes long.
vi.setConfig({ testTimeout: 200_000 });

/** Of each family at each speed: hundreds in all. `npm run sound:sim` takes thousands. */
const PROGRAMS = 10;
/** Programs with more interleavings are passed over. */
const MOST_RUNS = 400;

describe.each(FAMILIES)('SIM-20, SIM-21: programs of the family "%s"', (family) => {
  test.each(SPEEDS)(
    'SIM-20, SIM-21: reduction loses no outcome and repeats no class, at speed %s',
    async (speed) => {
      let compared = 0;
      for (let seed = 1; seed <= PROGRAMS; seed++) {
        const found = await compare(explore, { family, seed, speed }, MOST_RUNS);
        if (found === 'too large') continue;
        compared++;
        expect(found).toBeUndefined();
      }
      expect(compared).toBeGreaterThan(PROGRAMS / 2);
    },
  );
});
