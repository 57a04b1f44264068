/** An actor ends with a plain reason and is started again, until its supervisor gives up. */

import { equal } from 'node:assert/strict';
import { type Actor, child, type Self, supervisor } from 'beamish';
import { perSecond, type Workload } from '../workload.ts';

interface Tally {
  starts: number;
}

function* mayfly(self: Self, tally: Tally): Actor {
  tally.starts++;
  self.exit('over');
}

export const workload: Workload = {
  name: 'restart',
  unit: 'restarts/s',
  about: 'end with a plain reason, restart',
  n: 500_000,
  warmUp: 200_000,
  async run(system, n) {
    const tally: Tally = { starts: 0 };
    // Nothing but its own patience ends it: one restart more than these.
    const patient = supervisor({
      intensity: n,
      periodMs: 3_600_000,
      children: [child('mayfly', mayfly, tally)],
    });
    const began = performance.now();
    equal(await system.exited(system.spawn(patient)), 'shutdown');
    const rate = perSecond(n, began);
    equal(tally.starts, n + 1);
    return rate;
  },
  rivals: [
    { erlang: 'restart', atLeast: 0.5 },
    { erlang: 'restart_otp', n: 100_000 },
  ],
};
