/** The contract, on the engine in this process with memory. */

import { describe } from 'vitest';
import { type TestSystem, testSystem } from '../../support/test-system.ts';
import { type Engine, exchangeContract, type Host } from './contract.ts';
import { parts } from './parts.ts';

/** Every row runs under these schedules; `BEAMISH_SEEDS=100` looks longer. */
const SEEDS = Array.from({ length: Number(process.env['BEAMISH_SEEDS'] ?? 3) }, (_, i) => i + 1);

function memory(name: Engine['name'], wire: 'share' | 'encode'): Engine {
  return {
    name,
    seeds: SEEDS,
    async open(seed): Promise<Host> {
      const system = testSystem({ seed });
      return {
        system,
        options: { wire },
        settle: () => system.settle(),
        pass: (ms) => system.advance(ms),
        async eventually(check) {
          await system.settle();
          check();
        },
        crashQueue: async (queue) => kill(system, queue),
        close: async () => {},
      };
    },
  };
}

describe('memory', () => exchangeContract(memory('memory', 'share'), parts));
describe('memory, encoded', () => exchangeContract(memory('memory, encoded', 'encode'), parts));

/** The actor of a queue has a name that ends with the queue's. */
function kill(system: TestSystem, queue: string): void {
  const actor = system.actors().find(({ name }) => name?.endsWith(`/${queue}`));
  if (actor === undefined) throw new Error(`No actor serves the queue ${queue}`);
  system.exitSignal(actor.pid, 'kill');
}
