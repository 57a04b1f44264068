/** The contract of transports, kept by threads. */

import { threads } from '@beamish/threads';
import { ActorSystem } from 'beamish';
import { transportContract } from './transport.ts';

transportContract('threads', async () => {
  const system = new ActorSystem({ log: 'off' });
  const restart = { intensity: 0 };
  const cores = await threads(system, { size: 1, systems: { log: 'off' }, restart });
  return {
    here: system,
    there: 'thread-1',
    at: (body) => cores.at(body),
    over: async (asked) => await asked,
    cut: async () => cores.kill(0),
    close: () => cores.close(),
  };
});
