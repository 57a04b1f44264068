/** One run as its user sees it: what came of it, step by step. */

import { causeOf } from './cause.ts';
import { type Judging, verdictOf } from './judging.ts';
import { mermaidOf } from './mermaid.ts';
import { type KeyOptions, keyOf, type ReplayKey } from './schedule.ts';
import type { Deed, Recorded, Step } from './step.ts';
import { linesOf } from './trace.ts';
import type { Verdict } from './verdict.ts';
import { headlineOf } from './verdict-text.ts';
import type { World } from './world.ts';

/** One run, as `simulate` gives it. */
export interface Run {
  /** What came of it. */
  readonly verdict: Verdict;
  /** All steps, in order. */
  readonly steps: readonly Step[];
  /** Who was chosen at each step, and what within it: see `Schedule`. */
  readonly schedule: readonly number[];
  /** Replays it: `simulate(scenario, { schedule: { key } })`. */
  readonly key: ReplayKey;
  /** Virtual milliseconds. */
  readonly ms: number;
  /** How often somebody was left who could have gone on. */
  readonly switches: number;
  /** A sequence diagram. `only`: what led to the end, and nothing that could be left out. */
  toMermaid(options?: { readonly only?: 'cause' | 'all' }): string;
  /** The steps as lines, in a stable form: two runs are the same if these are. */
  toString(): string;
  /** As plain data. */
  toJSON(): SerializedRun;
}

/** A run as plain data. */
export interface SerializedRun {
  /** Of this form. */
  readonly version: 1;
  /** Replays it. */
  readonly key: ReplayKey;
  /** What came of it, in words. */
  readonly verdict: { readonly kind: Verdict['kind']; readonly text: string };
  /** All steps, in order. */
  readonly steps: readonly Step[];
}

/** Of a world that was made to be shown. */
export function runOf(world: World, judging: Judging, options: KeyOptions, given?: Verdict): Run {
  const verdict = given ?? verdictOf(world, judging);
  const steps = world.steps.map((step, n) => stepOf(world, step, n));
  const lines = linesOf(world);
  const schedule = world.numbers;
  const key = keyOf(lines, schedule, options);
  const all = new Set(world.steps.keys());
  return {
    verdict,
    steps,
    schedule,
    key,
    ms: world.clock.time,
    switches: world.switches,
    toMermaid: ({ only = 'all' } = {}) =>
      mermaidOf(world, verdict, only === 'all' ? all : causeOf(world, verdict)),
    toString: () => lines.join('\n'),
    toJSON: () => ({
      version: 1,
      key,
      verdict: { kind: verdict.kind, text: headlineOf(verdict) },
      steps,
    }),
  };
}

function stepOf(world: World, step: Recorded, n: number): Step {
  return {
    n: n + 1,
    at: step.at,
    who: world.labelOfMover(step.by),
    kind: step.kind,
    tag: step.tag,
    from: step.from === undefined || step.from < 0 ? undefined : step.from + 1,
    deeds: step.deeds.map(
      ({ kind, to, tag, text }): Deed => ({
        kind,
        to: to === undefined ? undefined : world.labels.labelOfPath(to),
        tag,
        what: text,
      }),
    ),
    others: (world.others[n] ?? []).map((mover) => world.labelOfMover(mover)),
  };
}
