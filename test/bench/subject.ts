/** The system in which a workload runs. */

import type { ActorSystem, Tap } from 'beamish';

/** What a workload has left, its figure taken: idle actors, most of all. */
export async function endAll(system: ActorSystem): Promise<void> {
  for (const { pid } of system.actors()) system.exitSignal(pid, 'kill');
  await new Promise((resolve) => setImmediate(resolve));
}

/** The cheapest tap that is of use. */
export function countingTap(): Tap {
  const seen = { spawned: 0, sent: 0, received: 0, turned: 0, exited: 0 };
  return {
    spawned: () => void seen.spawned++,
    sent: () => void seen.sent++,
    received: () => void seen.received++,
    turned: () => void seen.turned++,
    exited: () => void seen.exited++,
  };
}
