/** What the actors of an application, and those who use it, say to each other. Plain data, for it crosses threads. */

import type { Pid, ReplyTo } from 'beamish';
import type { StoredWork } from '../canvas/work.ts';
import type { Effect, TaskEvent } from '../state/events.ts';
import type { TaskRecord } from '../state/record.ts';
import type { TaskFilter } from '../stores/store.ts';
import type { TaskState } from '../terms/task-state.ts';
import type { Rhythm } from './slots.ts';
import type { TasksStats } from './stats.ts';

/** One signature to submit, with everything checked and encoded. */
export interface Submission {
  readonly work: StoredWork;
  readonly id?: string;
  readonly unique?: { readonly key: string; readonly until: 'ended' | 'kept' };
  /** Who submits it, if that is a task. */
  readonly by?: Run;
}

/** A schedule as it is kept. */
export interface StoredSchedule {
  readonly submission: Submission;
  readonly rhythm: Rhythm;
  readonly overlap: 'skip' | 'allow' | 'replace';
  readonly catchUp: 'latest' | 'all' | 'none';
}

export interface ScheduleFound {
  readonly name: string;
  readonly schedule: StoredSchedule;
  readonly next: number | undefined;
  readonly last: { readonly slot: number; readonly id: string } | undefined;
}

/** A run of a task: what an earlier one says does not count. */
export interface Run {
  readonly id: string;
  readonly run: number;
}

export type Submitted =
  | { readonly ok: true; readonly id: string; readonly created: boolean }
  | { readonly ok: false; readonly refused: Refusal };

export type Refusal =
  | { readonly kind: 'unknown_task'; readonly name: string; readonly near: readonly string[] }
  | { readonly kind: 'id_taken'; readonly id: string }
  | { readonly kind: 'stale_run' }
  | { readonly kind: 'store_failed'; readonly why: string };

export interface Found {
  readonly record: TaskRecord;
  /** The latest, encoded. */
  readonly progress: string | undefined;
}

export interface SubmitHow {
  /** Who is outside, a promise is told of it before anything of it begins. */
  readonly isOutside: boolean;
  /** All are stored or none. */
  readonly isWhole: boolean;
}

/** Tasks that have ended, by their places among those that were asked for, and their encoded outcomes. */
export interface EndedOnes {
  readonly places: readonly number[];
  readonly outcomes: readonly string[];
}

/** Waits of the outside have a token, by which they can be given up; those of an actor end with it, too. */
export interface Wait {
  readonly token: string;
  readonly by: Pid | undefined;
}

export interface RevokeOptions {
  readonly reason?: string;
  readonly running?: 'end' | 'kill' | 'leave';
  readonly graceMs?: number;
}

/** What the application can be asked. */
export interface TasksCalls {
  /** The application in figures. */
  stats(): TasksStats;
  /** Stores them. */
  submit(submissions: readonly Submission[], how: SubmitHow): readonly Submitted[];
  /** The encoded outcome of a task, when it has ended. */
  outcome(id: string, wait: Wait): string;
  /**
   * Those that have ended of all that were asked for with this token, as soon as one has; each is told once, and
   * who wants the others asks again, without ids. Undefined: nobody knows the token.
   */
  outcomes(token: string, ids: readonly string[], by: Pid): EndedOnes | undefined;
  /** What is known of a task. */
  find(id: string): Found | undefined;
  /** A page of those that a filter lets pass. */
  list(filter: TaskFilter, after: string | undefined): readonly Found[];
  /** Ends a task; answers with the state that it found. */
  revoke(id: string, options: RevokeOptions): TaskState | undefined;
  /** Drops one that has ended. */
  forget(id: string): boolean;
  /** Puts one back that has ended without success. */
  retry(id: string): boolean;
  /** Whether runners take from a queue. */
  pause(queue: string, isPaused: boolean): void;
  /** Revokes what waits in a queue; answers with how many. */
  purge(queue: string): number;
  /** Of a body. False: its run was replaced. */
  checkpoint(run: Run, value: string): boolean;
  /** What a step of `once` resulted in. */
  noted(run: Run, key: string): { readonly value: string | undefined } | 'stale_run';
  /** Keeps what a step resulted in; false: its run was replaced. */
  keep(run: Run, key: string, value: string): boolean;
  /** Ends what runs; answers with what became of it. */
  close(withinMs: number): { readonly finished: number; readonly returned: number };
  /** Sets one by its name. */
  setSchedule(name: string, schedule: StoredSchedule): void;
  /** Answers with whether it was there. */
  deleteSchedule(name: string): boolean;
  /** All that there are. */
  schedules(): readonly ScheduleFound[];
  /** Of the schedules' own actor. Those of the options, and no others of theirs, are set. */
  syncSchedules(schedules: readonly (readonly [string, StoredSchedule])[]): void;
  /** Whether it leads, and until when by the system's clock. */
  lead(): number | undefined;
  /** Submits what is due, if it still leads; what is from before `since` was missed. Answers with the next slot. */
  fire(since: number, leadsUntil: number): number | undefined;
}

