/** What one sees of a running system, and alike of a recording: plain data, and the questions that lead to it. */

import type { ExitReason, Label, Pid, Target } from 'beamish';
import type { PanelView } from 'beamish/observation';
import type { Alike, Crash, DeadLetter, Finding, Happening } from './happening.ts';

/** What can be read of a running system, and alike of a recording. */
export interface View {
  /** Everything at one time: each thread is asked at once, and each tells when it looked. */
  snapshot(): Promise<Snapshot>;
  /** Oldest first. */
  actors(filter?: ActorFilter): Promise<readonly ActorView[]>;
  /** The details of one; undefined of one that is not known any more. With `state`, what a server shows of its own, where `payloads` allows. */
  actor(pid: Pid, options?: { readonly state?: boolean }): Promise<ActorDetail | undefined>;
  /** Those with the most, the most first. As recon's `proc_count`. */
  top(by: Amount, n?: number, filter?: ActorFilter): Promise<readonly Ranked[]>;
  /** The supervision trees, of all threads one; what has no parent that is known stands at the top. */
  tree(filter?: ActorFilter): Promise<readonly TreeNode[]>;
  /** Who waits, for what, since when, and what of it is in the mailbox. */
  waiting(filter?: ActorFilter): Promise<readonly Waiting[]>;
  /** Who cannot go on before whom. */
  waitGraph(): Promise<WaitGraph>;
  /** What was sent lately, as far as it was recorded. */
  sequence(options?: SequenceOptions): Promise<Sequence>;
  /** Alike ones together, the latest first. */
  crashes(): readonly Alike<Crash>[];
  /** Alike ones together, the latest first. */
  deadLetters(): readonly Alike<DeadLetter>[];
  /** What is or will be wrong, worst first, each with its evidence. */
  doctor(): Promise<readonly Finding[]>;
  /** What packages above the runtime show of themselves, such as queues and tasks; see `Panel`. */
  panels(): Promise<readonly PanelView[]>;
}

/** Which actors; without a field, that does not matter. */
export interface ActorFilter {
  /** Part of a label, a body's name or a pid as it is printed. */
  readonly text?: string;
  /** The name of its body's function. */
  readonly body?: string;
  /** The name of its system. */
  readonly system?: string;
  /** What it does. */
  readonly status?: ActorStatus;
  /** Below this one. */
  readonly under?: Pid;
  /** Those that have ended within `keep.endedMs`, too. Default false. */
  readonly ended?: boolean;
}

/** Everything at one time. */
export interface Snapshot {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The one that is observed, first, and those of its threads. */
  readonly systems: readonly SystemView[];
  /** Who is alive, oldest first. */
  readonly actors: readonly ActorView[];
  /** Who cannot go on before whom. */
  readonly waits: WaitGraph;
}

/** An actor system: the one that is observed, first, and those of its threads. */
export interface SystemView {
  /** Its name. */
  readonly system: string;
  /** Which life of a system of that name. */
  readonly incarnation: number;
  /** `'silent'`: has not answered for 2 s, as its event loop does not turn. `'lost'`: its thread is dead. */
  readonly status: 'up' | 'silent' | 'lost';
  /** When it was looked at. */
  readonly at: number;
  /** Actors that are alive. */
  readonly actors: number;
  /** In the run queue. */
  readonly runnable: number;
  /** The longest that the event loop was kept waiting since the last look. */
  readonly loopDelayMs: number;
  /** Of its time since the last look, the part in which it was not idle. */
  readonly busy: number;
  /** Of its JavaScript heap, what is in use. */
  readonly heapBytes: number;
  /** Messages taken, since it began. */
  readonly received: number;
  /** Since it began. */
  readonly spawned: number;
  /** Since it is observed. */
  readonly crashes: number;
  /** Since it is observed. */
  readonly restarts: number;
  /** Since it is observed. */
  readonly deadLetters: number;
  /** Messages that full mailboxes had no room for, since it is observed. */
  readonly dropped: number;
  /** Of the time since the last look, the part in which messages were recorded: 1 all, 0 none. */
  readonly recorded: number;
  /** Why it cannot be looked into, if so: then its figures say nothing, and its actors are not shown. */
  readonly failed?: string;
}

