/**
 * Nothing is lost in silence: what the rooms report becomes events at once, and lines of the log. A
 * report that nobody hears and that the log has no room for costs a count.
 */

import type { Mailbox } from '../mailbox/mailbox.ts';
import { takesTag } from '../mailbox/tag-set.ts';
import { hasLink } from '../signals/links.ts';
import { type ActorCell, isAlive, residentCell } from '../state/actor-cell.ts';
import type {
  DeadLetterCause,
  Report,
  Reports,
  RestartRate,
  SupervisorReport,
} from '../state/report-port.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import type { Address, Pid } from '../terms/pid.ts';
import { bodyName, isSupervising } from '../terms/spawnable.ts';
import { crashReportOf, labelOf } from './crash-report.ts';
import { EventListeners } from './event-listeners.ts';
import type { RestartEvent, SystemEvents } from './events.ts';
import {
  childLine,
  cleanUpLine,
  crashLine,
  deadLetterLine,
  eventListenerLine,
  listenerLine,
  mailboxLine,
  packageLine,
  restartLine,
  systemDownLine,
} from './log-lines.ts';
import { PendingCrashes } from './pending-crashes.ts';
import { type Logger, type LogMode, type LogTime, RateLimitedLog } from './rate-limited-log.ts';

/** Of a long mailbox, in a report. */
const MOST_TAGS = 20;