/** And what it can be told. */
export type TasksCasts = {
  giveUp(id: string, token: string): void;
  progress(id: string, run: number, value: string): void;
  watch(id: string, watcher: Pid<Changed>): void;
};

export interface FullProtocol {
  readonly call: TasksCalls;
  readonly cast: TasksCasts;
}

// ── between the store and a worker ──────────────────────────────────────────────────────────

/** A worker is there, and takes what comes. */
export interface Enlist {
  /** Of a message to the application. */
  readonly tag: 'enlist';
  /** Who comes. */
  readonly worker: Pid<WorkerMessage>;
  /** Which of the plan's it is, or what it is, if it joins from elsewhere. */
  readonly as: number | Guest;
}

/** A worker that is none of the application's own: it has tasks run elsewhere, and takes all whose queues begin so. */
export interface Guest {
  /** What it is called. */
  readonly name: string;
  /** How many it takes at a time. */
  readonly limit: number;
  /** What the names of its queues begin with. */
  readonly prefixes: readonly string[];
}

/** These are yours; each is to be told as `ended` when its body has. */
export interface Begin {
  /** Of a message to a worker. */
  readonly tag: 'begin';
  /** As whom it has them. */
  readonly worker: string;
  /** What it is to run. */
  readonly records: readonly TaskRecord[];
  /** Of those that run in threads, by id, in which. */
  readonly threads: ReadonlyMap<string, number>;
}

/** The task of a run has ended without it. */
export interface EndBody {
  /** Of a message to a worker. */
  readonly tag: 'end_body';
  /** Of the task. */
  readonly id: string;
  /** Which run of it. */
  readonly run: number;
  /** How soon. */
  readonly how: 'end' | 'kill' | 'leave' | 'stale';
  /** How long it may take to end by itself. */
  readonly graceMs: number;
}

/** Takes nothing more; ends or returns what runs, and answers with how many. */
export interface Drain {
  readonly tag: 'drain';
  readonly withinMs: number;
  readonly replyTo: ReplyTo<{ readonly finished: number; readonly returned: number }>;
}

/** What a worker is told. */
export type WorkerMessage =
  | Begin
  | EndBody
  | Drain
  | Limit
  | Show
  | Patience
  | BegunThere
  | EndedThere
  | ShownThere
  | LeaksThere;

/** From a keeper in a thread: the body begins now, so its limits count from now. */
export interface BegunThere {
  readonly tag: 'begun_there';
  readonly id: string;
  readonly run: number;
}

/** From a keeper in a thread: the body has ended so. */
export interface EndedThere {
  readonly tag: 'ended_there';
  readonly id: string;
  readonly run: number;
  readonly event: TaskEvent;
  /** Of a task that is none of the application's: what it has kept. */
  readonly notes?: readonly (readonly [string, string])[];
}

/** From a keeper in a thread, of a task that is none of the application's: it shows this of itself, encoded. */
export interface ShownThere {
  readonly tag: 'shown_there';
  readonly id: string;
  readonly run: number;
  readonly value: string;
}

/** From a keeper in a thread: the body cannot be ended there. */
export interface LeaksThere {
  readonly tag: 'leaks_there';
  readonly id: string;
  readonly run: number;
}

