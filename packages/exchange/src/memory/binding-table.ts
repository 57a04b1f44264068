/** Who is bound to an exchange, by the rules of its type. */

import { type Binding, MATCH } from '../terms/binding.ts';
import { canonicalHeaders, equalHeaders, type HeaderTable } from '../terms/header-table.ts';
import type { ExchangeType } from '../terms/routes.ts';
import { TopicTrie } from './topic-trie.ts';

/** How one type of exchange finds out who is bound. */
interface Routing<T> {
  add(binding: Binding, who: T): void;
  remove(binding: Binding, who: T): void;
  /** May find somebody more than once. */
  match(key: string, headers: HeaderTable, found: (who: T) => void): void;
}

/** The bindings of one exchange. A binding is told from others by its queue, its key and its arguments. */
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

  match(key: string, headers: HeaderTable, found: (who: T) => void): void {
    this.#routing.match(key, headers, found);
  }
}

function identityOf(binding: Binding): string {
  return `${binding.key}\n${canonicalHeaders(binding.arguments)}`;
}

function routingOf<T extends object>(type: ExchangeType): Routing<T> {
  switch (type) {
    case 'fanout':
      return new ByKey<T>(() => '');
    case 'direct':
      return new ByKey<T>((key) => key);
    case 'topic':
      return new ByPattern<T>();
    case 'headers':
      return new ByHeaders<T>();
  }
}

/** Of a direct exchange: an equal key. Of a fanout one every key is equal. */
class ByKey<T> implements Routing<T> {
  readonly #bound = new Map<string, Map<T, number>>();
  readonly #keyOf: (key: string) => string;

  constructor(keyOf: (key: string) => string) {
    this.#keyOf = keyOf;
  }

  add({ key }: Binding, who: T): void {
    const its = this.#keyOf(key);
    let bound = this.#bound.get(its);
    if (bound === undefined) {
      bound = new Map();
      this.#bound.set(its, bound);
    }
    bound.set(who, (bound.get(who) ?? 0) + 1);
  }

  remove({ key }: Binding, who: T): void {
    const its = this.#keyOf(key);
    const bound = this.#bound.get(its) as Map<T, number>;
    const count = bound.get(who) as number;
    if (count > 1) bound.set(who, count - 1);
    else bound.delete(who);
    if (bound.size === 0) this.#bound.delete(its);
  }

  match(key: string, _: HeaderTable, found: (who: T) => void): void {
    const bound = this.#bound.get(this.#keyOf(key));
    if (bound !== undefined) for (const who of bound.keys()) found(who);
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

  match(key: string, _: HeaderTable, found: (who: T) => void): void {
    this.#trie.match(key, found);
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

  match(_: string, headers: HeaderTable, found: (who: T) => void): void {
    for (const wanted of this.#wanted) if (isWanted(wanted, headers)) found(wanted.who);
  }
}

function isWanted<T>({ all, headers }: Wanted<T>, given: HeaderTable): boolean {
  const isThere = (name: string): boolean =>
    Object.hasOwn(given, name) &&
    (headers[name] === null || equalHeaders(headers[name], given[name]));
  const names = Object.keys(headers);
  return all ? names.every(isThere) : names.some(isThere);
}
