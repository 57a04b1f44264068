/** Bytes of heap of an actor that waits for a message. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Workload } from '../workload.ts';
import { spawnIdle } from './spawn-idle.ts';

function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

export const workload: Workload = {
  name: 'idle-memory',
  unit: 'B',
  about: 'heap of an idle actor',
  n: 100_000,
  warmUp: 10_000,
  async run(system, n) {
    const before = heapInUse();
    await system.run(spawnIdle, n);
    return (heapInUse() - before) / n;
  },
  rivals: [{ erlang: 'idle_memory' }, { erlang: 'idle_memory_hibernated' }],
  atMost: 600,
};
