/** What can be said of something that happens: patterns of claims, and whom a fault is for. */

import type { Name } from 'beamish';
import type { DeedKind, StepKind } from './step.ts';

/** Something that happens. All that is given must match; a name may end in `*`. */
export interface Pattern {
  /** What a step begins with, or what is done in it. */
  readonly kind?: StepKind | DeedKind;
  /** Who did it: a label, as the steps show it. */
  readonly by?: string;
  /** To whom it was done: a label. */
  readonly to?: string;
  /** The tag of the message that is sent or received. */
  readonly tag?: string;
  /** Looks at the message that is sent or received. */
  readonly where?: (message: never) => boolean;
}

/** A registered name, or the label of an actor; `'cruncher*'` is whoever begins so, one of them at a time. */
export type Whom = string | Name;

/** Something that has happened. */
export interface Seen {
  readonly kind: StepKind | DeedKind;
  readonly by: string;
  readonly to: string | undefined;
  readonly tag: string | undefined;
  readonly message: unknown;
}

export function isMatch(pattern: Pattern, seen: Seen): boolean {
  const { kind, by, to, tag, where } = pattern;
  return (
    (kind === undefined || kind === seen.kind) &&
    (tag === undefined || (seen.tag !== undefined && isCalled(seen.tag, tag))) &&
    (by === undefined || isCalled(seen.by, by)) &&
    (to === undefined || (seen.to !== undefined && isCalled(seen.to, to))) &&
    (where === undefined || (seen.message !== undefined && where(seen.message as never)))
  );
}

/** Whether this label is meant; `pattern` may end in `*`. */
export function isCalled(label: string, pattern: string): boolean {
  return pattern.endsWith('*') ? label.startsWith(pattern.slice(0, -1)) : label === pattern;
}
