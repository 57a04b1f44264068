/** The ratios of an earlier run, kept in `baseline.json`, and what has fallen since. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { keyOf, type Result } from './comparison.ts';
import { describeMachine, type Machine } from './machine.ts';
import type { Summary } from './statistics.ts';

interface Baseline {
  readonly machine: Machine;
  /** By what is compared with what. */
  readonly ratios: { readonly [comparison: string]: Summary };
}

const FILE = new URL('baseline.json', import.meta.url);

export function saveBaseline(results: readonly Result[], machine: Machine): void {
  const ratios: { [comparison: string]: Summary } = {};
  for (const result of results) {
    if (result.ratio !== undefined) ratios[comparisonOf(result)] = rounded(result.ratio);
  }
  const baseline: Baseline = { machine, ratios };
  writeFileSync(FILE, `${JSON.stringify(baseline, null, 2)}\n`);
}

/**
 * The machine that the ratios were taken on, if it is another kind than this one: a ratio to the BEAM depends on the
 * processor as much as on what runs.
 */
export function otherMachine(machine: Machine): string | undefined {
  const kept = read();
  if (kept === undefined) return undefined;
  const [its, here] = [describeMachine(kept.machine), describeMachine(machine)];
  return its === here ? undefined : its;
}

/** A sentence for each ratio that is worse than it was, by more than the noise of both runs. */
export function fallen(results: readonly Result[]): string[] {
  const { ratios = {} } = read() ?? {};
  return results.flatMap((result) => {
    const now = result.ratio;
    const then = ratios[comparisonOf(result)];
    if (now === undefined || then === undefined) return [];
    const isWorse = result.workload.unit === 'B' ? now.min > then.max : now.max < then.min;
    if (!isWorse) return [];
    return [`${comparisonOf(result)}: ${show(now)}, and was ${show(then)}`];
  });
}

function read(): Baseline | undefined {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Baseline) : undefined;
}

function comparisonOf({ subject, rival }: Result): string {
  return rival === undefined ? keyOf(subject) : `${keyOf(subject)} to ${keyOf(rival)}`;
}

function rounded({ median, min, max }: Summary): Summary {
  const round = (value: number): number => Number(value.toPrecision(4));
  return { median: round(median), min: round(min), max: round(max) };
}

function show({ median, min, max }: Summary): string {
  return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
}
