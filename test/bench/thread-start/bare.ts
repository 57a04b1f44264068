/** The least that a worker has to do by hand: it says that it has begun, and what the module that it is told of says. */

import { parentPort } from 'node:worker_threads';

parentPort?.postMessage('begun');
parentPort?.once('message', async (module: string) => {
  const { greeting } = (await import(module)) as { readonly greeting: () => string };
  parentPort?.postMessage(greeting());
});
