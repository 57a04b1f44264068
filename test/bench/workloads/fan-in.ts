/** A hundred actors send numbers to one, which adds them up; again and again, a million at a time. */

import { equal } from 'node:assert/strict';
import type { Actor, Pid, Self } from 'beamish';
import { parts, perSecond, type Workload } from '../workload.ts';
import type { Add } from './count-burst.ts';

const SENDERS = 100;
const ROUND = 1_000_000;

function* collector(self: Self<Add>, n: number): Actor<number> {
  const began = performance.now();
  for (const round of parts(n, ROUND)) {
    const each = round / SENDERS;
    for (let i = 0; i < SENDERS; i++) self.spawnLink(sender, self.pid, each);
    let sum = 0;
    for (let i = 0; i < round; i++) {
      const { amount } = yield* self.receive('add');
      sum += amount;
    }
    equal(sum, SENDERS * ((each * (each + 1)) / 2));
  }
  return perSecond(n, began);
}

function* sender(self: Self, to: Pid<Add>, each: number): Actor {
  for (let amount = 1; amount <= each; amount++) self.send(to, { tag: 'add', amount });
}

export const workload: Workload = {
  name: 'fan-in',
  unit: 'msg/s',
  about: 'a hundred to one',
  n: 3_000_000,
  warmUp: 1_000_000,
  run: (system, n) => system.run(collector, n),
  rivals: [{ erlang: 'fan_in', atLeast: 1.2 }],
};