export class EventReports implements Reports {
  readonly events = new EventListeners((event, error) => this.#listenerFailed(event, error));
  readonly #log: RateLimitedLog;
  readonly #pending: PendingCrashes;
  /** A restart that failed; set by `restarted`, unset by the report of the start that comes next. */
  #failed: RestartEvent | undefined;

  constructor(mode: LogMode, time: LogTime, logger?: Logger) {
    this.#log = new RateLimitedLog(mode, time, logger);
    this.#pending = new PendingCrashes(time, (crash) =>
      this.#log.write(crashLine(crash, undefined)),
    );
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
    if (this.#pending.size > 0) this.#pending.ended(cell);
    if (this.events.isHeard('exit')) this.events.emit('exit', { pid: cell.pid, reason });
  }

  crashed(cell: ActorCell, reason: ExitReason): void {
    const heard = this.events.isHeard('crash');
    // Who ran it hears of the crash from the promise.
    const told = cell.cold?.ran === true;
    const admitted = !told && this.#log.admits('crash');
    const supervisor = told ? undefined : supervisorOf(cell);
    if (!admitted && supervisor !== undefined) this.#pending.leaveOut();
    if (!heard && !admitted) return;
    const crash = crashReportOf(cell, reason);
    if (heard) this.events.emit('crash', crash);
    if (!admitted) return;
    void crash.state;
    if (supervisor === undefined) this.#log.write(crashLine(crash, undefined));
    else this.#pending.add(crash, supervisor);
  }

  restarted(
    supervisor: ActorCell,
    id: string,
    old: Pid,
    pid: Pid | undefined,
    reason: ExitReason,
    rate: RestartRate,
  ): void {
    const heard = this.events.isHeard('restart');
    const crash = this.#pending.take(old);
    const decision = decisionOf(pid, rate);
    // Of a failed restart, the failed start is told next.
    const admitted = crash === undefined && decision !== 'failed' && this.#admitsDecision();
    if (!heard && !admitted && crash === undefined && decision !== 'failed') return;
    const { count, intensity, periodMs } = rate;
    const by = supervisor.pid;
    const restart = { supervisor: by, id, old, pid, reason, decision, count, intensity, periodMs };
    if (heard) this.events.emit('restart', restart);
    if (decision === 'failed') this.#failed = restart;
    if (crash !== undefined) this.#log.write(crashLine(crash, restart));
    else if (admitted) this.#log.write(restartLine(restart));
  }

  notRestarted(old: Pid, isDelayed: boolean): void {
    const crash = this.#pending.take(old);
    if (crash === undefined) this.#pending.takeLeftOut(this.#log.isFull('crash'));
    else this.#log.write(crashLine(crash, { decision: isDelayed ? 'delayed' : 'not_restarted' }));
  }

  /** Only an event, but for two: the rest is told with the crash and the restart. */
  supervised(
    supervisor: ActorCell,
    report: SupervisorReport,
    id: string,
    child: Pid | undefined,
    reason: ExitReason,
  ): void {
    const by = supervisor.pid;
    if (this.events.isHeard('supervisor'))
      this.events.emit('supervisor', { supervisor: by, report, id, child, reason });
    if (report === 'start_error') {
      const crash = this.#pending.takeFailedStart(supervisor, reason);
      const failed = this.#failed;
      this.#failed = undefined;
      if (crash !== undefined)
        this.#log.write(crashLine(crash, failed ?? { decision: 'not_started' }));
      else if (this.#admitsDecision()) this.#log.write(childLine(report, by, id, reason, failed));
    } else if (report === 'shutdown_error') {
      const crash = child && this.#pending.take(child);
      if (crash !== undefined) this.#log.write(crashLine(crash, { decision: 'stopped' }));
      else if (this.#admitsDecision())
        this.#log.write(childLine(report, by, id, reason, undefined));
    }
  }

  deadLetter(from: Pid | undefined, to: Address, message: unknown, why: DeadLetterCause): void {
    if (this.events.isHeard('dead_letter'))
      this.events.emit('dead_letter', { from, to, message, why });
    if (this.#log.admits('dead_letter')) this.#log.write(deadLetterLine(from, to, message, why));
  }

  mailboxLong(cell: ActorCell, mailbox: Mailbox): void {
    const heard = this.events.isHeard('mailbox_long');
    const admitted = this.#log.admits('mailbox');
    if (!heard && !admitted) return;
    const tags = mailbox.byTag().slice(0, MOST_TAGS);
    const untaken = tags.flatMap(({ tag }) => (takesTag(cell.want, tag) ? [] : [tag]));
    const long = { pid: cell.pid, length: mailbox.length, tags, untaken };
    if (heard) this.events.emit('mailbox_long', long);
    if (admitted) this.#log.write(mailboxLine(long));
  }

  systemUp(system: string, incarnation: number): void {
    if (this.events.isHeard('system_up')) this.events.emit('system_up', { system, incarnation });
  }

  systemDown(system: string, incarnation: number, reason: ExitReason, lost: number): void {
    if (this.events.isHeard('system_down'))
      this.events.emit('system_down', { system, incarnation, reason, lost });
    // Whoever knows why it ended says so; others have something to say only if they lost something.
    if (reason === 'noconnection' && lost === 0) return;
    if (this.#log.admits('crash')) this.#log.write(systemDownLine(system, reason, lost));
  }

  reported(report: Report, event: unknown): void {
    if (this.events.isHeard('report')) this.events.emit('report', report);
    const kind = report.kind as keyof SystemEvents;
    if (event !== undefined && this.events.isHeard(kind)) this.events.emit(kind, event as never);
    if (this.#log.admits(kind)) this.#log.write(packageLine(report));
  }

  listenerFailed(verb: SystemEvents['listener_failed']['verb'], error: unknown): void {
    if (this.events.isHeard('listener_failed'))
      this.events.emit('listener_failed', { verb, error });
    if (this.#log.admits('listener')) this.#log.write(listenerLine(verb, error));
  }

  cleanUpFailed(cell: ActorCell, error: unknown): void {
    if (this.#log.admits('clean_up')) this.#log.write(cleanUpLine(labelOf(cell.pid), error));
  }

  /** Something waits for ever, and the program ends by that. */
  stuck(why: string): void {
    if (this.#log.admits('crash'))
      this.#log.write({ kind: 'stuck', facts: { why }, text: () => why });
  }

  /** Writes what is still to be written. */
  flush(): void {
    this.#pending.flush();
    this.#log.flush();
  }

  #listenerFailed(event: string, error: unknown): void {
    if (this.#log.admits('listener')) this.#log.write(eventListenerLine(event, error));
  }

  /** Whether there is room for a decision about a child whose crash, if any, is not pending. */
  #admitsDecision(): boolean {
    return !this.#pending.takeLeftOut(this.#log.isFull('crash')) && this.#log.admits('crash');
  }
}

/** The supervisor that will hear of the end of this actor, and decide. */
function supervisorOf(cell: ActorCell): ActorCell | undefined {
  const parent = cell.lineage && residentCell(cell.lineage.pid);
  if (parent === undefined || !isAlive(parent) || !isSupervising(parent.body)) return undefined;
  return hasLink(cell, parent.pid) ? parent : undefined;
}

function decisionOf(
  pid: Pid | undefined,
  { count, intensity }: RestartRate,
): RestartEvent['decision'] {
  if (pid !== undefined) return 'restarted';
  return count > intensity ? 'gave_up' : 'failed';
}
