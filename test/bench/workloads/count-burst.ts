/** One actor sends another a million numbers at a time, without giving way; the other adds them up. */

import { equal } from 'node:assert/strict';
import type { Actor, Message, Pid, ReplyTo, Self } from 'beamish';
import { parts, perSecond, type Workload } from '../workload.ts';

const BURST = 1_000_000;

export interface Add extends Message {
  readonly tag: 'add';
  readonly amount: number;
}

export interface Take extends Message {
  readonly tag: 'take';
  readonly replyTo: ReplyTo<number>;
}

export function* counter(self: Self<Add | Take>): Actor {
  let sum = 0;
  for (;;) {
    const message = yield* self.receive('add', 'take');
    switch (message.tag) {
      case 'add':
        sum += message.amount;
        break;
      case 'take':
        self.send(message.replyTo, sum);
        sum = 0;
        break;
    }
  }
}

function* bursts(self: Self, n: number): Actor<number> {
  const to: Pid<Add | Take> = self.spawnLink(counter);
  const began = performance.now();
  for (const burst of parts(n, BURST)) {
    for (let amount = 1; amount <= burst; amount++) self.send(to, { tag: 'add', amount });
    const sum = yield* self.call(to, { tag: 'take' }).within('infinity');
    equal(sum, (burst * (burst + 1)) / 2);
  }
  return perSecond(n, began);
}

export const workload: Workload = {
  name: 'count-burst',
  unit: 'msg/s',
  about: 'one to one, a million at a time',
  n: 3_000_000,
  warmUp: 2 * BURST,
  run: (system, n) => system.run(bursts, n),
  rivals: [{ erlang: 'count_burst', atLeast: 0.6 }],
};
