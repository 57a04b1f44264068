/** Every benchmark, each in a system of its own, shortly. Not a test. */

import { ActorSystem } from 'beamish';
import { suite } from '../bench/suite.ts';

const PART = 20;

for (const { name, warmUp, run } of suite) {
  const system = new ActorSystem({ name, log: 'off' });
  await run(system, Math.ceil(warmUp / PART));
  await system.shutdown();
}
