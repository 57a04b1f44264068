/** The three forms that a task's arguments are stored in: a list; one that was spread; those of several elements. */

import { decode } from '../terms/codec.ts';

export interface Spread {
  readonly list: unknown;
}

export interface Several {
  readonly each: readonly (readonly unknown[] | Spread)[];
  readonly settle: boolean;
}

export type StoredArguments = readonly unknown[] | Spread | Several;

export function readArguments(args: string): StoredArguments {
  return decode(args) as StoredArguments;
}

export function isSeveral(args: StoredArguments): args is Several {
  return 'each' in args;
}

/** Every list of arguments in it. */
export function listsIn(args: string): readonly (readonly unknown[])[] {
  const read = readArguments(args);
  return (isSeveral(read) ? read.each : [read]).map((it) =>
    'list' in it ? (Array.isArray(it.list) ? it.list : [it.list]) : it,
  );
}
