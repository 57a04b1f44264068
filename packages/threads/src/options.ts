/** How many threads, and what becomes of those that die. */

import type { ResourceLimits } from 'node:worker_threads';
import type { SystemOptions } from 'beamish';

/** How many threads there are, what they may take, and what becomes of those that die. */
export interface ThreadsOptions {
  /** What its threads are called, with a number: `thread-1`, `thread-2`, … Default `'thread'`. Pools of one name go on counting. */
  readonly name?: string;
  /** How many threads besides this one; `'cores'` for as many as can run at once. Default `'cores'`. */
  readonly size?: number | 'cores';
  /** More than `intensity` deaths (default 10) within `periodMs` (default 60,000, by the system's clock) and no more threads are started. */
  readonly restart?: { readonly intensity?: number; readonly periodMs?: number };
  /**
   * A thread whose event loop has not turned for so long is ended, with all its actors: an endless loop
   * cannot be stopped otherwise. Default 60,000; `'never'` lets it be, until the pool or the system is to end:
   * then 5,000 is the most.
   */
  readonly stallMs?: number | 'never';
  /**
   * As for `Worker`. Best effort: a thread that runs out of memory usually dies alone, but in some ways
   * of running out (one huge array or map) Node ends the whole process. Buffers do not count. A thread's young
   * generation may have 64 MB, where Node gives 48, unless this says otherwise.
   */
  readonly resourceLimits?: ResourceLimits;
  /** How the threads' actor systems treat messages of their own, and what they log. */
  readonly systems?: Pick<SystemOptions, 'messages' | 'log'>;
}

export interface Plan {
  readonly name: string;
  readonly size: number;
  readonly intensity: number;
  readonly periodMs: number;
  readonly stallMs: number;
  readonly resourceLimits: ResourceLimits;
  readonly systems: Pick<SystemOptions, 'messages' | 'log'>;
}

/**
 * Messages and actors that wait survive until they are taken, and what survives is copied each time that the young
 * generation is full: V8 makes its halves 32 MB by this, and 16 by its own measure. `test/bench/young.ts` compares.
 */
const YOUNG_MB = 64;
/** Shorter, and a busy machine would look like an endless loop. */
const SHORTEST_STALL_MS = 200;

/** @throws RangeError or TypeError for options that are none. */
export function planOf(options: ThreadsOptions, cores: number): Plan {
  const {
    name = 'thread',
    size = 'cores',
    restart: { intensity = 10, periodMs = 60_000 } = {},
    stallMs = 60_000,
    resourceLimits,
    systems = {},
    ...others
  } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new TypeError(`Cannot start threads with "${unknown}": there is no such option`);
  if (typeof name !== 'string' || name === '')
    throw new TypeError(
      `Cannot call threads ${String(name)}: a name is a string that is not empty`,
    );
  if (size !== 'cores' && !(Number.isInteger(size) && size > 0)) {
    throw new RangeError(
      `Cannot start ${String(size)} threads: their number is a whole one above 0, or 'cores'`,
    );
  }
  if (!(Number.isInteger(intensity) && intensity >= 0) || !(periodMs > 0)) {
    throw new RangeError(
      `Cannot restart threads ${String(intensity)} times in ${String(periodMs)} ms: these are a whole number from 0 up and a time above 0`,
    );
  }
  if (stallMs !== 'never' && !(stallMs >= SHORTEST_STALL_MS)) {
    throw new RangeError(
      `Cannot end threads that stall for ${String(stallMs)} ms: it is a time of at least ${SHORTEST_STALL_MS} ms, or 'never'`,
    );
  }
  return {
    name,
    size: size === 'cores' ? cores : size,
    intensity,
    periodMs,
    stallMs: stallMs === 'never' ? Number.POSITIVE_INFINITY : stallMs,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB, ...resourceLimits },
    systems,
  };
}
