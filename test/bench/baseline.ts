/** The ratios of an earlier run, kept in `baseline.json`, and what has fallen since. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { keyOf, type Result } from './comparison.ts';
import type { Machine } from './machine.ts';
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

/** A sentence for each ratio that is worse than it was, by more than the noise of both runs. */
export function fallen(results: readonly Result[]): string[] {
  if (!existsSync(FILE)) return [];
  const { ratios } = JSON.parse(readFileSync(FILE, 'utf8')) as Baseline;
  return results.flatMap((result) => {
    const now = result.ratio;
    const then = ratios[comparisonOf(result)];
    if (now === undefined || then === undefined) return [];
    const isWorse = result.workload.unit === 'B' ? now.min > then.max : now.max < then.min;
    if (!isWorse) return [];
    return [`${comparisonOf(result)}: ${show(now)}, and was ${show(then)}`];
  });
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
