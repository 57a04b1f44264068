/** What a test that fails says: what is wrong, who waits for whom, and the steps that lead there. */

import type { Run } from './run.ts';
import { linesOf } from './trace.ts';
import type { Verdict, Waiting } from './verdict.ts';

export function failureText(
  verdict: Verdict | { readonly kind: 'vacuous'; readonly claim: string },
  run: Run | undefined,
  {
    failed,
    runs,
    complete,
  }: { readonly failed: number; readonly runs: number; readonly complete: boolean },
): string {
  if (verdict.kind === 'vacuous') return `"${verdict.claim}" never holds, in ${runs} schedules`;
  const many = `${failed} of ${runs} schedules${complete ? ', which are all' : ''}`;
  const lines = [`${headline(verdict)} in ${many}`, ''];
  if (verdict.kind === 'deadlock') {
    lines.push('  Nothing can happen any more, and these wait:');
    const width = Math.max(...verdict.waiting.map(({ who }) => who.length));
    for (const waiting of verdict.waiting) lines.push(`    ${lineOf(waiting, width)}`);
    if (verdict.cycle.length > 0) lines.push(`  In a circle: ${verdict.cycle.join(' → ')}`);
    lines.push('');
  }
  if (run !== undefined) {
    lines.push(`  A schedule that does it: ${run.steps.length} steps, ${run.switches} switches`);
    lines.push(...linesOf(run.steps).map((line) => `  ${line}`));
    lines.push('', `  Again: simulate(scenario, { schedule: [${run.schedule.join(', ')}] })`);
  }
  return lines.join('\n');
}

function headline(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'failed':
      return `failed (${String(verdict.error)})`;
    case 'claim':
      return `"${verdict.claim}" does not hold`;
    case 'crash':
      return `${verdict.who} crashes (${String(verdict.reason)})`;
    case 'livelock':
      return `no end after ${verdict.steps} steps`;
    default:
      return verdict.kind;
  }
}

function lineOf({ who, waitingFor, of, mailbox }: Waiting, width: number): string {
  const what = waitingFor.map((tag) => `'${tag}'`).join(', ');
  const after = of === undefined ? '' : `, after a message to ${of}`;
  const left = mailbox.map(({ tag, count }) => (count > 1 ? `${count} × ${tag}` : tag)).join(', ');
  return `${who.padEnd(width)}  for ${what}${after}${left === '' ? '' : `   mailbox: ${left}`}`;
}
