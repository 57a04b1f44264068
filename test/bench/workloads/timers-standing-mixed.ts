/** As timers-standing, with delays from a second to about a minute. */

import type { Workload } from '../workload.ts';
import { standing } from './timers-standing.ts';

export const workload: Workload = {
  name: 'timers-standing-mixed',
  unit: 'timers/s',
  about: 'the same, of mixed delays',
  n: 2_000_000,
  warmUp: 1_000_000,
  run: (system, n) => system.run(standing, n, (i) => 1000 + ((i * 7919) % 60_000)),
  rivals: [{ erlang: 'timers_standing_mixed', atLeast: 3, n: 1_000_000 }],
};
