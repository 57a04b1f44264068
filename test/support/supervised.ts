/** Children that tell a log what becomes of them, and the short forms that tests of supervisors need. */

import {
  type Actor,
  type ChildInfo,
  type Context,
  type Pid,
  type Self,
  type ServerSelf,
  type Spawnable,
  type Supervisor,
  server,
  whichChildren,
} from 'beamish';
import type { TestSystem } from 'beamish/testing';

export type Log = string[];

export interface Traits {
  readonly startMs?: number;
  /** How long `terminate` takes. */
  readonly stopMs?: number;
  /** Called in init; it may throw, and what it returns other than undefined is what init returns. */
  readonly onStart?: (self: Context) => unknown;
  /** Logs when it is dead, too. */
  readonly tellsDeath?: boolean;
}

export interface End {
  readonly tag: 'end';
  readonly reason: unknown;
}

/** Logs `start ID`, and `term ID` unless it was its own end. */
export const worker = server(function* (
  self: ServerSelf<End>,
  log: Log,
  id: string,
  traits: Traits = {},
) {
  self.trapExit(true);
  if (traits.startMs !== undefined) yield* self.sleep(traits.startMs);
  const returned = traits.onStart?.(self);
  if (returned !== undefined) return returned as 'ignore';
  log.push(`start ${id}`);
  if (traits.tellsDeath === true) self.defer(() => log.push(`dead ${id}`));
  let own = false;
  return {
    info: {
      end({ reason }: End): never {
        own = true;
        return self.exit(reason);
      },
    },
    *terminate() {
      if (own) return;
      log.push(`term ${id}`);
      if (traits.stopMs !== undefined) yield* self.sleep(traits.stopMs);
    },
  };
});

/** Traps exits and ends by nothing but `'kill'`. */
export function* stubborn(self: Self, log: Log, id: string): Actor {
  self.trapExit(true);
  for (;;) {
    const { reason } = yield* self.receive('EXIT');
    log.push(`${id} ignored ${String(reason)}`);
  }
}

/** Ends without a word as soon as it is told to. */
export function* obedient(self: Self<End>): Actor {
  const { reason } = yield* self.receive('end');
  self.exit(reason);
}

export async function started<M extends { readonly tag: string }>(
  system: TestSystem,
  body: Spawnable<M, [], void>,
): Promise<Pid<M>> {
  return await answer(system, system.start(body));
}

/** What was asked for, once it has come; without time. */
export async function answer<T>(system: TestSystem, asked: PromiseLike<T>): Promise<T> {
  const settled = Promise.resolve(asked);
  // Whoever awaits it hears of a failure, but only after the system has settled.
  settled.catch(() => undefined);
  await system.settle();
  return await settled;
}

export async function childrenOf(
  system: TestSystem,
  supervisor: Pid<Supervisor>,
): Promise<readonly ChildInfo[]> {
  return await answer(system, whichChildren(system, supervisor));
}

/** The pid of a child that must be running. */
export async function pidOf(
  system: TestSystem,
  supervisor: Pid<Supervisor>,
  id: string,
): Promise<Pid> {
  const pid = (await childrenOf(system, supervisor)).find((child) => child.id === id)?.pid;
  if (typeof pid !== 'object') throw new Error(`Child "${id}" does not run: ${String(pid)}`);
  return pid;
}

/** Ends an actor by its own doing. */
export async function end(system: TestSystem, pid: Pid, reason: unknown): Promise<void> {
  system.send(pid as unknown as Pid<End>, { tag: 'end', reason });
  await system.settle();
}

/** Ends the child of this id by its own doing. */
export async function endChild(
  system: TestSystem,
  supervisor: Pid<Supervisor>,
  id: string,
  reason: unknown,
): Promise<void> {
  await end(system, await pidOf(system, supervisor, id), reason);
}

/** Kills an actor, as somebody who has nothing to do with it. */
export async function kill(system: TestSystem, pid: Pid): Promise<void> {
  system.exitSignal(pid, 'kill');
  await system.settle();
}

/** Sends an exit signal from an actor that is neither parent nor child. */
export async function strangerSays(system: TestSystem, to: Pid, reason: unknown): Promise<void> {
  system.spawn(function* stranger(self: Self): Actor {
    self.exitSignal(to, reason);
    yield* self.yield();
  });
  await system.settle();
}

/** What was logged since the last look. */
export function news(log: Log): string[] {
  return log.splice(0);
}
