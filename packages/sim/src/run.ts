/** One run as its user sees it: what came of it, step by step. */

import type { Deed, Recorded, Step } from './step.ts';
import { linesOf } from './trace.ts';
import type { Verdict } from './verdict.ts';
import type { World } from './world.ts';

/** One run, as `simulate` returns it. */
export interface Run {
  /** What came of it. */
  readonly verdict: Verdict;
  /** All steps, in order. */
  readonly steps: readonly Step[];
  /** Who was chosen at each step: 0 is whoever ran last, if it could, or else the first by place; the others follow by place. */
  readonly schedule: readonly number[];
  /** Virtual milliseconds. */
  readonly ms: number;
  /** How often somebody was left who could have gone on. */
  readonly switches: number;
  /** The steps as lines, in a stable form: two runs are the same if these are. */
  toString(): string;
}

export function runOf(world: World, verdict: Verdict): Run {
  const steps = world.steps.map((step, n) => stepOf(world, step, n));
  return {
    verdict,
    steps,
    schedule: world.choices.map(({ index }) => index),
    ms: world.clock.time,
    switches: world.choices.filter(({ isSwitch }) => isSwitch).length,
    toString: () => linesOf(steps).join('\n'),
  };
}

function stepOf(world: World, step: Recorded, n: number): Step {
  const label = (mover: string): string => world.labelOfMover(mover);
  return {
    n: n + 1,
    at: step.at,
    who: label(step.by),
    kind: step.kind,
    tag: step.tag,
    from: step.from === undefined || step.from < 0 ? undefined : step.from + 1,
    deeds: step.deeds.map(
      (deed): Deed => ({ ...deed, to: deed.to === undefined ? undefined : label(deed.to) }),
    ),
    others: (world.choices[n]?.others ?? []).map(label),
  };
}
