/** Runs one actor of a test from beginning to end. */

import type { Body, Message } from 'beamish';
import type { TestSystem } from 'beamish/testing';

/** Spawns, lets time pass, and resolves with what the body returned; rejects with why it did not. */
export async function ran<M extends Message = never, A extends unknown[] = [], R = void>(
  system: TestSystem,
  body: Body<M, A, R>,
  ...args: NoInfer<A>
): Promise<R> {
  const result = system.run(body, ...args);
  // A rejection is for whoever awaits what this function returns.
  result.catch(() => {});
  await system.advance(60_000);
  return Promise.race([result, Promise.reject(new Error(`${body.name} has not ended`))]);
}
