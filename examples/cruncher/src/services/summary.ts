// What status knows, in a few lines for a terminal.

import { printable } from '../report.ts';
import { count, countOf } from '../units.ts';
import type { Snapshot } from './status.ts';

export function snapshotText({ distinct, totals, notices }: Snapshot): string {
  const lines = Object.entries(totals).map(
    ([cruncher, { found, files }]) =>
      `${cruncher.padEnd(12)}${countOf(found, 'address', 'addresses')} in ${countOf(files, 'file')}`,
  );
  lines.push(`${'together'.padEnd(12)}${count(distinct)} different`);
  for (const { name, state, reason } of notices) {
    const why = reason === undefined ? '' : `: ${printable(reason)}`;
    lines.push(`${'notice'.padEnd(12)}${printable(name)} ${state}${why}`);
  }
  return `\n${lines.join('\n')}\n`;
}
