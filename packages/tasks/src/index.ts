/** @beamish/tasks: stored work that runs, retries, joins and repeats. */

export { chain, each, group, onFailure, spread, withOptions } from './canvas/canvas.ts';
export { declareTask, defineTask } from './canvas/definition.ts';
export { memory } from './stores/memory.ts';
