/** Being told: what happens in a system, and which systems there are. */

import type { Tap } from '../seams/tap.ts';
import { onNew } from '../system/new-systems.ts';
import { type ActorSystem, stateOfSystem } from '../system/system.ts';

/**
 * Adds a listener to those that there are; each hears everything, in the order in which they came. It
 * costs nothing that it does not listen to. Returns how to take it out, which may be called again.
 *
 * ```ts
 * const stop = listen(system, { exited: (pid, reason) => console.log(pid, reason) });
 * ```
 */
export function listen(system: ActorSystem, listener: Tap): () => void {
  return stateOfSystem(system).listeners.add(listener);
}

/**
 * Calls `meet` for each system that is made in this thread from now on, before anybody runs in it. One that
 * throws is taken out, and reported by that system. Returns how to stop.
 */
export function onSystem(meet: (system: ActorSystem) => void): () => void {
  return onNew(meet);
}
