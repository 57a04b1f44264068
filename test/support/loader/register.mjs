/**
 * `node --import` this instead of tsx, and the packages come as the tests have bundled them. Without tests around,
 * it is tsx. Threads load it, too, as those of tsx do not.
 */

import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (process.env['BEAMISH_BUNDLES'] !== undefined) {
  register('./hooks.mjs', import.meta.url);
  process.setSourceMapsEnabled(true);
  // As a Node says that reads TypeScript by itself: nobody has to teach this thread.
  Object.defineProperty(process.features, 'typescript', { value: 'transform' });
} else if (isMainThread) {
  await import(import.meta.resolve('tsx'));
}
