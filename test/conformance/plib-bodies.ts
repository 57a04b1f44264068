/** Servers that start slowly, actors that end as they are told, and what comes of an operation. */

import { type Actor, type Self, type ServerSelf, server } from 'beamish';
import type { TestSystem } from 'beamish/testing';

/** A server that takes its time to start, or does something instead. */
export const slow = server(function* (self: ServerSelf, ms: number, init?: () => unknown) {
  yield* self.sleep(ms);
  const instead = init?.();
  return instead === undefined ? {} : (instead as 'ignore');
});

export const initFails = (): never => {
  throw new Error('init');
};

/** Ends as it is told; supervised by whoever starts it. */
export function* ending(_: Self, end: () => unknown): Actor {
  end();
}
export const throwing = (reason: unknown) => () => {
  throw reason;
};

/** What comes of an operation of the outside once all is settled and `ms` have passed. */
export async function outcome(system: TestSystem, operation: PromiseLike<unknown>, ms = 0) {
  const result = Promise.resolve(operation).then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
  await system.advance(ms);
  return result;
}
