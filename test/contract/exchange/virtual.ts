/** The engines of this process, on a virtual clock with seeded schedules. */

import type { BrokerOptions, Declarable } from '@beamish/exchange';
import { type MemoryDisk, memoryDisk } from '@beamish/journal/testing';
import { type TestSystem, testSystem } from 'beamish/testing';
import type { Engine, Host } from './contract.ts';

/** Every row runs under these schedules; `BEAMISH_SEEDS=100` looks longer. */
const SEEDS = Array.from({ length: Number(process.env['BEAMISH_SEEDS'] ?? 5) }, (_, i) => i + 1);

export function memory(name: Engine['name'], wire: 'share' | 'encode'): Engine {
  return { name, seeds: SEEDS, open: async (seed) => hostOf(testSystem({ seed }), { wire }) };
}

/** On a disk in memory, where all that can be durable is. */
export const file: Engine = {
  name: 'file',
  seeds: SEEDS,
  open: async (seed) => onDisk(seed, memoryDisk(), 0),
};

/** After the end of a program, the next one begins `wall` later by the calendar. */
function onDisk(seed: number, disk: MemoryDisk, wall: number): Host {
  const system = testSystem({ seed });
  const { clock } = system;
  Object.assign(clock, { wall: () => 1_700_000_000_000 + wall + clock.now() });
  return {
    ...hostOf(system, { url: 'file:/broker', disk }),
    declares: durable,
    async killed(laterMs = 0) {
      disk.crash('process');
      return onDisk(seed, disk, wall + clock.now() + laterMs);
    },
  };
}

function hostOf(system: TestSystem, options: BrokerOptions): Host {
  return {
    system,
    options,
    settle: () => system.settle(),
    pass: (ms) => system.advance(ms),
    async eventually(check) {
      await system.settle();
      await check();
    },
    crashQueue: async (queue) => kill(system, queue),
    close: async () => {},
  };
}

/** The actor of a queue has a name that ends with the queue's. */
function kill(system: TestSystem, queue: string): void {
  const actor = system.actors().find(({ name }) => name?.endsWith(`/${queue}`));
  if (actor === undefined) throw new Error(`No actor serves the queue ${queue}`);
  system.exitSignal(actor.pid, 'kill');
}

function durable(token: Declarable): Declarable {
  return { ...token, options: { ...token.options, durable: true } } as Declarable;
}
