/** Starts timers of mixed times and cancels each when 1,000 more have been started. */

import { equal } from 'node:assert/strict';
import type { Actor, Message, Ref, Self } from 'beamish';
import { perSecond, type Workload } from '../workload.ts';

const PENDING = 1000;

interface Ring extends Message {
  readonly tag: 'ring';
}

function* sleeper(self: Self<Ring>, n: number): Actor<number> {
  const pending: Ref[] = [];
  for (let i = 0; i < PENDING; i++) pending.push(start(self, i));
  const began = performance.now();
  for (let i = 0; i < n; i++) {
    const left = self.cancelTimer(pending[i % PENDING] as Ref);
    if (left === false) equal(left, 'some time');
    pending[i % PENDING] = start(self, i);
  }
  const rate = perSecond(n, began);
  for (const timer of pending) self.cancelTimer(timer);
  return rate;
}

/** From a second to about a minute. */
function start(self: Self<Ring>, i: number): Ref {
  return self.sendAfter(1000 + ((i * 7919) % 60_000), self.pid, { tag: 'ring' });
}

export const workload: Workload = {
  name: 'timers',
  unit: 'timers/s',
  about: 'start and cancel, mixed times',
  n: 4_000_000,
  warmUp: 1_000_000,
  run: (system, n) => system.run(sleeper, n),
  rivals: [{ erlang: 'timers', atLeast: 2, n: 1_000_000 }],
};
