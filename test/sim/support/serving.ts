/** Servers that nobody is linked to, and clients that note what comes of what they ask. */

import type { Sim } from '@beamish/sim';
import {
  type Actor,
  type Call,
  CallFailed,
  type Context,
  type Message,
  type Pid,
  type Self,
  type Spawnable,
  stop,
  type Target,
} from 'beamish';
import type { Note } from './explored.ts';
import type { Any } from './scenes.ts';

/** Starts it, lets it go on alone, and gives it the name by which faults find it. */
export function* serving<M extends Message>(
  self: Self<Any>,
  body: Spawnable<M, [], unknown>,
  name = 'service',
): Actor<Pid<M>> {
  const its = yield* self.startLink(body);
  if (!its.ok) throw its.reason;
  const pid = its.pid as unknown as Pid;
  self.unlink(pid);
  self.register(name, pid);
  return its.pid;
}

/** Calls it, for as long as it takes, and notes what comes of it. */
export function* asking(
  self: Self<Any>,
  note: Note,
  to: Target<never>,
  what: string,
  ...args: readonly unknown[]
): Actor {
  try {
    const value = yield* call(self, to, what, ...args).within('infinity');
    note(`${what} ${String(value)}`);
  } catch (error) {
    note(`${what} failed: ${reasonOf(error)}`);
  }
}

/** A call whose types do not matter. */
export function call(
  self: Context,
  to: Target<never>,
  what: string,
  ...args: readonly unknown[]
): Call<unknown> {
  return (self.call as (...all: readonly unknown[]) => Call<unknown>)(to, what, ...args);
}

/** Stops it, and notes what comes of it. */
export function* stopping(self: Self<Any>, note: Note, its: Pid<never>): Actor {
  try {
    yield* stop(self, its);
    note('stopped');
  } catch (error) {
    note(`stop failed: ${reasonOf(error)}`);
  }
}

/** Kills whoever has the name now. */
export function* killing(self: Self<Any>, whom: string): Actor {
  const pid = self.whereis(whom);
  if (pid !== undefined) self.exitSignal(pid as Pid, 'kill');
}

/** What a supervised place answers while whoever holds it is killed, and then. */
export function* askingWhileKilled(
  self: Self<Any>,
  { clients }: Pick<Sim, 'clients'>,
  note: Note,
  place: Target<never>,
  kill: (its: Self<Any>) => Actor,
): Actor {
  yield* clients({ ann: [asking, note, place, 'one'], killer: [kill] });
  // When nobody else can do anything any more.
  yield* self.sleep(1);
  note(`then ${yield* call(self, place, 'one')}`);
}

/** In words. */
export function reasonOf(error: unknown): string {
  const reason = error instanceof CallFailed ? error.reason : error;
  return reason instanceof Error ? reason.message : String(reason);
}
