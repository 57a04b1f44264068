// Starts the other threads, when the recruiter asks for them: how many, and with how many crunchers.

import { availableParallelism, cpus } from 'node:os';
import { threads } from '@beamish/threads';
import type { ActorSystem } from 'beamish';
import { recruit } from './cruncher.ts';
import type { Threads } from './options.ts';
import type { Hire } from './recruiter.ts';

/**
 * When others could have spared this thread so much, a thread is worth its start, for as much again is
 * likely to come. The start cost 4 seconds' runs some 0.5 s where two cores share one, and 12 seconds' runs
 * made up for it: so it is for runs of that length.
 */
export const RECRUIT_AFTER_MS = 3000;
/** With fewer, they wait for this thread whenever it crunches or counts. */
const RECRUITS_PER_THREAD = 4;

/** Nothing if there is only this thread: more than there are cores would only take turns. */
export function hiring(system: ActorSystem, asked: Threads): Hire | undefined {
  const cores = availableParallelism();
  const most = (asked === 'auto' ? cores : Math.min(asked, cores)) - 1;
  if (most === 0) return undefined;
  const began = performance.now();
  const idleBefore = idleMs();
  return async () => {
    const idleCores = (idleMs() - idleBefore) / (performance.now() - began);
    const size = asked === 'auto' ? Math.min(most, Math.round(idleCores)) : most;
    if (size === 0) return [];
    const pool = await threads(system, { size, systems: { log: 'off' } });
    return Array.from({ length: size * RECRUITS_PER_THREAD }, () => pool.at(recruit));
  };
}

/** How long all cores together have had nothing to do. */
function idleMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0);
}
