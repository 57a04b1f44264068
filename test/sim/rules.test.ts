/** That each rule of dependence is needed, by scenarios which notice when it is left out: `npm run mutate:sim`. */

import { expect, test, vi } from 'vitest';
import { DIRECTED } from './support/directed.ts';
import { compared } from './support/outcomes.ts';

// Time decides nothing here, and a busy machine takes long.
vi.setConfig({ testTimeout: 200_000 });

test.each(DIRECTED.map((each) => [each.rule, each] as const))(
  'SIM-22, SIM-22b: in both orders: %s',
  async (_, { make, options }) => {
    const { runs, outcomes } = await compared(make, { ...options, mayCrash: ['*'] });
    expect(outcomes.length).toBeGreaterThan(1);
    expect(runs[1]).toBeLessThanOrEqual(runs[0] ?? 0);
  },
);
