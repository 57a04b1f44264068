/** What whoever connects systems reports: which are reached, and which are lost. */

import type { SystemState } from '../state/system-state-types.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { detail, headline, type LogLine, reasonFacts } from './log-lines.ts';
import { reportsOf } from './reports.ts';

export function tellSystemUp(here: SystemState, system: string, incarnation: number): void {
  const { events } = reportsOf(here);
  if (events.isHeard('system_up')) events.emit('system_up', { system, incarnation });
}

/** Another system is lost, and with it so many messages that were on their way there. */
export function tellSystemDown(
  here: SystemState,
  system: string,
  incarnation: number,
  reason: ExitReason,
  lost: number,
): void {
  const { events, log } = reportsOf(here);
  if (events.isHeard('system_down'))
    events.emit('system_down', { system, incarnation, reason, lost });
  // Whoever knows why it ended says so; others have something to say only if they lost something.
  if (reason === 'noconnection' && lost === 0) return;
  if (log.admits('crash')) log.write(systemDownLine(system, reason, lost));
}

function systemDownLine(system: string, reason: unknown, lost: number): LogLine {
  return {
    kind: 'system_down',
    facts: { system, lost, ...reasonFacts(reason) },
    text: (style) =>
      [
        `system ${system} ${style.alarming(`is lost: ${headline(reason)}`)}`,
        ...detail(reason).map(style.aside),
        `and with it ${lost} of the messages that were sent there`,
      ].join('\n    '),
  };
}
