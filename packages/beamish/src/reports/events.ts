/** What a system tells programs about itself: crashes, ends, restarts and dead letters, as plain objects. */

import type { Tap } from '../seams/tap.ts';
import type { DeadLetterCause, Report, RestartRate } from '../state/report-port.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import type { Address, Pid } from '../terms/pid.ts';
import type { CrashReport } from './crash-report.ts';

/**
 * What `events` emits; each with one plain object that says who, what and why. A package that reports kinds of
 * its own adds them: `declare module 'beamish' { interface SystemEvents { broker: BrokerEvent } }`.
 */
export interface SystemEvents {
  /** An actor is there; its body has not run yet. */
  spawn: { readonly pid: Pid; readonly parent: Pid; readonly body: string };
  /** An actor has ended: links and monitors have been told. */
  exit: { readonly pid: Pid; readonly reason: ExitReason };
  /** At once, before its links and its supervisor hear of it. What the supervisor then does is a `restart`. */
  crash: CrashReport;
  /** A supervisor has dealt with the end of a child. */
  restart: RestartEvent;
  /**
   * OTP's supervisor reports. `'progress'`: a child has started. `'start_error'`: it has not.
   * `'child_terminated'`: it has ended by itself, and not in order, or it is permanent.
   * `'shutdown_error'`: it was stopped, and ended for another reason than it was given. `'shutdown'`:
   * the supervisor gives up, with `'reached_max_restart_intensity'`.
   */
  supervisor: {
    readonly supervisor: Pid;
    readonly report:
      | 'progress'
      | 'start_error'
      | 'child_terminated'
      | 'shutdown_error'
      | 'shutdown';
    readonly id: string;
    /** The child as it runs, or ran last. */
    readonly child: Pid | undefined;
    readonly reason: ExitReason;
  };
  /**
   * An actor is behind: so many messages wait in its mailbox. Told at the length that the option `longMailbox`
   * says, and again at four times the length, until it has been short in between.
   */
  mailbox_long: {
    readonly pid: Pid;
    readonly length: number;
    /** What waits, the most frequent tag first; 20 tags at most. */
    readonly tags: readonly { readonly tag: string; readonly count: number }[];
    /** Those of `tags` that its receive does not take: if they are many, nobody ever will. */
    readonly untaken: readonly string[];
  };
  /** Another system, such as a thread, is reached from now on; told before anything comes from there. */
  system_up: { readonly system: string; readonly incarnation: number };
  /** Another system, such as a thread, is lost; not told of one that was closed in order. */
  system_down: {
    readonly system: string;
    readonly incarnation: number;
    readonly reason: ExitReason;
    /**
     * Messages that had left for there and had not taken effect. What had not left is told of as dead
     * letters, and a request by its failure; so each is told of once.
     */
    readonly lost: number;
  };
  /** What a package reports of itself; its own kind of event, if there is one, comes next. */
  report: Report;
  /** A listener, such as `system.tap`, threw in this verb, and hears nothing any more. */
  listener_failed: {
    readonly verb: keyof Tap | 'onSystem' | 'onThread';
    readonly error: unknown;
  };
  /** A message reached nobody; `from` is undefined of what came from outside of the actors. */
  dead_letter: {
    readonly from: Pid | undefined;
    readonly to: Address;
    readonly message: unknown;
    readonly why: DeadLetterCause;
  };
}

export type SupervisorReport = SystemEvents['supervisor']['report'];

/** What a supervisor did about the end of a child: restart number `count` of `intensity` within `periodMs`. */
export interface RestartEvent extends RestartRate {
  /** Who restarts. */
  readonly supervisor: Pid;
  /** The id of the child's spec. */
  readonly id: string;
  /** Who has ended. */
  readonly old: Pid;
  /** Who runs in its place; undefined if the restart failed or the supervisor gave up. */
  readonly pid: Pid | undefined;
  /** Why the old one ended; of a restart that failed, why it did. */
  readonly reason: ExitReason;
  /** `'failed'`: it will be tried again. `'gave_up'`: it was one restart too many. */
  readonly decision: 'restarted' | 'failed' | 'gave_up';
}
