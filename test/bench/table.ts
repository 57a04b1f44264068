/** Results as a table in Markdown. */

import type { Contestant, Result, Target } from './comparison.ts';
import type { Summary } from './statistics.ts';

const HEAD = ['workload', '', 'figure', 'compared with', 'its figure', 'ratio', 'target', ''];

export function table(results: readonly Result[]): string {
  const rows = results.map((result, i) => row(result, results[i - 1]));
  const all = [HEAD, HEAD.map(() => '---'), ...rows];
  return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function row(result: Result, above: Result | undefined): string[] {
  const { workload, subject, rival, figure, rivalFigure, ratio, target, reached } = result;
  const isFirst = above?.workload !== workload;
  const { unit } = workload;
  return [
    isFirst ? workload.name : '',
    isFirst ? workload.about : '',
    isFirst || subject.engine === 'tap' ? withSpread(figure, (value) => amount(value, unit)) : '',
    rival === undefined ? '–' : describe(subject, rival),
    rivalFigure === undefined ? '–' : withSpread(rivalFigure, (value) => amount(value, unit)),
    ratio === undefined ? '–' : withSpread(ratio, digits),
    target === undefined ? '' : goal(target, unit),
    reached === undefined ? '' : reached ? '✓' : '✗',
  ];
}

/** What the rival is, in words that say how the subject differs from it. */
export function describe(subject: Contestant, rival: Contestant): string {
  if (subject.engine === 'tap') return 'counting tap, to none';
  if (rival.engine === 'floor') return 'plain generators';
  if (rival.engine === 'beamish') return rival.name;
  const usual = rival.name.replaceAll('_', '-') === subject.name;
  return usual ? 'BEAM' : `BEAM, ${rival.name.replaceAll('_', '-')}`;
}

function goal(target: Target, unit: string): string {
  return 'atMost' in target
    ? `≤ ${amount(target.atMost, unit)}`
    : `≥ ${String(target.atLeast).replace(/0+$/, '')}`;
}

function withSpread({ median, min, max }: Summary, show: (value: number) => string): string {
  return min === max ? show(median) : `${show(median)} (${show(min)}–${show(max)})`;
}

export function amount(value: number, unit: string): string {
  if (value >= 1e6) return `${digits(value / 1e6)} M ${unit}`;
  if (value >= 1e4) return `${digits(value / 1e3)} k ${unit}`;
  return `${Math.round(value)} ${unit}`;
}

/** Three of them. */
function digits(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}
