/**
 * What a thread runs first. It is plain JavaScript, as Node loads no TypeScript in a thread unless it is
 * taught there; then it hands over to the worker, be that source or built.
 */

import { workerData } from 'node:worker_threads';

/** @type {{ readonly worker: string }} */
const { worker } = workerData;
/** @type {{ readonly typescript?: unknown }} */
const features = process.features;
if (worker.endsWith('.ts') && !features.typescript) {
  const { register } = await import('tsx/esm/api');
  register();
}
await import(worker);
