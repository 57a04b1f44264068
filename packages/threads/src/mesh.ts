/** All threads of one actor system, of whichever pool: each of them reaches each other one. */

import type { ActorSystem } from 'beamish';
import { isIdle } from 'beamish/transport';
import { SpinWait, sharedNumber } from './spin-wait.ts';
import type { Thread } from './thread.ts';

const meshes = new WeakMap<ActorSystem, Mesh>();

export function meshOf(system: ActorSystem): Mesh {
  const known = meshes.get(system);
  if (known !== undefined) return known;
  const made = new Mesh(system);
  meshes.set(system, made);
  return made;
}

export class Mesh {
  /** Those that have begun, or will. */
  readonly threads = new Set<Thread>();
  /** Waits for what comes from any of them. */
  readonly spinWait: SpinWait;
  /** By the name of a pool, how many names of threads it has been given. */
  readonly #given = new Map<string, number>();

  constructor(system: ActorSystem) {
    this.spinWait = new SpinWait(sharedNumber(), () => isIdle(system));
  }

  /** Names that no thread of this system has had; a second pool of one name goes on counting. */
  freshNames(pool: string, count: number): readonly string[] {
    const first = (this.#given.get(pool) ?? 0) + 1;
    this.#given.set(pool, first + count - 1);
    return Array.from({ length: count }, (_, i) => `${pool}-${first + i}`);
  }
}
