/**
 * Crash reports of supervised actors wait here until the supervisor has decided what to do, so that
 * the log tells of both at once. Nothing is lost if it never does: its end, the system's, or the end
 * of our patience writes them as they are.
 */

import type { ActorCell } from '../state/actor-cell.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import type { Pid } from '../terms/pid.ts';
import type { CrashReport } from './crash-report.ts';
import type { LogTime } from './rate-limited-log.ts';

/** A supervisor that takes longer may wait for a sibling to stop or a child to start, for ever perhaps. */
const PATIENCE_MS = 1000;

interface Pending {
  readonly report: CrashReport;
  readonly supervisor: ActorCell;
}

export class PendingCrashes {
  readonly #time: LogTime;
  readonly #tell: (report: CrashReport) => void;
  readonly #pending = new Map<Pid, Pending>();
  /** Set while anything is pending. */
  #stopAlarm: (() => void) | undefined;
  /** Crashes that the log has left out, of which a decision may still come. */
  #leftOut = 0;

  constructor(time: LogTime, tell: (report: CrashReport) => void) {
    this.#time = time;
    this.#tell = tell;
  }

  add(report: CrashReport, supervisor: ActorCell): void {
    this.#pending.set(report.pid, { report, supervisor });
    this.#stopAlarm ??= this.#time.after(PATIENCE_MS, () => this.flush());
  }

  /** A crash that will not be written; nor will what becomes of it. */
  leaveOut(): void {
    this.#leftOut++;
  }

  /** The crash of an actor, for the one who writes it. */
  take(pid: Pid): CrashReport | undefined {
    return this.#pending.size === 0 ? undefined : this.#remove(this.#pending.get(pid));
  }

  /** The crash of a child that did not start: nobody has heard its pid, so its reason has to tell. */
  takeFailedStart(supervisor: ActorCell, reason: ExitReason): CrashReport | undefined {
    for (const pending of this.#pending.values()) {
      const { report } = pending;
      if (report.starting && pending.supervisor === supervisor && report.reason === reason)
        return this.#remove(pending);
    }
    return undefined;
  }

  /** Whether a decision is about a crash that was left out; none is once crashes are written again. */
  takeLeftOut(leavesOut: boolean): boolean {
    if (!leavesOut) this.#leftOut = 0;
    if (this.#leftOut === 0) return false;
    this.#leftOut--;
    return true;
  }

  /** An actor has ended: if it was a supervisor, it decides nothing more. */
  ended(cell: ActorCell): void {
    if (this.#pending.size === 0) return;
    for (const pending of this.#pending.values())
      if (pending.supervisor === cell) this.#tell(this.#remove(pending) as CrashReport);
  }

  flush(): void {
    for (const pending of this.#pending.values()) this.#tell(this.#remove(pending) as CrashReport);
  }

  #remove(pending: Pending | undefined): CrashReport | undefined {
    if (pending === undefined) return undefined;
    this.#pending.delete(pending.report.pid);
    if (this.#pending.size === 0) {
      this.#stopAlarm?.();
      this.#stopAlarm = undefined;
    }
    return pending.report;
  }
}
