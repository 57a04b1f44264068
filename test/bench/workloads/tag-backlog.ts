/** An actor takes messages by their tag, from behind 10,000 others that stay in its mailbox. */

import { equal } from 'node:assert/strict';
import type { Actor, Message, Pid, Self } from 'beamish';
import { perSecond, type Workload } from '../workload.ts';

const BACKLOG = 10_000;

interface Noise extends Message {
  readonly tag: 'noise';
  readonly i: number;
}

interface Wanted extends Message {
  readonly tag: 'wanted';
  readonly i: number;
}

interface Next extends Message {
  readonly tag: 'next';
  readonly to: Pid<Wanted>;
  readonly i: number;
}

function* taker(self: Self<Noise | Wanted>, n: number): Actor<number> {
  const from = self.spawnLink(source);
  for (let i = 0; i < BACKLOG; i++) self.send(self.pid, { tag: 'noise', i });
  const began = performance.now();
  for (let i = 0; i < n; i++) {
    self.send(from, { tag: 'next', to: self.pid, i });
    const wanted = yield* self.receive('wanted');
    if (wanted.i !== i) equal(wanted.i, i);
  }
  const rate = perSecond(n, began);
  equal(self.info(self.pid)?.mailboxLength, BACKLOG);
  return rate;
}

function* source(self: Self<Next>): Actor {
  for (;;) {
    const { to, i } = yield* self.receive('next');
    self.send(to, { tag: 'wanted', i });
  }
}

export const workload: Workload = {
  name: 'tag-backlog',
  unit: 'receives/s',
  about: 'by tag behind 10,000 that stay',
  n: 1_000_000,
  warmUp: 100_000,
  run: (system, n) => system.run(taker, n),
  rivals: [{ erlang: 'tag_backlog', atLeast: 5, n: 20_000 }],
};