/** What an actor does. `'awaiting'`: anything but a message. `'suspended'`: by a tool. */
export type ActorStatus = 'running' | 'runnable' | 'waiting' | 'awaiting' | 'suspended' | 'ended';

/** What a look shows of an actor. */
export interface ActorView {
  /** Who. */
  readonly pid: Pid;
  /** Its registered name, else its child id, else its body. */
  readonly label: string;
  /** The name that it has registered. */
  readonly name: string | undefined;
  /** In its supervisor. */
  readonly childId: string | undefined;
  /** The name of its body's function. */
  readonly body: string;
  /** What the runtime knows it to be. */
  readonly kind: 'actor' | 'server' | 'supervisor';
  /** Who has spawned it. */
  readonly parent: Pid | undefined;
  /** What it does. */
  readonly status: ActorStatus;
  /** Tags of its receive, `['*']` for any, or in words what else it waits for. */
  readonly waitingFor: readonly string[];
  /** Messages that it has not taken. */
  readonly mailboxLength: number;
  /** Undefined of one that drops nothing. */
  readonly mailboxLimit: number | undefined;
  /** Messages taken since it began. */
  readonly reductions: number;
  /** Messages taken a second, on the average of 5 s, 30 s and 5 min. */
  readonly perSecond: readonly [number, number, number];
  /** How often its place in its supervisor was filled anew, since it is observed. */
  readonly restarts: number;
  /** Milliseconds since 1970; of one that was there before the first look, the time of that. */
  readonly spawnedAt: number;
  /** When and why, of one that is not alive. The reason as it is printed. */
  readonly ended?: { readonly at: number; readonly reason: ExitReason };
}

/** All there is to see of one actor. */
export interface ActorDetail extends ActorView {
  /** Parent first. */
  readonly ancestors: readonly Label[];
  /** Whom it is linked to. */
  readonly links: readonly Pid[];
  /** Whom it monitors. */
  readonly monitors: readonly Target[];
  /** Who monitors it. */
  readonly monitoredBy: readonly Pid[];
  /** Whether exit signals become messages to it. */
  readonly trapExit: boolean;
  /** Those that will send to it. */
  readonly timers: readonly {
    readonly inMs: number;
    readonly tag: string;
    readonly everyMs: number;
  }[];
  /** By tag, the most frequent first; of at most the first 10,000 messages. */
  readonly mailbox: readonly { readonly tag: string; readonly count: number }[];
  /** What it waits for. */
  readonly waiting: Waiting | undefined;
  /** The last messages that it took, as far as they were recorded. */
  readonly handled: readonly MessageView[];
  /** A server's, as its `state.get` shows it; only if it was asked for and `payloads` allows. */
  readonly state?: unknown;
}

/** What one can have the most of. */
export type Amount = 'mailbox' | 'reductions' | 'restarts' | 'waited' | 'links' | 'age';
/** What one can do the most of, within a time. */
export type Rate = 'reductions' | 'mailbox' | 'sent' | 'restarts';
/** An actor, and how much it has. */
export interface Ranked {
  /** Who. */
  readonly actor: ActorView;
  /** How much. */
  readonly value: number;
}

/** An actor in its place. */
export interface TreeNode {
  /** Who. */
  readonly actor: ActorView;
  /** In the order of their specs, then of their spawning. */
  readonly children: readonly TreeNode[];
  /** Of a supervisor. */
  readonly strategy?: 'one_for_one' | 'one_for_all' | 'rest_for_one' | 'simple_one_for_one';
  /** Of a supervisor: its restarts within the period that ends now. */
  readonly rate?: { readonly count: number; readonly intensity: number; readonly periodMs: number };
}

