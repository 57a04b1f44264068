/** What the end of a child means: whether it is started again, and whether it is as it should be. */

import { type ExitReason, isOrderly } from '../terms/exit-reason.ts';
import type { FullSpec } from './child-spec.ts';

export function shouldRestart(restart: FullSpec['restart'], reason: ExitReason): boolean {
  switch (restart) {
    case 'permanent':
      return true;
    case 'transient':
      return !isOrderly(reason);
    case 'temporary':
      return false;
  }
}

/**
 * Whether a child that was told to end has done so as it should. A permanent one ends with `'shutdown'`
 * and nothing else; any orderly end will do for the others.
 */
export function endedAsTold({ restart, shutdown }: FullSpec, reason: ExitReason): boolean {
  if (shutdown === 'brutal_kill' && reason === 'killed') return true;
  return restart === 'permanent' ? reason === 'shutdown' : isOrderly(reason);
}
