/** Who is bound to an exchange, by the rules of its type. */

import { MATCH } from '../terms/binding.ts';
import { canonicalHeaders, equalHeaders, type HeaderTable } from '../terms/header-table.ts';
import type { Binding, ExchangeType } from '../terms/routes.ts';
import { TopicTrie } from './topic-trie.ts';

/** How one type of exchange finds out who is bound. */
interface Routing<T> {
  add(binding: Binding, who: T): void;
  remove(binding: Binding, who: T): void;
  /** Somebody may be in it more than once, but where `ByKey` answers. */
  match(key: string, headers: HeaderTable): readonly T[];
}

/** The bindings of one exchange. A binding is told from others by who is bound, its key and its arguments. */
export class BindingTable<T extends object> {
  readonly #routing: Routing<T>;
  readonly #bindings = new Map<T, Map<string, Binding>>();

  constructor(type: ExchangeType) {
    this.#routing = routingOf(type);
  }

  get isEmpty(): boolean {
    return this.#bindings.size === 0;
  }

  /** Whether it was not there. */
  add(binding: Binding, who: T): boolean {
    let its = this.#bindings.get(who);
    if (its === undefined) {
      its = new Map();
      this.#bindings.set(who, its);
    }
    const key = identityOf(binding);
    if (its.has(key)) return false;
    its.set(key, binding);
    this.#routing.add(binding, who);
    return true;
  }

  /** Whether it was there. */
  remove(binding: Binding, who: T): boolean {
    const its = this.#bindings.get(who);
    const key = identityOf(binding);
    const present = its?.get(key);
    if (its === undefined || present === undefined) return false;
    its.delete(key);
    if (its.size === 0) this.#bindings.delete(who);
    this.#routing.remove(present, who);
    return true;
  }

  /** All bindings of one. */
  removeAll(who: T): void {
    for (const binding of [...(this.#bindings.get(who)?.values() ?? [])]) this.remove(binding, who);
  }

  has(who: T): boolean {
    return this.#bindings.has(who);
  }

  /** Everybody who is bound. */
  bound(): Iterable<T> {
    return this.#bindings.keys();
  }

  bindingsOf(who: T): Iterable<Binding> {
    return this.#bindings.get(who)?.values() ?? [];
  }

  /** Who is bound so that this reaches him. A list that is replaced when something is bound, and not changed. */
  match(key: string, headers: HeaderTable): readonly T[] {
    return this.#routing.match(key, headers);
  }
}

const NOBODY: readonly never[] = Object.freeze([]);

function identityOf(binding: Binding): string {
  return `${binding.key}\n${canonicalHeaders(binding.arguments)}`;
}

function routingOf<T extends object>(type: ExchangeType): Routing<T> {
  switch (type) {
    case 'fanout':
      return new ByKey<T>(true);
    case 'direct':
      return new ByKey<T>(false);
    case 'topic':
      return new ByPattern<T>();
    case 'headers':
      return new ByHeaders<T>();
  }
}

/** Of a direct exchange: an equal key. Of a fanout one every key is equal. */
class ByKey<T> implements Routing<T> {
  /** Each once, in the order of binding. */
  readonly #bound = new Map<string, readonly T[]>();
  /** How many bindings each has of a key that has more than one. */
  readonly #counts = new Map<string, Map<T, number>>();
  readonly #isFanout: boolean;

  constructor(isFanout: boolean) {
    this.#isFanout = isFanout;
  }

  add({ key }: Binding, who: T): void {
    const its = this.#isFanout ? '' : key;
    const count = this.#change(its, who, 1);
    if (count === 1) this.#bound.set(its, [...(this.#bound.get(its) ?? []), who]);
  }

  remove({ key }: Binding, who: T): void {
    const its = this.#isFanout ? '' : key;
    if (this.#change(its, who, -1) > 0) return;
    const others = (this.#bound.get(its) ?? []).filter((each) => each !== who);
    if (others.length > 0) this.#bound.set(its, others);
    else this.#bound.delete(its);
  }

  match(key: string): readonly T[] {
    return this.#bound.get(this.#isFanout ? '' : key) ?? NOBODY;
  }

  #change(key: string, who: T, by: 1 | -1): number {
    let counts = this.#counts.get(key);
    if (counts === undefined) {
      counts = new Map();
      this.#counts.set(key, counts);
    }
    const count = (counts.get(who) ?? 0) + by;
    if (count > 0) counts.set(who, count);
    else counts.delete(who);
    if (counts.size === 0) this.#counts.delete(key);
    return count;
  }
}

class ByPattern<T> implements Routing<T> {
  readonly #trie = new TopicTrie<T>();

  add({ key }: Binding, who: T): void {
    this.#trie.add(key, who);
  }

  remove({ key }: Binding, who: T): void {
    this.#trie.remove(key, who);
  }

  match(key: string): readonly T[] {
    return this.#trie.match(key);
  }
}

interface Wanted<T> {
  readonly who: T;
  readonly binding: Binding;
  readonly all: boolean;
  readonly headers: HeaderTable;
}

class ByHeaders<T> implements Routing<T> {
  readonly #wanted: Wanted<T>[] = [];

  add(binding: Binding, who: T): void {
    const { [MATCH]: match, ...others } = binding.arguments;
    const headers = Object.fromEntries(
      Object.entries(others).filter(([name]) => !name.startsWith('x-')),
    );
    this.#wanted.push({ who, binding, all: match !== 'any', headers });
  }

  remove(binding: Binding, who: T): void {
    const i = this.#wanted.findIndex((each) => each.who === who && each.binding === binding);
    this.#wanted.splice(i, 1);
  }

  match(_: string, headers: HeaderTable): readonly T[] {
    return this.#wanted.flatMap((wanted) => (isWanted(wanted, headers) ? [wanted.who] : []));
  }
}

function isWanted<T>({ all, headers }: Wanted<T>, given: HeaderTable): boolean {
  const isThere = (name: string): boolean =>
    Object.hasOwn(given, name) &&
    (headers[name] === null || equalHeaders(headers[name], given[name]));
  const names = Object.keys(headers);
  return all ? names.every(isThere) : names.some(isThere);
}
