/** @beamish/tasks/testing: tasks on a virtual clock and a seed. */

export { type EagerOptions, type EagerTasks, eager } from './testing/eager.ts';
