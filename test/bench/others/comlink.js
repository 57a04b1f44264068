import { Worker } from 'node:worker_threads';
import { wrap } from 'comlink';
import endpointOf from 'comlink/dist/esm/node-adapter.mjs';

export async function caller() {
  const worker = new Worker(new URL('comlink-worker.js', import.meta.url));
  const remote = wrap(endpointOf(worker));
  await remote.answer({ tag: 'ask' });
  return { call: (what) => remote.answer(what), close: () => worker.terminate() };
}
