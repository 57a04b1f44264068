/** What the rooms tell of, so that nothing is lost in silence: the port behind which the reports stand. */

import type { Mailbox } from '../mailbox/mailbox.ts';
import type { Verb } from '../seams/tap.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import type { Address, Pid } from '../terms/pid.ts';
import type { ActorCell } from './actor-cell.ts';

export type DeadLetterCause =
  | 'noproc'
  | 'noname'
  | 'late_reply'
  | 'overflow'
  | 'unsendable'
  | 'noconnection'
  | 'unhandled';

export type SupervisorReport =
  | 'progress'
  | 'start_error'
  | 'child_terminated'
  | 'shutdown_error'
  | 'shutdown';

/** How many restarts there have been within the last `periodMs`, the one in question included. */
export interface RestartRate {
  readonly count: number;
  readonly intensity: number;
  readonly periodMs: number;
}

/** What a package tells of itself: a kind of its own, facts that are plain data, and one line for people. */
export interface Report {
  /** Of the package's own kinds, as `'broker'`. */
  readonly kind: string;
  /** What there is to know, for programs: a line of JSON in that log. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The same for people, in one line. */
  readonly text: string;
}

/** What the rooms tell of; nothing is lost in silence. */
export interface Reports {
  /** Of a package: `event` is emitted under its kind, unless it is undefined. */
  reported(report: Report, event: unknown): void;
  spawned(cell: ActorCell): void;
  exited(cell: ActorCell, reason: ExitReason): void;
  /** Its own code ended it, and not in order. */
  crashed(cell: ActorCell, reason: ExitReason): void;
  deadLetter(from: Pid | undefined, to: Address, message: unknown, why: DeadLetterCause): void;
  /** More messages wait than should. */
  mailboxLong(cell: ActorCell, mailbox: Mailbox): void;
  /** A supervisor has decided about the end of a child: `pid` runs in its place, if anyone does. */
  restarted(
    supervisor: ActorCell,
    id: string,
    old: Pid,
    pid: Pid | undefined,
    reason: ExitReason,
    rate: RestartRate,
  ): void;
  /** A supervisor has decided that a child which ended stays ended, at least for a while. */
  notRestarted(old: Pid, isDelayed: boolean): void;
  /** What happens to a child of a supervisor, as OTP's supervisor and progress reports. */
  supervised(
    supervisor: ActorCell,
    what: SupervisorReport,
    id: string,
    child: Pid | undefined,
    reason: ExitReason,
  ): void;
  systemUp(system: string, incarnation: number): void;
  /** Another system is lost, and with it so many messages that were on their way there. */
  systemDown(system: string, incarnation: number, reason: ExitReason, lost: number): void;
  /** A listener threw, and is out. */
  listenerFailed(verb: Verb | 'onSystem' | 'onThread', error: unknown): void;
  /** Clean-up code of an actor threw. */
  cleanUpFailed(cell: ActorCell, error: unknown): void;
}
