/** A tree that is alive keeps no program alive: whoever forgets that is told, once. */

import { linksOf } from '../signals/links.ts';
import { cellOf } from '../signals/registry.ts';
import type { SystemState } from '../state/system-state-types.ts';
import { bodyName, isSupervising } from '../terms/spawnable.ts';

/** Says so if the program ends while a supervisor that was started from outside is alive. Returns how to stop looking. */
export function tellOfIdleTree(system: SystemState, say: (text: string) => void): () => void {
  const stop = system.clock.whenOver(() => {
    stop();
    for (const pid of linksOf(system.root)) {
      const cell = cellOf(system, pid);
      if (cell === undefined || !isSupervising(cell.body)) continue;
      say(
        `The program ends though ${String(pid)} (${bodyName(cell.body)}) is alive: an idle tree does not keep it. Start it by main(tree), or await what the program is for`,
      );
      return;
    }
  });
  return stop;
}
