/** What came of a run. */

import type { ActorInfo, ExitReason, Pid } from 'beamish';
import type { Fault } from './faults.ts';
import type { Pattern } from './pattern.ts';

/** What came of a run. */
export type Verdict =
  | { readonly kind: 'passed' }
  /** The scenario, or a client, threw or was ended. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** `always`, `eventually` or `leadsTo`. */
  | { readonly kind: 'claim'; readonly claim: string }
  /** An actor crashed that may not. */
  | { readonly kind: 'crash'; readonly who: string; readonly reason: ExitReason }
  /** Nothing can happen any more, and the scenario, a client, or somebody in a call, a start or an offer waits. */
  | {
      readonly kind: 'deadlock';
      readonly waiting: readonly Waiting[];
      /** Those that wait for each other, the first one again at the end; empty if there is no circle. */
      readonly cycle: readonly string[];
    }
  /** More steps than a run may have; `repeating` are those who made the last of them. */
  | { readonly kind: 'livelock'; readonly steps: number; readonly repeating: readonly string[] }
  /** Something is left when all has ended that should have. */
  | {
      readonly kind: 'leftovers';
      readonly actors: readonly string[];
      readonly timers: number;
      readonly messages: readonly { readonly to: string; readonly tag: string }[];
    }
  /** Nothing can happen but that a promise settles which does not come through `self.wait`. */
  | { readonly kind: 'foreign_await'; readonly who: string; readonly site: string | undefined }
  /** The same schedule went differently. */
  | {
      readonly kind: 'nondeterminism';
      readonly step: number;
      readonly first: string;
      readonly second: string;
    };

/** Of an exploration in which nothing failed, and something that was asked for has come in no run. */
export type Vacuous =
  /** A `sometimes` that never held. */
  | { readonly kind: 'vacuous'; readonly claim: string }
  /** A fault that never could come: there was nobody for it. */
  | {
      readonly kind: 'vacuous';
      /** The fault, as it is written: `kill('worker')`. */
      readonly claim: string;
      readonly fault: Fault;
      /** What the actors were called in the last run. */
      readonly labels: readonly string[];
    }
  /** A `leadsTo` whose cause never came. */
  | {
      readonly kind: 'vacuous';
      readonly claim: string;
      readonly cause: Pattern;
      readonly labels: readonly string[];
    }
  /** An `always` that is about somebody who never made a step. */
  | {
      readonly kind: 'vacuous';
      readonly claim: string;
      readonly whom: string;
      readonly labels: readonly string[];
    };

/** An actor that waits when nothing can happen any more. */
export interface Waiting {
  /** As it is called in the steps. */
  readonly who: string;
  /** Its pid in that run. */
  readonly pid: Pid;
  /** Tags of its receive, or what else it waits for, in words. */
  readonly waitingFor: readonly string[];
  /** Whom it called, or sent to last. */
  readonly of: string | undefined;
  /** Where in the code, as `file:line`; known of a run that is shown. */
  readonly site: string | undefined;
  /** By tag, the most frequent first. */
  readonly mailbox: readonly { readonly tag: string; readonly count: number }[];
  /** As the system shows it. */
  readonly info: ActorInfo;
  /** What it waits for, as a line says it. */
  readonly text: string;
  /** Its mailbox, as a line says it: empty if there is nothing in it. */
  readonly mailboxText: string;
}
