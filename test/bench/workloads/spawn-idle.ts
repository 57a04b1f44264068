/** A million actors, all of which wait for a message that does not come. */

import { equal } from 'node:assert/strict';
import type { Actor, Message, Pid, ReplyTo, Self } from 'beamish';
import { perSecond, type Workload } from '../workload.ts';

interface Hello extends Message {
  readonly tag: 'hello';
  readonly replyTo: ReplyTo<Pid>;
}

/** Spawns them and keeps no pid; when the last one answers, all wait. */
export function* spawnIdle(self: Self, n: number): Actor<number> {
  const began = performance.now();
  for (let i = 1; i < n; i++) self.spawn(idle);
  const last = self.spawn(idle);
  equal(yield* self.call(last, { tag: 'hello' }).within('infinity'), last);
  return perSecond(n, began);
}

function* idle(self: Self<Hello>): Actor {
  for (;;) {
    const { replyTo } = yield* self.receive('hello');
    self.send(replyTo, self.pid);
  }
}

export const workload: Workload = {
  name: 'spawn-idle',
  unit: 'actors/s',
  about: 'a million that stay idle',
  n: 1_000_000,
  warmUp: 100_000,
  run: (system, n) => system.run(spawnIdle, n),
  rivals: [{ erlang: 'spawn_idle', atLeast: 0.6 }],
};
