/** One actor system, as its rooms see it: a record on which each of them acts. */

import type { Clock } from '../seams/clock.ts';
import type { Decisions } from '../seams/decisions.ts';
import type { Listeners, Tapped } from '../seams/tap.ts';
import type { ActorCell } from './actor-cell.ts';
import type { Distribution } from './distribution.ts';
import type { GroupTable } from './group-table.ts';
import type { Reports } from './report-port.ts';
import type { RunQueue } from './run-queue.ts';
import type { Timer } from './timer.ts';
import type { TimerWheel } from './timer-wheel.ts';

/** A promise of the outside that is to be settled. */
export interface Unsettled {
  readonly settle: () => void;
  /** Whose end it is of, if it is of one. */
  readonly ended: ActorCell | undefined;
  /** When it is settled at the latest, if it waits for a supervisor. */
  readonly until: number | undefined;
  /** After how many turns, once that is known. */
  after: number | undefined;
}

/** A system's inside. */
export interface SystemState extends Tapped {
  readonly name: string;
  readonly incarnation: number;
  readonly clock: Clock;
  readonly decisions: Decisions;
  /** These three are replaced once, by who takes control of a new system. */
  ready: RunQueue<ActorCell>;
  timers: TimerWheel<Timer>;
  names: Map<string, ActorCell>;
  /** Made by the first use of a group. */
  groups: GroupTable | undefined;
  readonly reports: Reports;
  /** Who hears what is told at the sites of the tap. */
  listeners: Listeners;
  /** The length of a mailbox from which it is told of. */
  readonly longMailbox: number;
  /** Freezes or copies a message on its way; undefined when messages are shared. */
  readonly isolate: (<T>(message: T) => T) | undefined;
  /** What the body of an actor gets as its first argument. */
  readonly selfOf: (cell: ActorCell) => unknown;
  /** Sees that the run queue is drained; set by the scheduler. */
  wake: () => void;
  /** Drains it now, for who comes from the host's own turn and not from an actor's; set by the scheduler. */
  slice: () => void;
  /** A drain is under way or about to be; set and cleared by the scheduler. */
  awake: boolean;
  /** The outside world. */
  root: ActorCell;
  /** Whose turn it is. */
  current: ActorCell | undefined;
  /** Of the turn in progress, kept by `turn-budget.ts`: receives left, granted so far and at most, and a time. */
  receivesLeft: number;
  receivesGranted: number;
  budget: number;
  turnBegan: number;
  /** What the clock said when the scheduler looked last. */
  lookedAt: number;
  /** An actor's code has thrown in this slice: the next one may see more of that. */
  hasThrown: boolean;
  serials: number;
  refs: number;
  aliases: number;
  /** The last spawned of all that are alive, each of which knows the one before. */
  youngest: ActorCell | undefined;
  alive: number;
  /** Actors that have been spawned. */
  spawned: number;
  /** Receives of those that have ended. */
  received: number;
  /** By serial; made when first a copy of a pid has to be found again. */
  directory: Map<number, ActorCell> | undefined;
  /** Other systems; undefined while this one is alone. */
  distribution: Distribution | undefined;
  /** Turns that actors have had, counted at the end of each slice. */
  turns: number;
  /** Promises of the outside that are to be settled. Kept by `settlement.ts`. */
  readonly unsettled: Unsettled[];
  /** Actors that keep the program alive. */
  holds: number;
  /** In the last part of `shutdown`: whoever is spawned ends before it begins. */
  closing: boolean;
  /** After `shutdown`: no timer is started any more. */
  closed: boolean;
}
