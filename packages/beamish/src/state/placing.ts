/** The port of what places actors in other systems. It comes with the body that is to run there. */

import type { Placement, Plan } from '../terms/spawnable.ts';
import type { ActorCell } from './actor-cell.ts';
import type { StartOutcome } from './cold-state.ts';

export interface Placing extends Placement {
  /** Spawns it there, for `parent`. @throws TypeError for what cannot run elsewhere. */
  launch(parent: ActorCell, place: string, plan: Plan, args: readonly unknown[]): ActorCell;
  /** Starts it there, as `start` does here (`operations/starting`). @throws as `launch` does. */
  start(
    parent: ActorCell,
    by: ActorCell | undefined,
    place: string,
    plan: Plan,
    args: readonly unknown[],
    answer: (outcome: StartOutcome) => void,
  ): StartOutcome | undefined;
}
