/** That no outcome is lost: small programs of chance come to the same, however their schedules are searched. */

import { explore } from '@beamish/sim';
import { describe, expect, test, vi } from 'vitest';
import { type Case, compare, SPEEDS } from './support/comparing.ts';
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

/** Of later seeds, those without which no test would miss some rule of dependence: `npm run mutate:sim`. */
const TELLING: readonly Case[] = [{ family: 'broken', seed: 17, speed: 'instant' }];

test.each(TELLING)(
  'SIM-20, SIM-21: nor of program $seed of the family $family, at speed $speed',
  async (program) => {
    expect(await compare(explore, program, MOST_RUNS)).toBeUndefined();
  },
);
