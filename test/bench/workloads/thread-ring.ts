/** A token goes round a ring of 1,000 actors. */

import type { Actor, Context, Message, Pid, Self } from 'beamish';
import { perSecond, type Workload } from '../workload.ts';

const ACTORS = 1000;

interface Next extends Message {
  readonly tag: 'next';
  readonly pid: Pid<Token>;
}

interface Token extends Message {
  readonly tag: 'token';
  readonly hopsLeft: number;
}

interface Arrived extends Message {
  readonly tag: 'arrived';
}

function* ring(self: Self<Arrived>, hops: number): Actor<number> {
  const last = self.spawnLink(lastMember, self.pid);
  let first: Pid<Token> = last;
  for (let i = 1; i < ACTORS; i++) first = self.spawnLink(member, first, self.pid);
  self.send(last, { tag: 'next', pid: first });
  const began = performance.now();
  self.send(first, { tag: 'token', hopsLeft: hops });
  yield* self.receive('arrived');
  return perSecond(hops, began);
}

/** Closes the ring: it hears of the first member only when that has been spawned. */
function* lastMember(self: Self<Next | Token>, starter: Pid<Arrived>): Actor {
  const { pid } = yield* self.receive('next');
  yield* member(self, pid, starter);
}

function* member(self: Context<Token>, next: Pid<Token>, starter: Pid<Arrived>): Actor {
  for (;;) {
    const { hopsLeft } = yield* self.receive('token');
    if (hopsLeft > 0) self.send(next, { tag: 'token', hopsLeft: hopsLeft - 1 });
    else self.send(starter, { tag: 'arrived' });
  }
}

export const workload: Workload = {
  name: 'thread-ring',
  unit: 'hops/s',
  about: 'a token goes round 1,000 actors',
  n: 8_000_000,
  warmUp: 4_000_000,
  run: (system, n) => system.run(ring, n),
  rivals: [{ erlang: 'thread_ring', atLeast: 2.5, n: 2_000_000 }],
};
