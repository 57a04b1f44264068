/**
 * A keyed registry (Elixir's Registry): actors are found by any number of keys, with a value beside each.
 * Where keys are unique, one is as good as a name, by `via`.
 */

import { resolve } from '../signals/registry.ts';
import { Via } from '../signals/via.ts';
import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import type { SystemState } from '../state/system-state-types.ts';
import { cellOfSelf } from '../system/self.ts';
import { configure } from '../terms/configure.ts';
import { checkOptions, type KindsOf, oneOf } from '../terms/options.ts';
import type { Message, Name, Pid, Target } from '../terms/pid.ts';
import { showAddress } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import type { Configured, Context } from '../terms/self-types.ts';
import { type Caller, stateOf } from './caller.ts';
import { RegistryTable, type TableEntry } from './registry-table.ts';
import { server } from './server.ts';

declare const REGISTRY: unique symbol;

/** A registry with keys `K`, of actors that take messages `M`, with values `V` beside them. */
export interface Registry<in out K, in out M = never, in out V = undefined> extends Message {
  readonly tag: '$registry';
  readonly [REGISTRY]: (key: K, message: M, value: V) => [K, M, V];
}
type Address<K, M, V> = Target<Registry<K, M, V>>;

/** Of a registry; all may be left out. */
export interface RegistryOptions {
  /** `'unique'` (default): a key has at most one owner. `'duplicate'`: any number, and one actor any number of times. */
  readonly keys?: 'unique' | 'duplicate';
}

/** An actor under a key. */
export interface RegistryEntry<M = never, V = undefined> {
  /** Who has registered. */
  readonly pid: Pid<M>;
  /** What it has registered with. */
  readonly value: V;
}

/** How a registration went. `'noproc'`: who asked had ended itself. */
export type Registered =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'already_registered'; readonly pid: Pid }
  | { readonly ok: false; readonly reason: 'noproc' };

const OPTIONS: KindsOf<RegistryOptions> = { keys: oneOf('unique', 'duplicate') };

const tables = new WeakMap<ActorCell, RegistryTable>();

/**
 * A registry, to be supervised before those who register. It is called `name`, by which all the verbs below
 * find it, at once and without a message; it is of one system, and other threads have registries of
 * their own.
 *
 * Who registers is linked to it, and ends with it. Whose end is told has no entry any more: a restarted
 * actor can register at once. Keys are compared as those of a `Map`: 1 is not '1', and objects are what
 * they are, whatever is in them.
 *
 * ```ts
 * const ROOMS = name<Registry<string, { tag: 'say'; text: string }>>('rooms');
 * function* room(self: Self<{ tag: 'say'; text: string }>): Actor {
 *   for (;;) yield* self.receive('say');
 * }
 * await system.start(
 *   supervisor({
 *     children: [
 *       child('rooms', registry(ROOMS)),
 *       child({ id: 'lobby', name: via(ROOMS, 'lobby') }, room),
 *     ],
 *   }),
 * );
 * system.send(via(ROOMS, 'lobby'), { tag: 'say', text: 'hello' });
 * registry.lookup(system, ROOMS, 'lobby').length; // 1
 * ```
 *
 * @throws TypeError or RangeError for other options.
 */
