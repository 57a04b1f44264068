/** The contract of transports, kept by threads of a browser: this is bundled, and runs in a page. */

import { threads } from '@beamish/threads/browser';
import { ActorSystem } from 'beamish';
import { transportContract } from '../../contract/transport.ts';
import { runAll } from './vitest-there.ts';

transportContract('threads of a browser', async () => {
  const system = new ActorSystem({ log: 'off' });
  const cores = await threads(system, { size: 1, systems: { log: 'off' } });
  return {
    here: system,
    there: 'thread-1',
    // Of this bundle: the bodies are a file of their own, under the name that they are exported by.
    at: (body) => cores.at({ ...body, module: new URL('bodies.js', import.meta.url).href }),
    over: async (asked) => await asked,
    cut: async () => cores.kill(0),
    close: () => cores.close(),
  };
});

Object.assign(globalThis, { runAll, threads, ActorSystem });
