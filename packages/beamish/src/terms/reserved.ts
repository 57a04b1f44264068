/**
 * What the runtime's own code passes from actor to actor as it is, however a system treats messages: its
 * requests carry what cannot be copied, as what to start, and its replies refer to it.
 */

const TAGS = new Set(['$supervisor', '$system', '$timeout']);

/** Of the runtime's messages by a package that stands on this one: what has these tags is neither frozen nor copied. */
export function reserveTags(...tags: readonly string[]): void {
  for (const tag of tags) TAGS.add(tag);
}

/** Whether a tag, or what a request asked for, is the runtime's own. */
export function isReserved(tag: unknown): boolean {
  return typeof tag === 'string' && tag.startsWith('$') && TAGS.has(tag);
}

const functions = new WeakSet<() => unknown>();

/** Lets a function pass in a message that is copied, as those that an agent is to call. */
export function passable<F extends (...args: never) => unknown>(run: F): F {
  functions.add(run as never);
  return run;
}

export function isPassable(run: unknown): boolean {
  return functions.has(run as never);
}
