/** @beamish/threads: actors on every core, over worker threads. */

export type { ThreadsOptions } from './options.ts';
export type { Placement, Threads } from './pool.ts';
export { threads } from './threads.ts';
export { importModule } from './typescript.ts';
