/** Threads of Node, each with an actor system of its own, which is as near as the one of this thread. */

import { availableParallelism } from 'node:os';
import type { ActorSystem } from 'beamish';
import { meshOf } from './mesh.ts';
import { planOf, type ThreadsOptions } from './options.ts';
import { openPool, type Threads } from './pool.ts';
import { Thread } from './thread.ts';

/**
 * Starts threads, and resolves when all have begun. They are part of the system: its `shutdown` ends
 * them, and closing them shuts it down. A system may have several pools, as one for long work with limits of
 * its own: their threads reach each other like those of one.
 *
 * Whatever holds for actors of one system holds across threads: order from each actor to each, links,
 * monitors, calls, names (`name('db', 'thread-1')`, `whereisAt`). Messages are copied at the end of the
 * sender's turn, or moved by `offer(to, message, { transfer })`; what cannot be copied is refused by
 * `send` with a TypeError. When a thread dies, links and monitors across end with `'noconnection'`, the event
 * `system_down` says why and how much was lost, and another thread takes its place and its name.
 *
 * Each thread has a clock and chance of its own, the host's, whatever those of the system are: no virtual
 * clock and no seed reaches into it, and what runs there does not replay. How often threads are started again
 * goes by the clock of the system.
 *
 * A plain `send` never waits: 262,144 messages to one thread may wait, beyond what is under way, and as
 * many messages in the mailbox of an actor there that does not take them. What comes then is dropped as a
 * dead letter (`'overflow'`), unless the actor waits for it. `offer` waits.
 *
 * ```ts
 * export const hasher = portable(import.meta, 'hasher', function* (self: Self<Job>): Actor { … });
 *
 * await using system = new ActorSystem();
 * await using cores = await threads(system, { size: 'cores' });
 * const pid = cores.spawn(hasher);
 * await system.start(supervisor({ children: [child('hasher', cores.at(hasher))] }));
 * ```
 *
 * Rejects with a RangeError or TypeError for options that are none, for a system that has been shut down, and
 * with what kept a thread from beginning; then its threads are stopped, and the system goes on.
 */
export async function threads(system: ActorSystem, options: ThreadsOptions = {}): Promise<Threads> {
  const plan = planOf(options, availableParallelism());
  const mesh = meshOf(system);
  const { spinWait } = mesh;
  return await openPool(system, plan, {
    threads: mesh.threads,
    freshNames: (pool, count) => mesh.freshNames(pool, count),
    start: (me, others, ended) => new Thread({ system, spinWait, me, plan, others, ended }),
  });
}
