/** What waits for the end of an actor, or for an answer from it: monitors, requests and aliases, as the rooms see them. */

import type { ExitReason } from '../terms/exit-reason.ts';
import type { Pid, Sender, Target } from '../terms/pid.ts';
import type { ActorCell } from './actor-cell.ts';

/** A monitor or a request: a node of two rings, the watched actor's and the owner's. */
export interface Watch {
  /** Who hears of the end; undefined once it is over. */
  owner: ActorCell | undefined;
  /** Who is watched, if of this system and alive. */
  cell: ActorCell | undefined;
  readonly target: Target;
  /** Tells it from others of its system, where that is not this one. */
  readonly key: number;
  nextWatcher: Watch;
  previousWatcher: Watch;
  nextWatching: Watch;
  previousWatching: Watch;
  /** Called on the watched actor's end, after the watch has left both rings; `who` ended. */
  ended(owner: ActorCell, reason: ExitReason, who: Pid): void;
}

/** A reply address stands for this: a request, or an alias of an actor. */
export interface Answerable {
  /** Messages, which land in a mailbox, or any value, which whoever waits has at once. */
  readonly takes: 'mail' | 'reply';
  /** Of a request, what it asked for. */
  readonly what?: string;
  /** False if nobody waits for it any more. @throws TypeError for what it does not take. */
  answer(value: unknown, from: Sender): boolean;
  /** Of an alias: lets one message pass, for who puts it in itself; false if the alias is over. */
  admit?(): boolean;
}
