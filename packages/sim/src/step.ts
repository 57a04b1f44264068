/** One step of a run, as it was recorded: for people, and for who looks for schedules that differ. */

import type { Message, Pid } from 'beamish';
import type { Touches } from './touches.ts';

/** What a step begins with: the actor's first turn, a receive that returned, one that gave up, or anything else; or a timer that rings. */
export type StepKind =
  | 'starts'
  | 'receives'
  | 'times_out'
  | 'goes_on'
  | 'ends'
  | 'timer'
  | 'arrival'
  | 'fault';
/** What an actor can do in a step. */
export type DeedKind =
  | 'sent'
  | 'replied'
  | 'spawned'
  | 'exit_signal'
  | 'linked'
  | 'monitored'
  | 'registered'
  | 'unregistered'
  | 'ended'
  | 'dead_letter';

/** What was done in a step, in order. */
export interface Deed {
  /** What it was. */
  readonly kind: DeedKind;
  /** To whom, or of whom. */
  readonly to: string | undefined;
  /** The tag of the message, or the name that was given. */
  readonly tag: string | undefined;
  /** Message or reason, shortened to what fits a line. */
  readonly what: string | undefined;
}

/** From one receive of one actor to its next. */
export interface Step {
  /** Counted from 1. */
  readonly n: number;
  /** Virtual ms. */
  readonly at: number;
  /** The actor's name, or its body's name and a number, the same in every schedule: it is the n-th child of its parent. */
  readonly who: string;
  /** What it begins with. */
  readonly kind: StepKind;
  /** The tag of the message that it takes. */
  readonly tag: string | undefined;
  /** In which step the message was sent that it takes. */
  readonly from: number | undefined;
  /** What the actor did in it, in order. */
  readonly deeds: readonly Deed[];
  /** Who else could have been next. */
  readonly others: readonly string[];
}

/** A deed as it was recorded. */
export interface Act {
  readonly kind: DeedKind;
  /** The place of whom it was done to. */
  readonly to: string | undefined;
  readonly tag: string | undefined;
  /** A message, a reply or a reason. */
  readonly what: unknown;
  /** The same in words, made at once in a run that is shown: a message may be changed later. */
  readonly text: string | undefined;
  /** It asks for a reply. */
  readonly isCall: boolean;
}

/** A message that reached a mailbox, or would have. */
export interface Arrival {
  /** The actor, as a thing that steps use. */
  readonly at: number;
  readonly message: Message;
  /** The step in which it came. */
  readonly step: number;
  /** The receive that took it: whether it would take another message, too. */
  takenBy: Taker | undefined;
}

/** A receive, or what else looks for a message. */
export interface Taker {
  accepts(message: Message): boolean;
}

/** A look into a mailbox. */
export interface Poll {
  /** The actor, as a thing that steps use. */
  readonly at: number;
  readonly by: Taker;
}

/** Something that goes to an actor of another system, and how that one is used when it arrives. */
export interface Crossing {
  readonly from: Pid;
  readonly to: Pid;
  readonly way: number;
}

/** A step with all that is needed to tell whether it commutes with another. */
export interface Recorded {
  /** Who made it: the place of an actor, or another mover. */
  readonly by: string;
  readonly touches: Touches;
  arrivals: Arrival[];
  /** Actors of other systems that something goes to, and how they are used when it arrives. */
  crossings: Crossing[];
  /** Looks into a mailbox that found nothing, or need not have found what they did. */
  polls: Poll[];
  /** Choices that the schedule made within it. */
  picks: number[];
  /** Those who could have been next instead, and cannot be any more in the same way. */
  disabled: readonly string[];
  /** It lets time pass while nobody else can do anything: what comes before comes before. */
  passesTime: boolean;
  /** It took a timer back that could have rung before. */
  stopsTimer: boolean;
  /** The step after which its mover could make it; -1 for the setup. */
  enabledBy: number;
  /** The step that sent what it takes. */
  from: number | undefined;
  /** What it takes: a message, or the reply to a call. */
  taken: unknown;
  /** Not needed by who searches. */
  kind: StepKind;
  tag: string | undefined;
  /** Of a fault, in words. */
  words: string | undefined;
  deeds: Act[];
  at: number;
}

export function recorded(by: string, at: number, touches: Touches, enabledBy: number): Recorded {
  return {
    by,
    touches,
    arrivals: NONE,
    crossings: NONE,
    polls: NONE,
    picks: NONE,
    disabled: NOBODY,
    passesTime: false,
    stopsTimer: false,
    enabledBy,
    from: undefined,
    taken: undefined,
    kind: 'goes_on',
    tag: undefined,
    words: undefined,
    deeds: NONE,
    at,
  };
}

const NOBODY: readonly string[] = [];
/** Stands for each list of a step that nothing is in; `withOne` makes another one. */
const NONE: never[] = [];

/** The list with one more. Most have one at most, and the host makes room for seventeen when the first is pushed. */
export function withOne<T>(list: T[], one: T): T[] {
  if (list.length === 0) return [one];
  list.push(one);
  return list;
}

/** The same mover's step, made with other choices: what either does. */
export function either(one: Recorded, other: Recorded): Recorded {
  return {
    ...other,
    touches: one.touches.and(other.touches),
    arrivals: [...one.arrivals, ...other.arrivals],
    polls: [...one.polls, ...other.polls],
    passesTime: one.passesTime || other.passesTime,
  };
}
