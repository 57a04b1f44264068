/**
 * Groups of actors (OTP's pg), across all systems that are connected, as threads are.
 *
 * ```ts
 * const ROOM = group<{ tag: 'say'; text: string }>('room');
 * function* guest(self: Self<{ tag: 'say'; text: string }>): Actor {
 *   for (;;) console.error((yield* self.receive('say')).text);
 * }
 * const guests = [system.spawn(guest), system.spawn(guest)];
 * groups.join(system, ROOM, guests);
 * groups.publish(system, ROOM, { tag: 'say', text: 'hello' }); // 2
 * system.exitSignal(guests[0], 'kill');
 * groups.members(system, ROOM).length; // 1
 * ```
 *
 * Guaranteed: who ends, or is lost with its system, is no member any more when the first actor hears of its
 * end; and whoever is told something by a member of another system knows of its membership. Not
 * promised: that all systems see the same members at one moment, nor in the same order.
 */

import {
  demonitorGroup,
  groupsOf,
  joinGroup,
  leaveGroup,
  membersOf,
  monitorGroup,
} from '../signals/groups.ts';
import { isHere } from '../signals/registry.ts';
import { cellOfSelf } from '../system/self.ts';
import { type Group, isGroup, SCOPE } from '../terms/group.ts';
import type { Address, Message, Pid } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import type { Ref } from '../terms/ref.ts';
import type { Context } from '../terms/self-types.ts';
import { type Caller, stateOf } from './caller.ts';

/**
 * Puts actors of this system into a group. One may join several times: it is listed as often, gets what is
 * published as often, and has to leave as often. One that has ended is passed over, as OTP adds and removes it.
 *
 * @throws TypeError for what is no group, and for an actor of another system, which joins there.
 */
export function join<M>(
  by: Caller,
  group: Group<M>,
  pids: Pid<NoInfer<M>> | readonly Pid<NoInfer<M>>[],
): void {
  joinGroup(stateOf(by), checked(group), listOf(pids));
}

/** Takes each of them out once; false if none of them was a member. @throws TypeError as `join` does. */
export function leave<M>(
  by: Caller,
  group: Group<M>,
  pids: Pid<NoInfer<M>> | readonly Pid<NoInfer<M>>[],
): boolean {
  return leaveGroup(stateOf(by), checked(group), listOf(pids));
}

/** The members in all systems, as far as this one has heard; none of a group that nobody has joined. */
export function members<M>(by: Caller, group: Group<M>): readonly Pid<M>[] {
  return membersOf(stateOf(by), checked(group)) as readonly Pid<M>[];
}

/** Those of this system alone. */
export function localMembers<M>(by: Caller, group: Group<M>): readonly Pid<M>[] {
  const system = stateOf(by);
  return members(by, group).filter((pid) => isHere(system, pid));
}

/** The names of the groups of a scope that have members. */
export function which(by: Caller, scope: string = SCOPE): readonly string[] {
  return groupsOf(stateOf(by), scope);
}

/**
 * Sends to every member, in the order of `members`, and returns how many there were. As with `send`, a
 * member that has just ended in another system gets nothing, and its message is a dead letter there.
 */
export function publish<M>(by: Caller, group: Group<M>, message: NoInfer<M>): number {
  const pids = membersOf(stateOf(by), checked(group));
  for (const pid of pids) by.send(pid as unknown as Address<unknown>, message as Message);
  return pids.length;
}

/**
 * The members at this moment, and from now on a `GroupChange` for each change after it, until `demonitor`.
 *
 * ```ts
 * const watcher = await system.start(function* (self: Self<GroupChange>): Actor {
 *   const { ref } = groups.monitor(self, group('workers'));
 *   const { pids } = yield* self.receive('GROUP').where((it) => it.change === 'leave');
 *   groups.demonitor(self, ref);
 * });
 * ```
 */
export function monitor<M>(
  self: Context,
  group: Group<M>,
): { readonly ref: Ref; readonly members: readonly Pid<M>[] } {
  return monitorGroup(cellOfSelf(self), checked(group)) as {
    readonly ref: Ref;
    readonly members: readonly Pid<M>[];
  };
}

/** True if it was active. No change that it has told of is left in the mailbox either, as in OTP. */
export function demonitor(self: Context, ref: Ref): boolean {
  return demonitorGroup(cellOfSelf(self), ref);
}

function checked(group: Group<never>): Group {
  if (isGroup(group)) return group;
  throw new TypeError(`Cannot use ${show(group)} as a group: it is made by group(…)`);
}

function listOf<M>(pids: Pid<M> | readonly Pid<M>[]): readonly Pid[] {
  return (Array.isArray(pids) ? pids : [pids]) as readonly Pid[];
}
