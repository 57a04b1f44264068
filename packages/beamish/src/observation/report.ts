/** What packages tell of themselves, in the log and by the events of the system that they run in. */

import { type Caller, stateOf } from '../otp/caller.ts';
import type { SystemEvents } from '../reports/events.ts';
import type { Facts } from '../reports/log-lines.ts';
import { reportsOf } from '../reports/reports.ts';
import type { Report } from '../state/report-port.ts';
import { printable, show } from '../terms/printable.ts';

/**
 * Writes a report to the log of the system that `by` is, or belongs to, as its own are: text or JSON, at a limited rate for each kind. The
 * event `report` tells of it, and then `event`, if it is given, is emitted under its kind, whose type the
 * package adds to `SystemEvents`. Facts are printed as far as they can be; nothing that they do when they
 * are looked at fails anybody.
 *
 * ```ts
 * declare module 'beamish' {
 *   interface SystemEvents {
 *     queue_full: { readonly queue: string };
 *   }
 * }
 * report(self, { kind: 'queue_full', facts: { queue }, text: `queue "${queue}" is full` }, { queue });
 * ```
 *
 * @throws TypeError for what is no report.
 */
export function report<K extends keyof SystemEvents>(
  by: Caller,
  report: Report & { readonly kind: K },
  event?: SystemEvents[K],
): void {
  const { kind, facts, text } = report;
  if (typeof kind !== 'string' || kind.length === 0 || typeof text !== 'string') {
    throw new TypeError(`Cannot report ${show(report)}: it has a kind, facts and a text`);
  }
  const { events, log } = reportsOf(stateOf(by));
  if (events.isHeard('report')) events.emit('report', { kind, facts, text });
  if (event !== undefined && events.isHeard(kind)) events.emit(kind, event);
  if (log.admits(kind)) log.write({ kind, facts: printable(facts) as Facts, text: () => text });
}
