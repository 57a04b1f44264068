/**
 * What a receive waits for: any message, one tag, or one of several. Several are interned, so that a
 * receive in a loop makes no array: comparing with the set that the actor used last costs 2 ns,
 * finding it among all of them some 15 ns.
 */

import type { Message } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';

/** `undefined`: whatever comes. */
export type Want = undefined | string | TagSet;

export class TagSet {
  readonly tags: readonly string[];
  /** The first four again, as comparing fields is faster than searching an array. */
  readonly a: string | undefined;
  readonly b: string | undefined;
  readonly c: string | undefined;
  readonly d: string | undefined;

  constructor(tags: readonly string[]) {
    this.tags = tags;
    [this.a, this.b, this.c, this.d] = tags;
  }

  has(tag: string): boolean {
    if (tag === this.a || tag === this.b || tag === this.c || tag === this.d) return true;
    return this.tags.length > 4 && this.tags.includes(tag);
  }
}

export function accepts(want: Want, message: Message): boolean {
  if (want === undefined) return true;
  // Comparing what may be of two types is slow: five times as slow as this question.
  return typeof want === 'string' ? want === message.tag : want.has(message.tag);
}

/** The same of a tag, for reports. */
export function takesTag(want: Want, tag: string): boolean {
  return accepts(want, { tag });
}

/** @throws TypeError for what is no tag: in a mailbox, it would fail whoever sends next. */
export function checkedTag(tag: unknown): string {
  if (typeof tag === 'string') return tag;
  throw new TypeError(
    `Cannot receive ${show(tag)}: tags are strings, one after the other, as in receive('a', 'b')`,
  );
}

/** For people: what `info` and reports say an actor waits for. */
export function tagsOf(want: Want): readonly string[] {
  if (want === undefined) return ['*'];
  return typeof want === 'string' ? [want] : want.tags;
}

const interned = new Map<string, TagSet[]>();
let sets = 0;
/** Tags that are made up at run time must not fill the memory: past this many sets, begin again. */
const MOST_SETS = 4096;

/** The set of these tags in this order; `last` is the one that the caller used before. */
export function tagSet(last: Want, a: string, b: string, c?: string, d?: string): TagSet {
  if (typeof last === 'object' && is(last, a, b, c, d)) return last;
  for (const set of interned.get(a) ?? []) if (is(set, a, b, c, d)) return set;
  return intern([a, b, ...[c, d].filter((tag) => tag !== undefined)]);
}

/** The same for more tags than four, which are cold enough to come as an array. */
export function largeTagSet(tags: readonly string[]): TagSet {
  for (const set of interned.get(tags[0] as string) ?? []) {
    if (set.tags.length === tags.length && tags.every((tag, i) => set.tags[i] === tag)) return set;
  }
  return intern(tags);
}

function is(
  set: TagSet,
  a: string,
  b: string,
  c: string | undefined,
  d: string | undefined,
): boolean {
  return set.a === a && set.b === b && set.c === c && set.d === d && set.tags.length <= 4;
}

function intern(tags: readonly string[]): TagSet {
  for (const tag of tags) checkedTag(tag);
  if (++sets > MOST_SETS) {
    interned.clear();
    sets = 1;
  }
  const set = new TagSet(tags);
  const first = tags[0] as string;
  const others = interned.get(first);
  if (others === undefined) interned.set(first, [set]);
  else others.push(set);
  return set;
}
