// What the page shows at one moment: the server's own words to it, and the page's own if it works alone. Types
// only, so that both sides can have them.

import type { CruncherTotals, NoticeProgress } from '../ledger.ts';

/** A place in the supervision tree, and who fills it now. */
export interface SeenActor {
  /** Of the place; the same after a restart. */
  readonly id: string;
  readonly label: string;
  readonly kind: 'supervisor' | 'actor';
  /** Of a supervisor. */
  readonly strategy: string | undefined;
  readonly state: 'running' | 'runnable' | 'waiting' | 'awaiting' | 'suspended' | 'ended';
  /** In words. */
  readonly waitingFor: string;
  readonly mailbox: number;
  /** Messages that it has taken. */
  readonly taken: number;
  readonly restarts: number;
  /** The thread, if it is not that of the page's server. */
  readonly thread: string | undefined;
  readonly isCruncher: boolean;
  readonly children: readonly SeenActor[];
}

/** How far one cruncher is with a file. */
export interface FileProgress {
  readonly cruncher: string;
  readonly bytes: number;
  readonly found: number;
  readonly isDone: boolean;
  readonly error?: string;
}

export interface SeenFile {
  readonly id: string;
  readonly name: string;
  /** Undefined if nobody knows yet. */
  readonly size: number | undefined;
  readonly received: number;
  readonly state: 'receiving' | 'crunching' | 'done' | 'cancelled' | 'failed';
  /** Why it failed. */
  readonly why?: string;
  readonly crunchers: readonly FileProgress[];
  /** Until the slowest cruncher is through with it. */
  readonly leftMs: number | undefined;
}

export interface SeenNotifier {
  readonly name: string;
  readonly isRunning: boolean;
}

export interface Frame {
  /** Which life of the server this is. */
  readonly run: string;
  readonly at: number;
  readonly totals: { readonly [cruncher: string]: CruncherTotals };
  readonly distinct: number;
  readonly domains: readonly (readonly [domain: string, count: number])[];
  readonly newest: readonly string[];
  readonly files: readonly SeenFile[];
  readonly notices: readonly (NoticeProgress & { readonly name: string })[];
  readonly notifyDomain: string | undefined;
  /** Whose notices are sent, and were until somebody stopped it. */
  readonly notifiers: readonly SeenNotifier[];
  /** In queues, and set aside; undefined of a broker that does not tell. */
  readonly queues: readonly { readonly name: string; readonly ready: number }[] | undefined;
  /** Bytes crunched a second, the latest last, one for each second. */
  readonly rates: readonly number[];
  /** The longest that the server's event loop was held up, in the last second. */
  readonly lagMs: number;
  /** Undefined while status is being started again: the rest is what was known last. */
  readonly isCurrent: boolean;
  readonly tree: SeenActor | undefined;
}
