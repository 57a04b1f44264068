/** Setting up, inside of a thread, what somebody who watches wants to have there. */

import type { ActorSystem } from 'beamish';
import { isError, peek, show } from 'beamish/transport';
import type { Loader } from './loader.ts';
import type { SetUp, SetUpDone } from './worker-protocol.ts';

/** What takes longer has failed: the thread does not wait for it. */
const LONGEST_MS = 10_000;

/** Calls the export; never rejects, as the thread begins, and goes on, whatever comes of it. */
export async function setUpIn(
  system: ActorSystem,
  loader: Loader,
  setUp: SetUp,
): Promise<SetUpDone> {
  let tooLate: ReturnType<typeof setTimeout> | undefined;
  try {
    const time = new Promise<never>((_, reject) => {
      const error = new Error(`It took longer than ${LONGEST_MS} ms`);
      tooLate = setTimeout(() => reject(error), LONGEST_MS);
    });
    await Promise.race([called(system, loader, setUp), time]);
    return { setUpDone: setUp.n };
  } catch (error) {
    // Code of who watches.
    return { setUpDone: setUp.n, failure: { error: sendable(error) } };
  } finally {
    clearTimeout(tooLate);
  }
}

async function called(system: ActorSystem, loader: Loader, setUp: SetUp): Promise<void> {
  const { module, exportName, value, transferred } = setUp;
  const exported = await loader.exportOf({ module, exportName });
  if (typeof exported !== 'function') {
    throw new TypeError(`Cannot set up "${exportName}" of ${module}: it exports no such function`);
  }
  await exported(system, value, ...transferred);
}

/**
 * Errors with fields of their own may hold what cannot leave the thread, or leave it as plain objects; and
 * whatever is thrown may throw when it is looked at.
 */
function sendable(error: unknown): unknown {
  if (typeof error === 'string') return error;
  if (!isError(error)) return show(error);
  const copy = new Error(textOf(error, 'message') ?? '(unprintable)');
  copy.name = textOf(error, 'name') ?? 'Error';
  const stack = textOf(error, 'stack');
  if (stack !== undefined) copy.stack = stack;
  return copy;
}

function textOf(error: Error, key: 'name' | 'message' | 'stack'): string | undefined {
  const text = peek(error, key);
  return typeof text === 'string' ? text : undefined;
}
