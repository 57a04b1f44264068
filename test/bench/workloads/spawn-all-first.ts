/** 100,000 actors are spawned by one actor before any of them runs; each takes one message, sends one, and ends. */

import { equal } from 'node:assert/strict';
import type { Actor, Message, Pid, Self } from 'beamish';
import { parts, perSecond, type Workload } from '../workload.ts';

const AT_ONCE = 100_000;

interface Add extends Message {
  readonly tag: 'add';
  readonly to: Pid<Sum>;
  readonly amount: number;
}

interface Sum extends Message {
  readonly tag: 'sum';
  readonly amount: number;
}

function* waves(self: Self<Sum>, n: number): Actor<number> {
  const began = performance.now();
  for (const size of parts(n, AT_ONCE)) yield* wave(self, size);
  return perSecond(n, began);
}

function* wave(self: Self<Sum>, size: number): Actor {
  const pids: Pid<Add>[] = [];
  for (let i = 0; i < size; i++) pids.push(self.spawn(adder));
  pids.forEach((pid, amount) => {
    self.send(pid, { tag: 'add', to: self.pid, amount });
  });
  let sum = 0;
  for (let i = 0; i < size; i++) sum += (yield* self.receive('sum')).amount;
  equal(sum, (size * (size + 1)) / 2);
}

function* adder(self: Self<Add>): Actor {
  const { to, amount } = yield* self.receive('add');
  self.send(to, { tag: 'sum', amount: amount + 1 });
}

export const workload: Workload = {
  name: 'spawn-all-first',
  unit: 'actors/s',
  about: '100,000 spawned before the first of them runs; one message in, one out, end',
  n: 500_000,
  warmUp: 300_000,
  run: (system, n) => system.run(waves, n),
  rivals: [{ erlang: 'spawn_all_first', atLeast: 0.8 }],
};
