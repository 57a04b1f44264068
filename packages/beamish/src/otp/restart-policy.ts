/** Whether a child that has ended is started again. */

import { type ExitReason, isOrderly } from '../runtime/exit-reason.ts';
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
