/** @beamish/threads: actors on every core, over worker threads. */

export { importModule } from './loader.ts';
export type { ThreadsOptions } from './options.ts';
export { type Placement, type Threads, threads } from './threads.ts';
