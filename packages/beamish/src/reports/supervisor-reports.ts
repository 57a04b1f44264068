/**
 * What a supervisor reports: what it decides about the end of a child, and what happens to its children. The
 * log tells of a crash and of the decision about it at once. Whoever supervises brings it; without a
 * supervisor a system does not have it.
 */

import type { ActorCell } from '../state/actor-cell.ts';
import type { RestartRate } from '../state/report-port.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import type { Pid } from '../terms/pid.ts';
import type { CrashReport } from './crash-report.ts';
import type { RestartEvent, SupervisorReport } from './events.ts';
import { crashLine, type LogLine } from './log-lines.ts';
import { PendingCrashes } from './pending-crashes.ts';
import { type EventReports, reportsOf } from './reports.ts';
import { childLine, type Decision, outcomeOf, restartLine } from './supervisor-lines.ts';

/** Of one supervisor. */
export class SupervisorReports {
  readonly #supervisor: Pid;
  readonly #cell: ActorCell;
  readonly #reports: EventReports;
  readonly #pending: PendingCrashes;
  /** A restart that failed; set by `restarted`, unset by the report of the start that comes next. */
  #failed: RestartEvent | undefined = undefined;

  constructor(supervisor: ActorCell) {
    this.#supervisor = supervisor.pid;
    this.#cell = supervisor;
    const reports = reportsOf(supervisor.system);
    this.#reports = reports;
    reports.pending ??= new PendingCrashes(reports.time, (crash) =>
      reports.log.write(crashLine(crash, undefined)),
    );
    this.#pending = reports.pending;
  }

  /** It has decided about the end of a child: `pid` runs in its place, if anyone does. */
  restarted(
    id: string,
    old: Pid,
    pid: Pid | undefined,
    reason: ExitReason,
    rate: RestartRate,
  ): void {
    const { events, log } = this.#reports;
    const heard = events.isHeard('restart');
    const crash = this.#pending.take(old);
    const decision = decisionOf(pid, rate);
    // Of a failed restart, the failed start is told next.
    const admitted = crash === undefined && decision !== 'failed' && this.#admits();
    if (!heard && !admitted && crash === undefined && decision !== 'failed') return;
    const { count, intensity, periodMs } = rate;
    const supervisor = this.#supervisor;
    const restart = { supervisor, id, old, pid, reason, decision, count, intensity, periodMs };
    if (heard) events.emit('restart', restart);
    if (decision === 'failed') this.#failed = restart;
    if (crash !== undefined) this.#tellCrash(crash, restart);
    else if (admitted) log.write(restartLine(restart));
  }

  /** It has decided that a child which ended stays ended, at least for a while. */
  notRestarted(old: Pid, isDelayed: boolean): void {
    const crash = this.#pending.take(old);
    if (crash === undefined) this.#pending.takeLeftOut(this.#reports.log.isFull('crash'));
    else this.#tellCrash(crash, { decision: isDelayed ? 'delayed' : 'not_restarted' });
  }

  /**
   * What happens to a child, as OTP's supervisor and progress reports. Only an event, but for two: the rest is
   * told with the crash and the restart.
   */
  tell(report: SupervisorReport, id: string, child: Pid | undefined, reason: ExitReason): void {
    const { events } = this.#reports;
    const supervisor = this.#supervisor;
    if (events.isHeard('supervisor'))
      events.emit('supervisor', { supervisor, report, id, child, reason });
    if (report === 'start_error') {
      const failed = this.#failed;
      this.#failed = undefined;
      const crash = this.#pending.takeFailedStart(this.#cell, reason);
      if (crash !== undefined) this.#tellCrash(crash, failed ?? { decision: 'not_started' });
      else this.#write(() => childLine(report, supervisor, id, reason, failed));
    } else if (report === 'shutdown_error') {
      const crash = child && this.#pending.take(child);
      if (crash !== undefined) this.#tellCrash(crash, { decision: 'stopped' });
      else this.#write(() => childLine(report, supervisor, id, reason, undefined));
    }
  }

  #tellCrash(crash: CrashReport, decision: Decision): void {
    this.#reports.log.write(crashLine(crash, outcomeOf(decision)));
  }

  #write(line: () => LogLine): void {
    if (this.#admits()) this.#reports.log.write(line());
  }

  /** Whether there is room for a decision about a child whose crash, if any, is not pending. */
  #admits(): boolean {
    const { log } = this.#reports;
    return !this.#pending.takeLeftOut(log.isFull('crash')) && log.admits('crash');
  }
}

function decisionOf(
  pid: Pid | undefined,
  { count, intensity }: RestartRate,
): RestartEvent['decision'] {
  if (pid !== undefined) return 'restarted';
  return count > intensity ? 'gave_up' : 'failed';
}
