/** @beamish/threads: actors on every core, over worker threads. */

export type { ThreadsOptions } from './options.ts';
export { type Placement, type Threads, threads } from './threads.ts';
