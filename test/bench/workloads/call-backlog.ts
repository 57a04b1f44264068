/** Requests and replies of an actor that has 100,000 messages which it does not take. */

import { equal } from 'node:assert/strict';
import type { Actor, Message, ReplyTo, Self } from 'beamish';
import { perSecond, type Workload } from '../workload.ts';

const BACKLOG = 100_000;

interface Noise extends Message {
  readonly tag: 'noise';
  readonly i: number;
}

interface Double extends Message {
  readonly tag: 'double';
  readonly i: number;
  readonly replyTo: ReplyTo<number>;
}

export function* asker(self: Self<Noise>, n: number, backlog: number): Actor<number> {
  const to = self.spawnLink(doubler);
  for (let i = 0; i < backlog; i++) self.send(self.pid, { tag: 'noise', i });
  const began = performance.now();
  for (let i = 0; i < n; i++) {
    const doubled = yield* self.call(to, { tag: 'double', i });
    if (doubled !== 2 * i) equal(doubled, 2 * i);
  }
  const rate = perSecond(n, began);
  equal(self.info(self.pid)?.mailboxLength, backlog);
  return rate;
}

function* doubler(self: Self<Double>): Actor {
  for (;;) {
    const { i, replyTo } = yield* self.receive('double');
    self.send(replyTo, 2 * i);
  }
}

export const workload: Workload = {
  name: 'call-backlog',
  unit: 'calls/s',
  about: 'request and reply behind 100,000 unmatched',
  n: 3_000_000,
  warmUp: 1_000_000,
  run: (system, n) => system.run(asker, n, BACKLOG),
  rivals: [
    { erlang: 'call_backlog', atLeast: 1.8, n: 500_000 },
    { workload: 'call-empty', atLeast: 0.8 },
  ],
};
