/** Groups of actors, as addresses, and what is told of them. */

import type { Pid } from './pid.ts';
import type { Ref } from './ref.ts';

declare const MESSAGE: unique symbol;

/** A group of actors that take messages `M`. Inert data: it can be put in a message and sent to another system, where it means the same group. */
export interface Group<in M = never> {
  /** Its name. */
  readonly group: string;
  /** Groups of one name in two scopes have nothing to do with each other. */
  readonly scope: string;
  readonly [MESSAGE]: (message: M) => void;
}

/** Members came or went. Put it among the messages of an actor that monitors a group. */
export interface GroupChange {
  /** What `receive('GROUP')` selects it by. */
  readonly tag: 'GROUP';
  /** Of the monitor. */
  readonly ref: Ref;
  /** Whether they have come or gone. */
  readonly change: 'join' | 'leave';
  /** The group that was monitored. */
  readonly group: Group;
  /** Who, once for each time that it had joined. */
  readonly pids: readonly Pid[];
}

/** The default, as in OTP. */
export const SCOPE = 'pg';

/**
 * The address of a group, which is there as long as it has members.
 *
 * ```ts
 * const ROOM = group<{ tag: 'say'; text: string }>('room');
 * ```
 *
 * @throws TypeError when the name or the scope is no string or empty.
 */
export function group<M = never>(group: string, scope: string = SCOPE): Group<M> {
  for (const [what, given] of [
    ['group', group],
    ['scope', scope],
  ] as const) {
    if (typeof given !== 'string' || given === '')
      throw new TypeError(
        `Cannot make a ${what} of ${String(given)}: its name is a string that is not empty`,
      );
  }
  return { group, scope } as Group<M>;
}

export function isGroup(value: unknown): value is Group {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Group>).group === 'string' &&
    typeof (value as Partial<Group>).scope === 'string'
  );
}
