/** The entries of a registry: found at once by key and by owner, which has none any more as soon as it is to end. */

import { tie, untie } from '../signals/links.ts';
import { useAsName } from '../signals/registry.ts';
import type { ActorCell } from '../state/actor-cell.ts';
import { type Holding, holdingsOf } from '../state/cold-state.ts';

export interface TableEntry {
  readonly key: unknown;
  readonly owner: ActorCell;
  value: unknown;
}

export class RegistryTable implements Holding {
  readonly isUnique: boolean;
  /** The actor whose table it is; who registers is linked to it. */
  readonly #registry: ActorCell;
  /** In the order of registration. A `Map` compares keys as Erlang does not: objects by identity. */
  readonly #byKey = new Map<unknown, Set<TableEntry>>();
  readonly #byOwner = new Map<ActorCell, Set<TableEntry>>();

  constructor(registry: ActorCell, isUnique: boolean) {
    this.#registry = registry;
    this.isUnique = isUnique;
  }

  /** How many entries there are. */
  get size(): number {
    this.#use(false);
    let size = 0;
    for (const entries of this.#byOwner.values()) size += entries.size;
    return size;
  }

  withKey(key: unknown): readonly TableEntry[] {
    this.#use(false);
    return [...(this.#byKey.get(key) ?? [])];
  }

  ofOwner(owner: ActorCell): readonly TableEntry[] {
    this.#use(false);
    return [...(this.#byOwner.get(owner) ?? [])];
  }

  add(owner: ActorCell, key: unknown, value: unknown): void {
    this.#use(true);
    const entry: TableEntry = { key, owner, value };
    put(this.#byKey, key, entry);
    put(this.#byOwner, owner, entry);
    holdingsOf(owner).add(this);
    tie(owner, this.#registry);
  }

  /** Takes out all entries of an owner under one key; with the last one of all, its link goes, too. */
  remove(owner: ActorCell, key: unknown): void {
    this.#use(true);
    for (const entry of this.ofOwner(owner)) if (sameKey(entry.key, key)) this.#take(entry);
    if (this.#byOwner.has(owner)) return;
    holdingsOf(owner).delete(this);
    untie(owner, this.#registry);
  }

  /** The link is left to the end of the owner, which the registry lives through. */
  drop(owner: ActorCell): void {
    this.#use(true);
    for (const entry of this.ofOwner(owner)) this.#take(entry);
  }

  #take(entry: TableEntry): void {
    take(this.#byKey, entry.key, entry);
    take(this.#byOwner, entry.owner, entry);
  }

  #use(isChange: boolean): void {
    const { system, pid } = this.#registry;
    useAsName(system, `registry ${pid.serial}`, isChange);
  }
}

/** As a `Map` does. */
function sameKey(a: unknown, b: unknown): boolean {
  return a === b || Object.is(a, b);
}

function put<K>(map: Map<K, Set<TableEntry>>, key: K, entry: TableEntry): void {
  const entries = map.get(key);
  if (entries === undefined) map.set(key, new Set([entry]));
  else entries.add(entry);
}

function take<K>(map: Map<K, Set<TableEntry>>, key: K, entry: TableEntry): void {
  const entries = map.get(key);
  entries?.delete(entry);
  if (entries?.size === 0) map.delete(key);
}
