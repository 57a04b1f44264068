/** Which steps of a run led to its end. */

import { clash } from './dependence.ts';
import type { Recorded } from './step.ts';
import type { Verdict } from './verdict.ts';
import type { World } from './world.ts';

/**
 * The steps that happen before the last ones: of the last step, and of the last of each that waits still; of a
 * deadlock, of those that are in it. What is left out commutes with all of them, so that what is left, in its
 * order, ends alike.
 */
export function causeOf(world: World, verdict: Verdict): ReadonlySet<number> {
  const { steps } = world;
  const needed = new Set<number>();
  const last = new Map<string, number>();
  for (const [n, { by }] of steps.entries()) last.set(by, n);
  if (verdict.kind === 'deadlock') {
    for (const who of stuckIn(world, verdict)) needed.add(last.get(who) ?? 0);
    return withAllBefore(steps, needed);
  }
  const over = new Set(
    steps.flatMap(({ deeds, by }) =>
      deeds.some(({ kind, to }) => kind === 'ended' && to === by) ? [by] : [],
    ),
  );
  needed.add(steps.length - 1);
  for (const [by, n] of last) if (!over.has(by)) needed.add(n);
  return withAllBefore(steps, needed);
}

/** The places of those that must not wait, and of whom they wait for. */
function stuckIn(
  { labels, clients, scenario }: World,
  { waiting, cycle }: Extract<Verdict, { kind: 'deadlock' }>,
): ReadonlySet<string> {
  const byLabel = new Map(waiting.map((each) => [each.who, each]));
  const stuck = new Set<string>();
  const add = (who: string | undefined): void => {
    const its = who === undefined ? undefined : byLabel.get(who);
    if (its === undefined || stuck.has(labels.pathOf(its.pid))) return;
    stuck.add(labels.pathOf(its.pid));
    add(its.of);
  };
  for (const who of cycle) add(who);
  for (const { who, pid, text } of waiting)
    if (pid === scenario || clients.includes(pid) || text.startsWith('for the reply')) add(who);
  return stuck.size > 0 ? stuck : new Set(waiting.map(({ pid }) => labels.pathOf(pid)));
}

function withAllBefore(steps: readonly Recorded[], needed: Set<number>): ReadonlySet<number> {
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
