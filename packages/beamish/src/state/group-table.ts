/** Which actors are in which groups, of this system and of those that it is connected to. */

import type { Group } from '../terms/group.ts';
import type { Pid } from '../terms/pid.ts';
import type { Ref } from '../terms/ref.ts';
import type { ActorCell } from './actor-cell.ts';
import type { Holding } from './cold-state.ts';

/** A monitor of a group. */
export interface GroupWatch extends Holding {
  readonly owner: ActorCell;
  readonly ref: Ref;
  readonly record: GroupRecord;
}

/** A group that has members, or is monitored. */
export interface GroupRecord extends Holding {
  readonly group: Group;
  /** How often each has joined, in the order of their first times. */
  readonly members: Map<Pid, number>;
  readonly watches: Set<GroupWatch>;
}

export class GroupTable {
  readonly #records = new Map<string, GroupRecord>();

  get(group: Group): GroupRecord | undefined {
    return this.#records.get(keyOf(group));
  }

  add(record: GroupRecord): void {
    this.#records.set(keyOf(record.group), record);
  }

  /** One without members that nobody monitors is forgotten. */
  forgetIfEmpty(record: GroupRecord): void {
    if (record.members.size === 0 && record.watches.size === 0)
      this.#records.delete(keyOf(record.group));
  }

  [Symbol.iterator](): Iterator<GroupRecord> {
    return this.#records.values();
  }
}

/** One string for a scope and a group: the length of the one tells where the other begins. */
export function keyOf({ group, scope }: Group): string {
  return `${scope.length}:${scope}${group}`;
}
