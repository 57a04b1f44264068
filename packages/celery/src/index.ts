/** @beamish/celery: Celery's wire protocol, both ways: Python and JavaScript in one task queue. */

export { type Celery, celery } from './outside/celery.ts';
export { type CeleryTaskOptions, celeryTask } from './outside/celery-task.ts';
export { type CeleryTreeOptions, celeryTree } from './outside/celery-tree.ts';
export type { Numbers } from './terms/json.ts';
export type { CeleryOptions, ServeOptions } from './terms/options.ts';
