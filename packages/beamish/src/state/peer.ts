/**
 * The port through which actors of other systems are reached. A system knows its peers by name; whom it
 * does not know, it has lost: what is sent there is a dead letter, and links, monitors and calls end with
 * `'noconnection'`. Every signal from here to there goes through one peer, in the order given.
 */

import type { ExitReason } from '../terms/exit-reason.ts';
import type { Group } from '../terms/group.ts';
import type { Address, Message, Pid, ReplyTo, Target } from '../terms/pid.ts';
import type { AnyOptions } from '../terms/spawnable.ts';
import type { ActorCell } from './actor-cell.ts';
import type { Watch } from './watch.ts';

/** What a system that is reached can be told. */
export interface Peer {
  readonly system: string;
  /** Its life: another one's pids are of the dead. */
  readonly incarnation: number;
  /** What keeps an offer to this address waiting, in words: a way that has as much to carry as it should, or a mailbox. */
  obstacle(to: Address): string | undefined;
  /** Calls `wake` once that is over, or the system is lost. */
  whenFree(to: Address, wake: () => void): void;
  /** False, and nothing done, while the way there has no room left. @throws TypeError for what cannot cross, with its place in the message. */
  send(from: Pid, to: Address, message: unknown): boolean;
  /** The same, by who waited while there was an obstacle: it is not dropped. */
  offer(from: Pid, to: Address, message: unknown, transfer?: readonly ArrayBuffer[]): void;
  exit(from: Pid, to: Pid, reason: ExitReason): void;
  link(from: Pid, to: Pid): void;
  unlink(from: Pid, to: Pid): void;
  /** The end of `from`, to which `to` is linked. */
  linkedExit(from: Pid, to: Pid, reason: ExitReason): void;
  /** `watch`, which is in the ring of the remote cell of its target, is to hear of the target's end. */
  monitor(watch: Watch, from: Pid, target: Target): void;
  demonitor(watch: Watch): void;
  /** A question with `watch`, in whose place a reply comes; there, it is given `replyTo`. @throws as `send` does. */
  ask(watch: Watch, from: Pid, target: Target, replyTo: ReplyTo, question: Message): void;
  spawn(from: Pid, order: SpawnOrder): ActorCell;
  /** Actors of this system have joined a group or left it. */
  groupChanged(change: 'join' | 'leave', group: Group, pids: readonly Pid[]): void;
  /** Stands here for an actor, or for whoever has a name, or for the system itself. */
  remoteCell(of: Target | undefined): ActorCell;
  /** Sends what waits to be sent. */
  flush(): void;
}

/** The address of a body's code. */
export interface Code {
  /** The URL of the module. */
  readonly module: string;
  /** The name under which the module exports the body. */
  readonly exportName: string;
}

export interface SpawnOrder {
  readonly code: Code;
  readonly args: readonly unknown[];
  readonly options: AnyOptions | undefined;
  /** Whom to tell how the start went; undefined if nobody waits. */
  readonly started: ReplyTo | undefined;
  /** Who waits traps exits, and gets no exit signal of a failed start. */
  readonly trapping: boolean;
}
