/** A server that does what it is asked to, for the tests of servers. */

import {
  type Actor,
  type Context,
  type Message,
  type MessageOf,
  type ServerSelf,
  server,
  type Target,
} from 'beamish';
import type { TestSystem } from 'beamish/testing';

export interface Note extends Message {
  readonly tag: 'note';
  readonly what: unknown;
}

/** A server that does what it is asked to, and tells the log of everything else. */
export type Act = (self: ServerSelf<Note>) => unknown;
export const doer = server((self: ServerSelf<Note>, log: unknown[], init?: Act) => {
  init?.(self);
  return {
    call: { do: (act: Act) => act(self) },
    cast: { do: (act: Act) => act(self) },
    info: {
      note: ({ what }) => log.push(what),
      EXIT: ({ reason }) => log.push({ EXIT: reason }),
      DOWN: ({ reason }) => log.push({ DOWN: reason }),
      timeout: () => log.push('timeout'),
    },
    terminate: (reason) => {
      log.push({ terminate: reason });
    },
  };
});
export type Doer = MessageOf<typeof doer>;

export const traps: Act = (self) => self.trapExit(true);

/** Settles, and says what became of a promise. */
export async function fateOf(system: TestSystem, promise: PromiseLike<unknown>): Promise<unknown> {
  let fate: unknown = 'pending';
  promise.then(
    (value) => {
      fate = value;
    },
    (error: unknown) => {
      fate = error;
    },
  );
  await system.settle();
  return fate;
}

/** A call that fails, as an operation: what it failed with. */
export function* failureOf(self: Context, to: Target<Doer>, act: Act, ms = 5000): Actor<unknown> {
  try {
    return { returned: yield* self.call(to, 'do', act).within(ms) };
  } catch (error) {
    return error;
  }
}

/** A handler that does not answer before `ms`. */
export function taking(ms: number, value: unknown = 'done'): Act {
  return function* (self) {
    yield* self.sleep(ms);
    return value;
  };
}

export function fails(error: unknown): () => never {
  return () => {
    throw error;
  };
}
