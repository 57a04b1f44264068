import { parentPort } from 'node:worker_threads';
import { expose } from 'comlink';
import endpointOf from 'comlink/dist/esm/node-adapter.mjs';

expose({ answer: () => 1 }, endpointOf(parentPort));
