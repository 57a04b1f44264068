/** What happens in a system, and what is told of it: as it happens, and alike ones together. */

import type {
  CrashReport,
  ExitReason,
  Label,
  Message,
  Pid,
  RestartEvent,
  SystemEvents,
  Target,
} from 'beamish';
import type { Report } from 'beamish/observation';
import type { MessageView } from './view.ts';

/** Alike ones, told as one. */
export interface Alike<T> {
  /** The last of them. */
  readonly latest: T;
  /** How many there were. */
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly firstAt: number;
  /** Milliseconds since 1970. */
  readonly lastAt: number;
  /** What makes them alike: who by body, and why without its numbers. */
  readonly fingerprint: string;
}

/** A crash, what its supervisor did about it, and what led to it. */
export interface Crash extends CrashReport {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What its supervisor did; undefined until it did, and of one that nobody restarts. */
  readonly restart: RestartEvent | undefined;
  /** What led to it: the message that was handled, the one that caused that, and so on; as far as recorded, 20 at most. */
  readonly chain: readonly MessageView[];
}

/** A message that reached nobody. Of what it carries, nothing but its tag is kept. */
export interface DeadLetter {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Undefined of what came from outside of the actors. */
  readonly from: Label | undefined;
  /** The address as it is printed. */
  readonly to: string;
  /** What it was. */
  readonly tag: string;
  /** Why it reached nobody. */
  readonly why: SystemEvents['dead_letter']['why'];
}

/** What the doctor looks for. */
export type Rule =
  | 'mailbox_grows'
  | 'never_matched'
  | 'deadlock'
  | 'long_turn'
  | 'foreign_await'
  | 'restart_storm'
  | 'dead_letter_burst'
  | 'orphan'
  | 'old_message'
  | 'big_copy'
  | 'thread_imbalance'
  | 'thread_silent'
  | 'timer_leak'
  | 'recording_bursts';

/** Something that is or will be wrong. */
export interface Finding {
  /** What was looked for. */
  readonly rule: Rule;
  /** How bad it is. */
  readonly severity: 'error' | 'warning' | 'hint';
  /** One sentence that names the actor and the figure. */
  readonly summary: string;
  /** The figures that it rests on. */
  readonly evidence: readonly { readonly label: string; readonly value: string }[];
  /** Whom it is about. */
  readonly actors: readonly Pid[];
  /** Milliseconds since 1970. */
  readonly since: number;
  /** What to read about it. */
  readonly docs: string;
}

/** What one can do to what one sees. */
export type Action =
  | { readonly kind: 'send'; readonly to: Pid; readonly message: Message }
  | { readonly kind: 'exit'; readonly to: Pid; readonly reason: ExitReason }
  | { readonly kind: 'kill'; readonly to: Pid }
  | { readonly kind: 'suspend' | 'resume'; readonly to: Pid }
  | { readonly kind: 'restart'; readonly to: Pid }
  | {
      readonly kind: 'panel';
      readonly system: string;
      readonly title: string;
      readonly action: string;
      readonly row: string;
    };

/** What happens, as plain data that tells itself apart by `kind`. */
export type Happening =
  /** Of one whose code came after it, again with the name of its body. */
  | {
      readonly kind: 'spawn';
      readonly at: number;
      readonly pid: Pid;
      readonly parent: Pid;
      readonly body: string;
    }
  | { readonly kind: 'exit'; readonly at: number; readonly pid: Pid; readonly reason: ExitReason }
  | { readonly kind: 'crash'; readonly at: number; readonly crash: Crash }
  | { readonly kind: 'restart'; readonly at: number; readonly restart: RestartEvent }
  | {
      readonly kind: 'supervisor';
      readonly at: number;
      readonly report: SystemEvents['supervisor'];
    }
  | { readonly kind: 'dead_letter'; readonly at: number; readonly letter: DeadLetter }
  /** Of a package above the runtime. */
  | { readonly kind: 'report'; readonly at: number; readonly report: Report }
  | {
      readonly kind: 'link' | 'unlink' | 'monitor' | 'demonitor';
      readonly at: number;
      readonly from: Pid;
      readonly to: Target;
    }
  | {
      readonly kind: 'exit_signal';
      readonly at: number;
      readonly from: Pid;
      readonly to: Pid;
      readonly reason: ExitReason;
    }
  | {
      readonly kind: 'timeout';
      readonly at: number;
      readonly pid: Pid;
      readonly waitingFor: readonly string[];
    }
  | {
      readonly kind: 'name';
      readonly at: number;
      readonly name: string;
      readonly pid: Pid | undefined;
    }
  | {
      readonly kind: 'system_up' | 'system_silent' | 'system_down';
      readonly at: number;
      readonly system: string;
      readonly incarnation: number;
      readonly reason?: ExitReason;
      /** Of one that is down: messages that were on their way to it. */
      readonly lost?: number;
    }
  | { readonly kind: 'message'; readonly at: number; readonly message: MessageView }
  | { readonly kind: 'finding' | 'mended'; readonly at: number; readonly finding: Finding }
  /** Somebody acted through an observer. */
  | {
      readonly kind: 'action';
      readonly at: number;
      readonly action: Action;
      readonly by: string;
      readonly ok: boolean;
    }
  /** So many were missed, as they were not read in time. */
  | { readonly kind: 'gap'; readonly at: number; readonly missed: number };

/** What tells happenings apart. */
export type EventKind = Happening['kind'];
