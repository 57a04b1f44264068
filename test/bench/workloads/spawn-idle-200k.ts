/** As spawn-idle, with 200,000: less than what the pages of fresh memory cost decides. */

import type { Workload } from '../workload.ts';
import { spawnIdle } from './spawn-idle.ts';

export const workload: Workload = {
  name: 'spawn-idle-200k',
  unit: 'actors/s',
  about: '200,000 that stay idle',
  n: 200_000,
  warmUp: 50_000,
  run: (system, n) => system.run(spawnIdle, n),
  rivals: [{ erlang: 'spawn_idle', atLeast: 1 }],
};
