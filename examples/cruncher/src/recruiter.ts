// The recruiter brings in crunchers of other threads, once there is enough to do for them. A thread
// takes a while to start, and meanwhile the crunchers of this one go on.

import { type Actor, child, type Self, type Spawnable, startChild, supervisor } from 'beamish';
import { type Algorithm, CRUNCHERS, type Crunch, type Recruit } from './messages.ts';

/**
 * Starts threads. Resolves with one to spawn for each cruncher, who is told the name of this system, and how
 * to find addresses.
 */
export type Hire = () => Promise<
  readonly Spawnable<Crunch, [home: string, algorithm: Algorithm], void>[]
>;

/** Of recruits that all end at once, as they do when their threads are beyond help, it is soon enough. */
const RESTARTS = 1000;

export function* recruiter(self: Self<Recruit>, hire: Hire, algorithm: Algorithm): Actor {
  yield* self.receive('recruit');
  const bodies = yield* self.wait(hire());
  const team = bodies.map((body, i) => child(`recruit ${i + 1}`, body, self.pid.system, algorithm));
  // Temporary: without them, the crunchers of this thread do it all.
  const recruits = supervisor({ intensity: RESTARTS, children: team });
  yield* startChild(self, CRUNCHERS, child({ id: 'recruits', restart: 'temporary' }, recruits));
}
