/** An actor asks a supervisor for one child after the other; 10,000 live at a time. */

import { equal } from 'node:assert/strict';
import { type Actor, child, dynamicSupervisor, type Message, type Self, startChild } from 'beamish';
import { parts, type Workload } from '../workload.ts';

const CHILDREN = 10_000;

interface Stop extends Message {
  readonly tag: 'stop';
}

function* idle(self: Self<Stop>): Actor {
  yield* self.receive('stop');
}

function* demand(self: Self, n: number): Actor<number> {
  self.trapExit(true);
  let ms = 0;
  for (const size of parts(n, CHILDREN)) ms += yield* startMany(self, size);
  return n / (ms / 1000);
}

function* startMany(self: Self, size: number): Actor<number> {
  const outcome = yield* self.startLink(dynamicSupervisor());
  if (!outcome.ok) throw outcome.reason;
  const { pid } = outcome;
  const began = performance.now();
  for (let i = 0; i < size; i++) {
    const started = yield* startChild(self, pid, child('idle', idle));
    if (!started.ok) throw started.reason;
  }
  const ms = performance.now() - began;
  self.exitSignal(pid, 'shutdown');
  equal((yield* self.receive('EXIT')).reason, 'shutdown');
  return ms;
}

export const workload: Workload = {
  name: 'start-on-demand',
  unit: 'children/s',
  about: '10,000 supervised, each asked for by a call',
  n: 400_000,
  warmUp: 200_000,
  run: (system, n) => system.run(demand, n),
  rivals: [{ erlang: 'start_on_demand', atLeast: 3, n: 100_000 }],
};
