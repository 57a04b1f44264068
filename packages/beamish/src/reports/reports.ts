/**
 * Nothing is lost in silence: what the rooms report becomes events at once, and lines of the log. A
 * report that nobody hears and that the log has no room for costs a count.
 */

import type { Mailbox } from '../mailbox/mailbox.ts';
import { takesTag } from '../mailbox/tag-set.ts';
import { hasLink } from '../signals/links.ts';
import { type ActorCell, isAlive, residentCell } from '../state/actor-cell.ts';
import type { DeadLetterCause, Reports } from '../state/report-port.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import type { Address, Pid } from '../terms/pid.ts';
import { bodyName, isSupervising } from '../terms/spawnable.ts';
import { crashReportOf, labelOf } from './crash-report.ts';
import { EventListeners } from './event-listeners.ts';
import type { SystemEvents } from './events.ts';
import {
  cleanUpLine,
  crashLine,
  deadLetterLine,
  eventListenerLine,
  listenerLine,
  mailboxLine,
} from './log-lines.ts';
import type { PendingCrashes } from './pending-crashes.ts';
import { type Logger, type LogMode, type LogTime, RateLimitedLog } from './rate-limited-log.ts';

/** Of a long mailbox, in a report. */
const MOST_TAGS = 20;

export class EventReports implements Reports {
  readonly events = new EventListeners((event, error) => this.#listenerFailed(event, error));
  readonly log: RateLimitedLog;
  readonly time: LogTime;
  /** Crashes of which a supervisor is to decide; set by the first one's `SupervisorReports`. */
  pending: PendingCrashes | undefined = undefined;

  constructor(mode: LogMode, time: LogTime, logger?: Logger) {
    this.log = new RateLimitedLog(mode, time, logger);
    this.time = time;
  }

  spawned(cell: ActorCell): void {
    if (!this.events.isHeard('spawn')) return;
    this.events.emit('spawn', {
      pid: cell.pid,
      parent: (cell.lineage as { pid: Pid }).pid,
      body: bodyName(cell.body),
    });
  }

  exited(cell: ActorCell, reason: ExitReason): void {
    this.pending?.ended(cell);
    if (this.events.isHeard('exit')) this.events.emit('exit', { pid: cell.pid, reason });
  }

  crashed(cell: ActorCell, reason: ExitReason): void {
    const heard = this.events.isHeard('crash');
    // Who ran it hears of the crash from the promise.
    const told = cell.cold?.ran === true;
    const admitted = !told && this.log.admits('crash');
    const supervisor = told || this.pending === undefined ? undefined : supervisorOf(cell);
    if (!admitted && supervisor !== undefined) this.pending?.leaveOut();
    if (!heard && !admitted) return;
    const crash = crashReportOf(cell, reason);
    if (heard) this.events.emit('crash', crash);
    if (!admitted) return;
    void crash.state;
    if (supervisor === undefined) this.log.write(crashLine(crash, undefined));
    else this.pending?.add(crash, supervisor);
  }

  deadLetter(from: Pid | undefined, to: Address, message: unknown, why: DeadLetterCause): void {
    if (this.events.isHeard('dead_letter'))
      this.events.emit('dead_letter', { from, to, message, why });
    if (this.log.admits('dead_letter')) this.log.write(deadLetterLine(from, to, message, why));
  }

  mailboxLong(cell: ActorCell, mailbox: Mailbox): void {
    const heard = this.events.isHeard('mailbox_long');
    const admitted = this.log.admits('mailbox');
    if (!heard && !admitted) return;
    const tags = mailbox.byTag().slice(0, MOST_TAGS);
    const untaken = tags.flatMap(({ tag }) => (takesTag(cell.want, tag) ? [] : [tag]));
    const long = { pid: cell.pid, length: mailbox.length, tags, untaken };
    if (heard) this.events.emit('mailbox_long', long);
    if (admitted) this.log.write(mailboxLine(long));
  }

  listenerFailed(verb: SystemEvents['listener_failed']['verb'], error: unknown): void {
    if (this.events.isHeard('listener_failed'))
      this.events.emit('listener_failed', { verb, error });
    if (this.log.admits('listener')) this.log.write(listenerLine(verb, error));
  }

  cleanUpFailed(cell: ActorCell, error: unknown): void {
    if (this.log.admits('clean_up')) this.log.write(cleanUpLine(labelOf(cell.pid), error));
  }

  /** Something waits for ever, and the program ends by that. */
  stuck(why: string): void {
    if (this.log.admits('crash'))
      this.log.write({ kind: 'stuck', facts: { why }, text: () => why });
  }

  /** Writes what is still to be written. */
  flush(): void {
    this.pending?.flush();
    this.log.flush();
  }

  #listenerFailed(event: string, error: unknown): void {
    if (this.log.admits('listener')) this.log.write(eventListenerLine(event, error));
  }
}

/** The port of a system, with what stands behind it. */
export function reportsOf(system: SystemState): EventReports {
  return system.reports as EventReports;
}

/** The supervisor that will hear of the end of this actor, and decide. */
function supervisorOf(cell: ActorCell): ActorCell | undefined {
  const parent = cell.lineage && residentCell(cell.lineage.pid);
  if (parent === undefined || !isAlive(parent) || !isSupervising(parent.body)) return undefined;
  return hasLink(cell, parent.pid) ? parent : undefined;
}
