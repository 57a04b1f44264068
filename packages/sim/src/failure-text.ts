/** What a test that fails says: what is wrong, who waits for whom, and the steps that lead there. */

import type { Run } from './run.ts';
import type { Vacuous, Verdict } from './verdict.ts';
import { detailsOf, headlineOf } from './verdict-text.ts';

/** What is told besides the verdict. */
export interface Telling {
  readonly run: Run | undefined;
  readonly failed: number;
  readonly runs: number;
  readonly complete: boolean;
  /** Before it was made small, and with how many runs that was done. */
  readonly found: { readonly steps: number; readonly switches: number } | undefined;
  readonly shrinkRuns: number;
  /** Where a diagram is, if there is one. */
  readonly diagram: string | undefined;
  /** The line that runs it again. */
  readonly again: string | undefined;
}

export function failureText(
  verdict: Verdict | Vacuous,
  { run, failed, runs, complete, found, shrinkRuns, diagram, again }: Telling,
): string {
  const count = runs.toLocaleString('en');
  if (verdict.kind === 'vacuous') {
    const head = `${headlineOf(verdict)}, in ${count} schedules${complete ? ', which are all' : ''}`;
    return [head, ...detailsOf(verdict)].join('\n');
  }
  const many = `${failed} of ${count} ${runs === 1 ? 'schedule' : 'schedules'}${complete ? ', which are all' : ''}`;
  const lines = [`${headlineOf(verdict)} in ${many}`, ...detailsOf(verdict)];
  if (run === undefined) return lines.join('\n');
  lines.push('', `  The calmest schedule that does it: ${sizeOf(run, found, shrinkRuns)}`);
  lines.push(
    ...run
      .toString()
      .split('\n')
      .map((line) => `  ${line}`),
    '',
  );
  if (diagram !== undefined) lines.push(`  As a diagram: ${diagram}`);
  if (again !== undefined) lines.push(`  Again: ${again}`);
  return lines.join('\n');
}

function sizeOf(
  { steps, switches }: Run,
  found: { readonly steps: number; readonly switches: number } | undefined,
  shrinkRuns: number,
): string {
  const its = `${steps.length} steps, ${switches} ${switches === 1 ? 'switch' : 'switches'}`;
  if (found === undefined || shrinkRuns === 0) return its;
  return `${its} (found with ${found.steps} and ${found.switches}; ${shrinkRuns} runs to make it so)`;
}
