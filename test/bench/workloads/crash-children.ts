/** Each of 10,000 supervised actors crashes once and is started again. */

import { equal } from 'node:assert/strict';
import {
  type Actor,
  child,
  dynamicSupervisor,
  type Message,
  type Pid,
  type Self,
  startAnother,
} from 'beamish';
import { parts, type Workload } from '../workload.ts';

const CHILDREN = 10_000;

interface Started extends Message {
  readonly tag: 'started';
  readonly pid: Pid<Crash>;
}

interface Crash extends Message {
  readonly tag: 'crash';
}

function* crasher(self: Self<Crash>, whoAsks: Pid<Started>): Actor {
  self.send(whoAsks, { tag: 'started', pid: self.pid });
  yield* self.receive('crash');
  throw new Error('Crashed');
}

function* crashes(self: Self<Started>, n: number): Actor<number> {
  self.trapExit(true);
  let ms = 0;
  for (const size of parts(n, CHILDREN)) ms += yield* crashAll(self, size);
  return n / (ms / 1000);
}

/** In milliseconds, from the first crash to the last start. */
function* crashAll(self: Self<Started>, size: number): Actor<number> {
  const outcome = yield* self.startLink(
    dynamicSupervisor({
      intensity: size,
      periodMs: 3_600_000,
      template: () => child('crasher', crasher, self.pid),
    }),
  );
  if (!outcome.ok) throw outcome.reason;
  const { pid } = outcome;
  for (let i = 0; i < size; i++) yield* startAnother(self, pid);
  const pids = yield* takeStarted(self, size);
  const began = performance.now();
  for (const each of pids) self.send(each, { tag: 'crash' });
  yield* takeStarted(self, size);
  const ms = performance.now() - began;
  self.exitSignal(pid, 'shutdown');
  equal((yield* self.receive('EXIT')).reason, 'shutdown');
  return ms;
}

function* takeStarted(self: Self<Started>, size: number): Actor<readonly Pid<Crash>[]> {
  const pids: Pid<Crash>[] = [];
  while (pids.length < size) pids.push((yield* self.receive('started')).pid);
  return pids;
}

export const workload: Workload = {
  name: 'crash-children',
  unit: 'crashes/s',
  about: '10,000 supervised, each crashes once',
  n: 50_000,
  warmUp: 20_000,
  run: (system, n) => system.run(crashes, n),
  rivals: [{ erlang: 'crash_children', atLeast: 6, n: 10_000 }],
};