/** What an actor waits for. */
export interface Waiting {
  /** Who. */
  readonly actor: ActorView;
  /** As in `ActorView`. */
  readonly waitingFor: readonly string[];
  /** For how long, as far as looks can tell. */
  readonly sinceMs: number;
  /** Until its time-out; undefined if it waits for ever. */
  readonly leftMs: number | undefined;
  /** Of a call: whom it expects the answer from, and to what. */
  readonly call?: { readonly to: Target; readonly what: string };
  /** Messages in its mailbox, of which none has the tag that it waits for. */
  readonly unmatched: readonly { readonly tag: string; readonly count: number }[];
}

/** From who waits to whom it waits for. */
export interface WaitEdge {
  /** Who waits. */
  readonly from: Pid;
  /** Before whom. */
  readonly to: Pid;
  /** A call to answer, room in a mailbox, a start, or a message or the end of one that it monitors. */
  readonly why: 'call' | 'room' | 'start' | 'monitor';
  /** What was asked, or in words. */
  readonly what: string;
  /** When its time-out ends it; undefined if nothing does. */
  readonly leftMs: number | undefined;
}
/** Who cannot go on before whom. */
export interface WaitGraph {
  /** Every wait before somebody. */
  readonly edges: readonly WaitEdge[];
  /** Circles: each waits for the next, and the last for the first, for ever. Those with a time-out are not here. */
  readonly deadlocks: readonly (readonly Pid[])[];
}

/** Which messages. */
export interface SequenceOptions {
  /** The last so many. Default 200. */
  readonly last?: number;
  /** Only messages from or to these. */
  readonly actors?: readonly Pid[];
  /** Only messages of these tags. */
  readonly tags?: readonly string[];
  /** Only what led to this message, back to where it began. */
  readonly causesOf?: number;
  /** Only what followed from this message. */
  readonly causedBy?: number;
}

/** What was sent, and what came of it. */
export interface Sequence {
  /** In the order of their first appearance. */
  readonly lifelines: readonly Label[];
  /** By when they were sent. */
  readonly messages: readonly MessageView[];
  /** Spawns, ends, restarts and time-outs among them. */
  readonly events: readonly Happening[];
  /** Messages in this time that were not recorded; undefined if nobody can say. */
  readonly missed: number | undefined;
}

/** What came of a message. `'unknown'`: whoever could have seen it was not looking any more. */
export type Fate = 'waiting' | 'taken' | 'dead_letter' | 'late_reply' | 'flushed' | 'unknown';
/** How a message was sent. */
export type MessageKind = 'message' | 'call' | 'cast' | 'reply' | 'signal' | 'timer';

/** A message as it was recorded. */
export interface MessageView {
  /** Unique among those of one observer, in the order of sending within a system. */
  readonly id: number;
  /** Who has sent it. */
  readonly from: Pid;
  /** Whom it is for; in words where that is nobody that is known. */
  readonly to: Pid | string;
  /** Of a request, what was asked for; of a reply, what it answers. */
  readonly tag: string;
  /** How it was sent. */
  readonly kind: MessageKind;
  /** The message that its sender was handling; undefined if it began here, or if that was not recorded. */
  readonly cause: number | undefined;
  /**
   * Milliseconds since 1970, with a fraction: as the scheduler saw the clock last, at most 32 turns ago. Of an actor that
   * is asked about alone, by `actor` or `sequence`, the clock is read at each of its turns. The order is always exact.
   */
  readonly sentAt: number;
  /** When a receive returned it; undefined while it waits, and for ever if it was lost. */
  readonly takenAt: number | undefined;
  /** When its receiver was done with it: it ended, waited again, or began its next. */
  readonly doneAt: number | undefined;
  /** What came of it. */
  readonly fate: Fate;
  /** What it carries, if that is kept. */
  readonly payload?: unknown;
}