export const registry = /* @__PURE__ */ Object.assign(
  function registry<K, M = never, V = undefined>(
    name: Name<Registry<K, M, V>>,
    options: RegistryOptions = {},
  ): Configured<Registry<K, M, V>, [], void> {
    checkOptions('Cannot make a registry', options, OPTIONS);
    const { keys = 'unique' } = options;
    const body = server((self) => {
      self.trapExit(true);
      const cell = cellOfSelf(self);
      tables.set(cell, new RegistryTable(cell, keys === 'unique'));
      // Those who register are linked to it, and it lives through their ends.
      return { info: { EXIT: () => {} } };
    });
    Object.defineProperty(body, 'name', { value: 'registry' });
    return configure(body, { name }) as unknown as Configured<Registry<K, M, V>, [], void>;
  },
  {
    /**
     * Puts this actor under a key. Of unique keys, one that has an owner stays with it, which may be this very
     * actor.
     *
     * ```ts
     * const SEATS = name<Registry<string, never, number>>('seats');
     * await system.start(registry(SEATS));
     * const free = await system.run(function* (self: Self): Actor<number> {
     *   registry.register(self, SEATS, 'garden', 4);
     *   return registry.updateValue(self, SEATS, 'garden', (seats) => seats - 1);
     * });
     * free === 3; // true
     * registry.count(system, SEATS); // 0
     * ```
     *
     * @throws TypeError if there is no such registry, as do all verbs but `via`.
     */
    register: <K, M, V = undefined>(
      self: Context<M & Message>,
      of: Address<K, M, V>,
      key: NoInfer<K>,
      ...[value]: NoInfer<V> extends undefined ? [] : [value: NoInfer<V>]
    ): Registered => {
      const cell = cellOfSelf(self);
      const table = tableOf(cell.system, of, 'register');
      if (!isAlive(cell)) return { ok: false, reason: 'noproc' };
      const holder = table.isUnique ? table.withKey(key)[0] : undefined;
      if (holder !== undefined)
        return { ok: false, reason: 'already_registered', pid: holder.owner.pid };
      table.add(cell, key, value);
      return { ok: true };
    },
    /** Takes this actor's entries under a key out, if there are any; those of others stay. */
    unregister: <K, M, V>(self: Context, of: Address<K, M, V>, key: NoInfer<K>): void => {
      const cell = cellOfSelf(self);
      const table = tableOf(cell.system, of, 'unregister');
      if (table.ofOwner(cell).length > 0) table.remove(cell, key);
    },
    /** The actors under a key, in the order in which they registered. */
    lookup: <K, M, V>(
      by: Caller,
      of: Address<K, M, V>,
      key: NoInfer<K>,
    ): readonly RegistryEntry<M, V>[] =>
      tableOf(stateOf(by), of, 'lookup')
        .withKey(key)
        .map(entryOf<M, V>),
    /** The keys of an actor, in the order in which it registered, each as often. */
    keys: <K, M, V>(by: Caller, of: Address<K, M, V>, pid: Pid): readonly K[] =>
      entriesOf(by, of, pid, 'keys').map(({ key }) => key as K),
    /** The values of an actor under a key. */
    values: <K, M, V>(by: Caller, of: Address<K, M, V>, key: NoInfer<K>, pid: Pid): readonly V[] =>
      tableOf(stateOf(by), of, 'values')
        .withKey(key)
        .filter(({ owner }) => owner.pid === pid)
        .map(({ value }) => value as V),
    /** How many entries there are. */
    count: <K, M, V>(by: Caller, of: Address<K, M, V>): number =>
      tableOf(stateOf(by), of, 'count').size,
    /**
     * Replaces the value of this actor under a unique key by what `update` makes of it, and returns that;
     * undefined if the key is not this actor's. @throws TypeError of duplicate keys
     */
    updateValue: <K, M, V>(
      self: Context,
      of: Address<K, M, V>,
      key: NoInfer<K>,
      update: (value: V) => NoInfer<V>,
    ): V | undefined => {
      const cell = cellOfSelf(self);
      const table = tableOf(cell.system, of, 'updateValue');
      if (!table.isUnique) throw refusal('updateValue', of, 'its keys are not unique');
      const [entry] = table.withKey(key);
      if (entry?.owner !== cell) return undefined;
      entry.value = update(entry.value as V);
      return entry.value as V;
    },
    /**
     * Calls `use` here and now with the entries under a key, if there are any; what it throws is thrown.
     *
     * ```ts
     * registry.dispatch(system, ROOMS, 'lobby', (entries) => {
     *   for (const { pid } of entries) system.send(pid, { tag: 'say', text: 'all of you' });
     * });
     * ```
     */
    dispatch: <K, M, V>(
      by: Caller,
      of: Address<K, M, V>,
      key: NoInfer<K>,
      use: (entries: readonly RegistryEntry<M, V>[]) => void,
    ): void => {
      const entries = registry.lookup(by, of, key);
      if (entries.length > 0) use(entries);
    },
  },
);

/**
 * The actor that has a unique key, as a name: to send to, to call, to monitor, to start one by, as with
 * `child({ id, name: via(ROOMS, id) }, room)`, which fails with `'already_started'` if the key has an owner.
 * It is looked up each time; where nobody has it, or there is no such registry, it is as a name that
 * nobody has. It cannot be sent to another system.
 */
export function via<K, M, V>(of: Name<Registry<K, M, V>>, key: NoInfer<K>): Name<M> {
  return new Key(of as unknown as Name, key) as unknown as Name<M>;
}

class Key extends Via {
  readonly #registry: Name;
  readonly #key: unknown;

  constructor(registry: Name, key: unknown) {
    super(show(key), registry.name);
    this.#registry = registry;
    this.#key = key;
  }

  holder(system: SystemState): ActorCell | undefined {
    const table = tableIn(system, this.#registry);
    return table?.isUnique === true ? table.withKey(this.#key)[0]?.owner : undefined;
  }

  check(system: SystemState): void {
    this.#table(system);
  }

  claim(cell: ActorCell): boolean {
    const table = this.#table(cell.system);
    if (table.withKey(this.#key).length > 0) return false;
    table.add(cell, this.#key, undefined);
    return true;
  }

  #table(system: SystemState): RegistryTable {
    const table = tableOf(system, this.#registry, 'register');
    if (table.isUnique) return table;
    throw refusal('register by a name', this.#registry, 'its keys are not unique');
  }
}

function entryOf<M, V>({ owner, value }: TableEntry): RegistryEntry<M, V> {
  return { pid: owner.pid as unknown as Pid<M>, value: value as V };
}

function entriesOf(by: Caller, of: Target, pid: Pid, verb: string): readonly TableEntry[] {
  const system = stateOf(by);
  const table = tableOf(system, of, verb);
  const owner = resolve(system, pid);
  return owner === undefined ? [] : table.ofOwner(owner);
}

function tableOf(system: SystemState, of: Target<never>, verb: string): RegistryTable {
  const table = tableIn(system, of as Target);
  if (table !== undefined) return table;
  throw refusal(verb, of, `there is no such registry in ${system.name}`);
}

function tableIn(system: SystemState, of: Target): RegistryTable | undefined {
  const cell = resolve(system, of);
  return cell && tables.get(cell);
}

function refusal(verb: string, of: unknown, why: string): TypeError {
  return new TypeError(`Cannot ${verb} in ${showAddress(of)}: ${why}`);
}
