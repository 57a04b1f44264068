/** Which steps of a run led to its end. */

import { clash } from './dependence.ts';
import type { World } from './world.ts';

/**
 * The steps that happen before the last ones: of the last step, and of the last of each that waits still. What is
 * left out commutes with all of them, so that what is left, in its order, ends alike.
 */
export function causeOf(world: World): ReadonlySet<number> {
  const { steps } = world;
  const needed = new Set<number>();
  const last = new Map<string, number>();
  for (const [n, { by }] of steps.entries()) last.set(by, n);
  const over = new Set(
    steps.flatMap(({ deeds, by }) =>
      deeds.some(({ kind, to }) => kind === 'ended' && to === by) ? [by] : [],
    ),
  );
  needed.add(steps.length - 1);
  for (const [by, n] of last) if (!over.has(by)) needed.add(n);
  for (let n = steps.length - 1; n >= 0; n--) {
    const step = steps[n];
    if (step === undefined || !needed.has(n)) continue;
    if (step.from !== undefined && step.from >= 0) needed.add(step.from);
    if (step.enabledBy >= 0) needed.add(step.enabledBy);
    for (let k = n - 1; k >= 0; k--) {
      const other = steps[k];
      if (other !== undefined && (other.by === step.by || clash(other, step, 'order_taken')))
        needed.add(k);
    }
  }
  return needed;
}
