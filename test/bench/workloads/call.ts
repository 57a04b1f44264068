/** Round trips of a call to a server. */

import { equal } from 'node:assert/strict';
import { type Actor, type Self, server } from 'beamish';
import { perSecond, type Workload } from '../workload.ts';

const adder = server(() => {
  let sum = 0;
  return {
    call: {
      add(amount: number): number {
        sum += amount;
        return sum;
      },
    },
  };
});

function* client(self: Self, n: number): Actor<number> {
  const pid = self.spawnLink(adder);
  const began = performance.now();
  let sum = 0;
  for (let i = 0; i < n; i++) sum = yield* self.call(pid, 'add', 1);
  equal(sum, n);
  return perSecond(n, began);
}

export const workload: Workload = {
  name: 'call',
  unit: 'calls/s',
  about: 'round trips to a server',
  n: 3_000_000,
  warmUp: 1_000_000,
  run: (system, n) => system.run(client, n),
  rivals: [{ erlang: 'call', atLeast: 2.5, n: 500_000 }],
};
