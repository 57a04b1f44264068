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
    isFirst || subject.engine === 'tap' ? withSpread(figure, unit) : '',
    rival === undefined ? '–' : describe(subject, rival),
    rivalFigure === undefined ? '–' : withSpread(rivalFigure, unit),
    ratio === undefined ? '–' : withSpread(ratio),
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
  return 'atMost' in target ? `≤ ${target.atMost} ${unit}` : `≥ ${target.atLeast}`;
}

/** The median and, if there were several rounds, the least and the most. */
function withSpread({ median, min, max }: Summary, unit = ''): string {
  const [size, prefix] = unit === '' ? [1, ''] : scaleOf(median);
  const show = (value: number): string => digits(value / size);
  const spread = min === max ? '' : ` (${show(min)}–${show(max)})`;
  return `${show(median)}${spread} ${prefix}${unit}`.trim();
}

function scaleOf(value: number): [number, string] {
  if (value >= 1e6) return [1e6, 'M '];
  return value >= 1e4 ? [1e3, 'k '] : [1, ''];
}

/** Three of them. */
function digits(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}
