/** Bodies of tasks, and what is left in their owners. */

import type { Actor, Context, Operation, Self } from 'beamish';

/** Takes a while, and returns what it was given. */
export function* echo<T>(self: Context, value: T, ms = 0): Actor<T> {
  yield* self.sleep(ms);
  return value;
}

export async function asyncEcho<T>(self: Context, value: T, ms = 0): Promise<T> {
  await self.sleep(ms);
  return value;
}

export function* exiting(self: Self, reason: unknown, ms = 0): Actor<string> {
  yield* self.sleep(ms);
  return self.exit(reason as string);
}

export function* throwing(_self: Self, thrown: unknown): Actor<string> {
  throw thrown;
}

/** Ends only by kill. */
export function* stubborn(self: Self): Actor<string> {
  self.trapExit(true);
  for (;;) yield* self.receive('EXIT');
}

export function* failureOf(operation: () => Operation<unknown>): Actor<unknown> {
  try {
    return { returned: yield* operation() };
  } catch (error) {
    return error;
  }
}

/** Ties and mail of an actor, as of now. */
export function leftOf(self: Self): unknown {
  const { links, monitors } = self.info(self.pid) as { links: unknown; monitors: unknown };
  return { links, monitors, mailbox: self.mailbox(self.pid) };
}
export const NOTHING_LEFT = { links: [], monitors: [], mailbox: [] };
