/** A supervisor starts 10,000 children. */

import { equal } from 'node:assert/strict';
import { type Actor, child, countChildren, type Message, type Self, supervisor } from 'beamish';
import { parts, type Workload } from '../workload.ts';

const CHILDREN = 10_000;

interface Stop extends Message {
  readonly tag: 'stop';
}

function* idle(self: Self<Stop>): Actor {
  yield* self.receive('stop');
}

export const workload: Workload = {
  name: 'start-children',
  unit: 'children/s',
  about: '10,000 supervised',
  n: 400_000,
  warmUp: 200_000,
  async run(system, n) {
    let ms = 0;
    for (const size of parts(n, CHILDREN)) {
      const children = Array.from({ length: size }, (_, i) => child(`child-${i}`, idle));
      const began = performance.now();
      const pid = await system.start(supervisor({ children }));
      ms += performance.now() - began;
      equal((await countChildren(system, pid)).active, size);
      system.exitSignal(pid, 'shutdown');
      equal(await system.exited(pid), 'shutdown');
    }
    return n / (ms / 1000);
  },
  rivals: [{ erlang: 'start_children', atLeast: 2, n: 100_000 }],
};
