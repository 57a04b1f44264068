/** What a scenario is given besides its `self`, and how its clients are run. */

import type { Actor, ActorSystem, Message, Operation, Pid, Ref, Self } from 'beamish';
import { isMatch, type Pattern, type Whom } from './pattern.ts';
import type { World } from './world.ts';

/**
 * An actor's body that is run once for each schedule, in a new system and in virtual time. `M` is what it
 * receives itself. A generator runs ten times as fast as an async body, and more.
 */
export type Scenario<M extends Message = never> = (
  self: Self<M>,
  sim: Sim,
) => Actor<unknown> | Promise<unknown>;

/** A body and its arguments, as for `spawn`. */
export type Client = readonly [
  // biome-ignore lint/suspicious/noExplicitAny: a body of whatever messages and arguments
  body: (self: any, ...args: any[]) => Actor<any> | Promise<any>,
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
  (self: any, ...args: any[]) => Actor<infer R> | Promise<infer R>,
  ...unknown[],
]
  ? R
  : never;

/** What a scenario has besides its `self`. */
export interface Sim {
  /** The system of this run, which is new. */
  readonly system: ActorSystem;
  /** All systems of the run, by the names in `SimOptions.systems`; `'main'` is `system`. After a restart it is the new one. */
  readonly systems: Readonly<Record<string, ActorSystem>>;
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
  /** A choice that the schedule makes: 0 up to, not including, `count`. Counts as a step if `count` > 1. */
  choose(count: number): number;
  /**
   * Holds after every step, and before the first. `claim` reads variables, `system.info` and `count`; it must not
   * send. If it compares what several actors have done, name them: their steps are then tried in every order. If one
   * that is named makes no step in any run, the verdict is `vacuous`.
   */
  always(name: string, claim: () => boolean, ...of: readonly Whom[]): void;
  /** Holds when nothing can happen any more, in every run. */
  eventually(name: string, claim: () => boolean): void;
  /** Holds after some step of some run. If it never does, the exploration has the verdict `vacuous`. */
  sometimes(name: string, claim: () => boolean): void;
  /**
   * After whatever `cause` matches, something comes that `effect` matches: `within` so many virtual ms, or else before
   * the run ends. If nothing that `cause` matches comes in any run, the verdict is `vacuous`.
   */
  leadsTo(
    name: string,
    cause: Pattern,
    effect: Pattern,
    options?: {
      /** Virtual ms. */
      readonly within?: number;
    },
  ): void;
  /** How often that has happened in this run so far. */
  count(what: Pattern): number;
  /** Ends the faults: from here on the run has to make progress (see `eventually`, `leadsTo`). */
  heal(): void;
}

/**
 * Verbs are taken out of it one by one, so each is bound when it is asked for: an object of closures would cost
 * a run as much as all else in it.
 */
export class SimOfWorld implements Sim {
  readonly #world: World;
  readonly #self: Self<Message>;

  constructor(world: World, self: Self<Message>) {
    this.#world = world;
    this.#self = self;
  }

  get system(): ActorSystem {
    return this.#world.system;
  }

  get systems(): Sim['systems'] {
    return this.#world.sites.systems;
  }

  get now(): Sim['now'] {
    return this.#world.now.bind(this.#world);
  }

  get clients(): Sim['clients'] {
    return clientsOf.bind(undefined, this.#world, this.#self) as never;
  }

  get choose(): Sim['choose'] {
    return this.#world.choose.bind(this.#world);
  }

  get always(): Sim['always'] {
    return always.bind(undefined, this.#world);
  }

  get eventually(): Sim['eventually'] {
    return eventually.bind(undefined, this.#world);
  }

  get sometimes(): Sim['sometimes'] {
    return sometimes.bind(undefined, this.#world);
  }

  get leadsTo(): Sim['leadsTo'] {
    return leadsTo.bind(undefined, this.#world);
  }

  get count(): Sim['count'] {
    return countOf.bind(undefined, this.#world);
  }

  get heal(): Sim['heal'] {
    return this.#world.heal.bind(this.#world);
  }
}

function clientsOf(
  world: World,
  self: Self<Message>,
  clients: Readonly<Record<string, Client>>,
): Operation<unknown> {
  return self.perform(runClients(world, self, clients));
}

function always(world: World, name: string, claim: () => boolean, ...of: readonly Whom[]): void {
  world.claims.always.push({ name, claim });
  for (const whom of of) world.claims.addAbout(name, labelOf(whom));
  if (!claim()) world.brokenClaim ??= name;
}

function eventually({ claims }: World, name: string, claim: () => boolean): void {
  claims.eventually.push({ name, claim });
}

function sometimes({ claims }: World, name: string, claim: () => boolean): void {
  claims.sometimes.push({ name, claim });
}

function leadsTo(
  { claims }: World,
  name: string,
  cause: Pattern,
  effect: Pattern,
  { within }: { readonly within?: number } = {},
): void {
  claims.addLead(name, cause, effect, within);
}

function labelOf(whom: Whom): string {
  return typeof whom === 'string' ? whom : whom.name;
}

function countOf(world: World, what: Pattern): number {
  let count = 0;
  for (const step of world.steps)
    for (const seen of world.seenIn(step)) if (isMatch(what, seen)) count++;
  return count;
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
    const run = (its: Self<Message>): Actor | Promise<void> =>
      kept(body(its, ...args), (value) => put(results, name, value));
    world.recorder.isStartingClients = true;
    const { pid, ref } = self.spawnMonitor(run);
    world.recorder.isStartingClients = false;
    running.set(ref, pid);
    world.clients.push(pid);
  }
  // In whatever order they end, it is told once, when all have, or one has crashed.
  const isOver = (): boolean => {
    for (const pid of running.values()) {
      const end = world.endOf(pid);
      if (end !== undefined && end.reason !== 'normal') failed ??= end;
    }
    return (
      failed !== undefined || [...running.values()].every((pid) => world.endOf(pid) !== undefined)
    );
  };
  if (running.size > 0) {
    world.isAtClients = true;
    yield* self.receive('DOWN').where(() => isOver());
    world.isAtClients = false;
  }
  for (const ref of running.keys()) self.demonitor(ref, { flush: true });
  if (failed !== undefined) throw failed.reason;
  return results;
}

/** What a body returns, given to `keep` as well. */
function kept(
  made: Actor<unknown> | Promise<unknown>,
  keep: (value: unknown) => void,
): Actor | Promise<void> {
  return isPromise(made) ? made.then(keep) : keeping(made, keep);
}

function isPromise(made: Actor<unknown> | Promise<unknown>): made is Promise<unknown> {
  return 'then' in made;
}

function* keeping(made: Actor<unknown>, keep: (value: unknown) => void): Actor {
  keep(yield* made);
}

/** Also under a name that objects have already. */
function put(results: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(results, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
