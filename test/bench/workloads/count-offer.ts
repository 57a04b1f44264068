/** As count-burst, but the sender gives way to a receiver that has more to do than a turn can hold. */

import { equal } from 'node:assert/strict';
import type { Actor, Self } from 'beamish';
import { perSecond, type Workload } from '../workload.ts';
import { counter } from './count-burst.ts';

function* stream(self: Self, n: number): Actor<number> {
  const to = self.spawnLink(counter);
  const began = performance.now();
  for (let amount = 1; amount <= n; amount++) yield* self.offer(to, { tag: 'add', amount });
  const sum = yield* self.call(to, { tag: 'take' }).within('infinity');
  equal(sum, (n * (n + 1)) / 2);
  return perSecond(n, began);
}

export const workload: Workload = {
  name: 'count-offer',
  unit: 'msg/s',
  about: 'one to one, the sender gives way',
  n: 10_000_000,
  warmUp: 5_000_000,
  run: (system, n) => system.run(stream, n),
  rivals: [{ erlang: 'count_offer', atLeast: 1.5, n: 5_000_000 }],
};