/** To a keeper in a thread. */
export type KeeperMessage =
  | Show
  | { readonly tag: 'abort'; readonly why: string }
  | { readonly tag: 'end'; readonly by: EndedBy };

/** Why a body was ended by others. */
export type EndedBy = 'time_limit' | 'revoked' | 'stale' | 'returned';

/** From itself: a limit of a run is reached. */
export interface Limit {
  readonly tag: 'limit';
  readonly id: string;
  readonly run: number;
  /** `'thread'`: it had time to end there, and has not. */
  readonly which: 'soft' | 'hard' | 'grace' | 'thread';
}

/** From a body: it has progress to show. */
export interface Show {
  readonly tag: 'show';
  readonly id: string;
  readonly run: number;
}

/** From itself: the patience of `close` is over. */
export interface Patience {
  readonly tag: 'patience';
  readonly which: 'first' | 'last';
}

/** A body has ended, and its runner is free. */
export interface Ended {
  /** Of a message to the application. */
  readonly tag: 'ended';
  /** As whom it had it. */
  readonly worker: string;
  /** Of the task. */
  readonly id: string;
  /** Of its limits. */
  readonly key: string | undefined;
  /** What its end means. */
  readonly event: TaskEvent;
}

/** Bodies that have ended one after the other. */
export interface AllEnded {
  readonly tag: 'all_ended';
  readonly ended: readonly Ended[];
}

/** It takes nothing more. */
export interface Retired {
  readonly tag: 'retired';
  readonly worker: string;
}

/** How many bodies of a worker were ended whose JavaScript may go on. */
export interface Leaked {
  readonly tag: 'leaked';
  readonly worker: string;
  readonly count: number;
}

/** What the actor of the store is told. */
export type StoreMessage =
  | Enlist
  | Ended
  | AllEnded
  | Retired
  | Leaked
  | { readonly tag: 'flush' }
  | { readonly tag: 'again' }
  | { readonly tag: 'look' }
  | { readonly tag: 'tick' }
  /** Others have changed something. */
  | { readonly tag: 'others' }
  | TellAgain;

/** Somebody waits for these, and others may have changed them. */
export interface TellAgain {
  readonly tag: 'tell';
  readonly ids: readonly string[];
}

// ── to who looks at schedules ───────────────────────────────────────────────────────────────

/** Something has changed, or its own timer has rung. */
export interface LookAtSchedules {
  readonly tag: 'look' | 'tick';
}

// ── to who waits ────────────────────────────────────────────────────────────────────────────

/** What has been kept. */
export interface News {
  readonly tag: 'news';
  readonly changed: readonly TaskRecord[];
  readonly told: readonly Extract<Effect, { readonly kind: 'tell' }>[];
}

export interface AwaitOutcome {
  readonly tag: 'await';
  readonly id: string;
  readonly wait: Wait;
  readonly replyTo: ReplyTo<string>;
}

export interface AwaitMany {
  readonly tag: 'await_many';
  readonly token: string;
  readonly ids: readonly string[];
  /** Of those that have ended, by place. */
  readonly outcomes: readonly (string | undefined)[];
  /** The root of the system that waits. */
  readonly by: Pid;
  readonly replyTo: ReplyTo<EndedOnes | undefined>;
}

/** Who has asked with this token wants those that have ended since. */
export interface AwaitMore {
  readonly tag: 'await_more';
  readonly token: string;
  readonly replyTo: ReplyTo<EndedOnes | undefined>;
}

/** Others have changed these; without ids, perhaps anything. */
export interface OthersChanged {
  readonly tag: 'others';
  readonly ids: readonly string[] | undefined;
}

export type WaitersMessage =
  | News
  | OthersChanged
  | AwaitOutcome
  | AwaitMany
  | AwaitMore
  | { readonly tag: 'give_up'; readonly id: string; readonly token: string }
  | {
      readonly tag: 'watch';
      readonly id: string;
      readonly watcher: Pid<Changed>;
      readonly found: Found | undefined;
    }
  | { readonly tag: 'progress'; readonly id: string; readonly value: string };

/** To who watches. */
export interface Changed {
  readonly tag: 'changed';
  readonly record: TaskRecord;
  readonly progress: string | undefined;
}
