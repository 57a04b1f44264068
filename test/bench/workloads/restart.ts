/** An actor ends with a plain reason and is started again, until its supervisor gives up. */

import { equal } from 'node:assert/strict';
import { type Actor, child, type Self, supervisor } from 'beamish';
import { perSecond, type Workload } from '../workload.ts';

function* mayfly(self: Self): Actor {
  self.exit('over');
}

export const workload: Workload = {
  name: 'restart',
  unit: 'restarts/s',
  about: 'end with a plain reason, restart',
  n: 500_000,
  warmUp: 50_000,
  async run(system, n) {
    let restarts = 0;
    const count = (): void => {
      restarts++;
    };
    system.events.on('restart', count);
    // Nothing but its own patience ends it: one restart more than these.
    const patient = supervisor({
      intensity: n,
      periodMs: 3_600_000,
      children: [child('mayfly', mayfly)],
    });
    const began = performance.now();
    equal(await system.exited(system.spawn(patient)), 'shutdown');
    const rate = perSecond(n, began);
    system.events.off('restart', count);
    equal(restarts, n);
    return rate;
  },
  rivals: [
    { erlang: 'restart', atLeast: 0.5 },
    { erlang: 'restart_otp', n: 100_000 },
  ],
};
