/** The lines of the log that tell what a supervisor has decided. */

import type { ExitReason } from '../terms/exit-reason.ts';
import { type Pid, showAddress } from '../terms/pid.ts';
import type { Printable } from '../terms/printable.ts';
import { labelOf } from './crash-report.ts';
import type { RestartEvent } from './events.ts';
import { headline, type LogLine, label, type Outcome, reasonFacts } from './log-lines.ts';

/** What a supervisor did about the end of a child. */
export type Decision =
  | { readonly decision: 'not_restarted' | 'delayed' | 'stopped' | 'not_started' }
  | RestartEvent;

export function outcomeOf(decision: Decision): Outcome {
  return { facts: decisionFacts(decision), text: decisionText(decision) };
}

export function restartLine(restart: RestartEvent): LogLine {
  const { supervisor, id, old, reason } = restart;
  return {
    kind: 'restart',
    facts: { id, old: showAddress(old), ...decisionFacts(restart), ...reasonFacts(reason) },
    text: () => {
      // Of a failed restart, the decision has said why.
      const why = restart.decision === 'failed' ? '' : `: ${headline(reason)}`;
      return `child "${id}" ${showAddress(old)} of ${label(labelOf(supervisor))} ended${why}\n    ${decisionText(restart)}`;
    },
  };
}

/** A child that did not start, or that was stopped and ended otherwise than it should. */
export function childLine(
  kind: 'start_error' | 'shutdown_error',
  supervisor: Pid,
  id: string,
  reason: ExitReason,
  decision: Decision | undefined,
): LogLine {
  const what = kind === 'start_error' ? 'did not start' : 'was stopped, but ended otherwise';
  return {
    kind,
    facts: {
      supervisor: showAddress(supervisor),
      id,
      ...reasonFacts(reason),
      ...(decision && { outcome: decisionFacts(decision) }),
    },
    text: () => {
      const by = label(labelOf(supervisor));
      const then = decision === undefined ? '' : `\n    ${decisionText(decision)}`;
      return `child "${id}" of ${by} ${what}: ${headline(reason)}${then}`;
    },
  };
}

function decisionText(decision: Decision): string {
  switch (decision.decision) {
    case 'not_restarted':
      return 'not restarted';
    case 'delayed':
      return 'to be restarted after a while';
    case 'not_started':
      return 'so it did not start';
    case 'stopped':
      return 'as its supervisor stopped it';
    case 'restarted':
      return `restarted as ${showAddress(decision.pid)}, ${rate(decision)}`;
    case 'failed':
      return `not restarted yet: ${headline(decision.reason)}; trying again, ${rate(decision)}`;
    case 'gave_up':
      return `its supervisor ${showAddress(decision.supervisor)} gave up: more than ${decision.intensity} within ${seconds(decision.periodMs)}`;
  }
}

function decisionFacts(decided: Decision): Record<string, Printable> {
  if (!('supervisor' in decided)) return { decision: decided.decision };
  const { decision, supervisor, pid, count, intensity, periodMs } = decided;
  const facts = { decision, supervisor: showAddress(supervisor), count, intensity, periodMs };
  return pid === undefined ? facts : { ...facts, pid: showAddress(pid) };
}

function rate({ count, intensity, periodMs }: RestartEvent): string {
  return `${count} of ${intensity} within ${seconds(periodMs)}`;
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
