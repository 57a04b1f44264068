/** What a scenario is given besides its `self`, and how its clients are run. */

import type { Actor, ActorSystem, Message, Operation, Pid, Ref, Self } from 'beamish';
import type { Claims } from './claims.ts';
import type { World } from './world.ts';

/**
 * An actor's body that is run once for each schedule, in a new system and in virtual time. `M` is what it
 * receives itself.
 */
export type Scenario<M extends Message = never> = (self: Self<M>, sim: Sim) => Actor<unknown>;

/** A body and its arguments, as for `spawn`. */
export type Client = readonly [
  // biome-ignore lint/suspicious/noExplicitAny: a body of whatever messages and arguments
  body: (self: any, ...args: any[]) => Actor<any>,
  ...args: unknown[],
];

type Fitting<C> = C extends readonly [infer B, ...unknown[]]
  ? // biome-ignore lint/suspicious/noExplicitAny: a body of whatever messages
    B extends (self: any, ...args: infer A) => unknown
    ? readonly [body: B, ...args: A]
    : never
  : never;
type ResultOf<C> = C extends readonly [
  // biome-ignore lint/suspicious/noExplicitAny: a body of whatever messages and arguments
  (self: any, ...args: any[]) => Actor<infer R>,
  ...unknown[],
]
  ? R
  : never;

/** What a scenario has besides its `self`. */
export interface Sim {
  /** The system of this run, which is new. */
  readonly system: ActorSystem;
  /** Virtual milliseconds since the run began. */
  now(): number;
  /**
   * Runs bodies side by side, as actors that are called what they are called here, and waits for all of
   * them. The first that crashes fails the scenario. Returns what they return. Waiting for them adds no
   * schedules: it makes no difference which of them ends first.
   *
   * ```ts
   * const { ann } = yield* clients({ ann: [deposit, account], bob: [deposit, account] });
   * ```
   */
  clients<C extends Readonly<Record<string, Client>>>(
    clients: C & { readonly [K in keyof C]: Fitting<C[K]> },
  ): Operation<{ -readonly [K in keyof C]: ResultOf<C[K]> }>;
  /**
   * Holds after every step, and before the first. `claim` reads variables and `system.info`; it must not send.
   * A claim that compares what several actors have done may miss a moment between two steps that commute.
   */
  always(name: string, claim: () => boolean): void;
  /** Holds when nothing can happen any more, in every run. */
  eventually(name: string, claim: () => boolean): void;
  /** Holds after some step of some run. If it never does, the exploration has the verdict `vacuous`. */
  sometimes(name: string, claim: () => boolean): void;
}

export function simOf(world: World, claims: Claims, self: Self<Message>): Sim {
  return {
    system: world.system,
    now: () => world.clock.time,
    clients: (clients) => self.perform(runClients(world, self, clients)) as never,
    always: (name, claim) => claims.always.push({ name, claim }),
    eventually: (name, claim) => claims.eventually.push({ name, claim }),
    sometimes: (name, claim) => claims.sometimes.push({ name, claim }),
  };
}

function* runClients(
  world: World,
  self: Self<Message>,
  clients: Readonly<Record<string, Client>>,
): Actor<Record<string, unknown>> {
  const results: Record<string, unknown> = {};
  const running = new Map<Ref, Pid>();
  let failed: { readonly reason: unknown } | undefined;
  for (const [name, [body, ...args]] of Object.entries(clients)) {
    world.labels.nextClient = name;
    const run = function* client(its: Self<Message>): Actor {
      Object.defineProperty(results, name, {
        value: yield* body(its, ...args),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    };
    world.recorder.isStartingClients = true;
    const { pid, ref } = self.spawnMonitor(run);
    world.recorder.isStartingClients = false;
    running.set(ref, pid);
    world.clients.add(pid);
  }
  // In whatever order they end, it is told once, when all have, or one has crashed.
  const isOver = (): boolean => {
    for (const pid of running.values()) {
      const end = world.ends.get(pid);
      if (end !== undefined && end.reason !== 'normal') failed ??= end;
    }
    return failed !== undefined || [...running.values()].every((pid) => world.ends.has(pid));
  };
  if (running.size > 0) yield* self.receive('DOWN').where(() => isOver());
  for (const ref of running.keys()) self.demonitor(ref, { flush: true });
  if (failed !== undefined) throw failed.reason;
  return results;
}
