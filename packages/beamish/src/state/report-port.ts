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
  spawned(cell: ActorCell): void;
  exited(cell: ActorCell, reason: ExitReason): void;
  /** Its own code ended it, and not in order. */
  crashed(cell: ActorCell, reason: ExitReason): void;
  deadLetter(from: Pid | undefined, to: Address, message: unknown, why: DeadLetterCause): void;
  /** More messages wait than should. */
  mailboxLong(cell: ActorCell, mailbox: Mailbox): void;
  /** A listener threw, and is out. */
  listenerFailed(verb: Verb | 'onSystem' | 'onThread', error: unknown): void;
  /** Clean-up code of an actor threw. */
  cleanUpFailed(cell: ActorCell, error: unknown): void;
}
