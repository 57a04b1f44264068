/** Actors that take one message and end, 1,000 at a time. */

import { equal } from 'node:assert/strict';
import type { Actor, ActorSystem, Message, Pid, Self } from 'beamish';
import { parts, perSecond, type Workload } from '../workload.ts';

interface Go extends Message {
  readonly tag: 'go';
}

export async function spawnAndEnd(system: ActorSystem, n: number, alive: number): Promise<number> {
  const before = system.actors().length;
  const rate = await system.run(generations, n, alive);
  equal(system.actors().length, before);
  return rate;
}

function* generations(self: Self, n: number, alive: number): Actor<number> {
  const began = performance.now();
  for (const size of parts(n, alive)) yield* generation(self, size);
  return perSecond(n, began);
}

function* generation(self: Self, size: number): Actor {
  const pids: Pid<Go>[] = [];
  for (let i = 0; i < size; i++) pids.push(self.spawn(mayfly));
  // Lets all of them come to their receive.
  yield* self.yield();
  self.monitor(pids[size - 1] as Pid<Go>);
  for (const pid of pids) self.send(pid, { tag: 'go' });
  yield* self.receive('DOWN');
}

function* mayfly(self: Self<Go>): Actor {
  yield* self.receive('go');
}

export const workload: Workload = {
  name: 'spawn-1000',
  unit: 'actors/s',
  about: 'spawn, one message, end; 1,000 alive',
  n: 1_000_000,
  warmUp: 500_000,
  run: (system, n) => spawnAndEnd(system, n, 1000),
  rivals: [{ erlang: 'spawn_1000', atLeast: 1.5 }],
};
