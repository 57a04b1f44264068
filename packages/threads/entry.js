/**
 * What a thread runs first where the package is source. It is plain JavaScript, as Node loads no
 * TypeScript in a thread unless it is taught there.
 */

/** @type {{ readonly typescript?: unknown }} */
const features = process.features;
if (!features.typescript) {
  const { register } = await import('tsx/esm/api');
  register();
}
await import('./src/worker.ts');
