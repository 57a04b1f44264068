/** As spawn-1000, with 100,000 alive. */

import type { Workload } from '../workload.ts';
import { spawnAndEnd } from './spawn-1000.ts';

export const workload: Workload = {
  name: 'spawn-100k',
  unit: 'actors/s',
  about: 'the same, 100,000 alive',
  n: 1_000_000,
  warmUp: 200_000,
  run: (system, n) => spawnAndEnd(system, n, 100_000),
  rivals: [{ erlang: 'spawn_100k', atLeast: 0.7 }],
};
