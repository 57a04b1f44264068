/** Two actors send each other one message after the other. */

import type { Actor, Message, Pid, Self } from 'beamish';
import { perSecond, type Workload } from '../workload.ts';

interface Ping extends Message {
  readonly tag: 'ping';
  readonly from: Pid<Pong>;
}

interface Pong extends Message {
  readonly tag: 'pong';
}

function* pinger(self: Self<Pong>, rounds: number): Actor<number> {
  const other = self.spawnLink(ponger);
  const began = performance.now();
  for (let i = 0; i < rounds; i++) {
    self.send(other, { tag: 'ping', from: self.pid });
    yield* self.receive('pong');
  }
  return perSecond(2 * rounds, began);
}

function* ponger(self: Self<Ping>): Actor {
  for (;;) {
    const { from } = yield* self.receive('ping');
    self.send(from, { tag: 'pong' });
  }
}

export const workload: Workload = {
  name: 'ping-pong',
  unit: 'msg/s',
  about: 'two actors, one message at a time',
  n: 8_000_000,
  warmUp: 4_000_000,
  run: (system, n) => system.run(pinger, n / 2),
  rivals: [{ erlang: 'ping_pong', atLeast: 2.5, n: 2_000_000 }],
};
