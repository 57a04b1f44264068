/**
 * What happens to a message on its way to another actor of the same system: nothing, or it is frozen, or
 * copied. So it goes with what calls, casts and replies carry. Both walk a value with a list of what is still
 * to do, as a stack would be too small for a deep one.
 */

import { Via } from '../signals/via.ts';
import { isReference } from '../state/timer.ts';
import { ProcessId, RegisteredName, ReplyAlias } from '../terms/pid.ts';
import { isCloneable, isRecord, setOwn } from '../terms/plain-data.ts';
import { isError } from '../terms/printable.ts';
import { isPassable, isReserved } from '../terms/reserved.ts';

export type MessageMode = 'share' | 'freeze' | 'clone';

/** Undefined for messages that are shared. */
export function isolation(mode: MessageMode): (<T>(message: T) => T) | undefined {
  switch (mode) {
    case 'share':
      return undefined;
    case 'freeze':
      return (message) => (isRuntimes(message) ? message : freeze(message));
    case 'clone':
      return (message) => (isRuntimes(message) ? message : new Copying().copy(message));
  }
}

function isRuntimes(message: unknown): boolean {
  return isObject(message) && isReserved((message as { tag?: unknown }).tag);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isAddress(value: object): boolean {
  return (
    value instanceof ProcessId ||
    value instanceof ReplyAlias ||
    isReference(value) ||
    value instanceof RegisteredName ||
    value instanceof Via
  );
}

/**
 * Freezes plain data at any depth, and a message of a class itself. What else is of a class guards its own
 * state, as a socket does, and what of the runtime is in a message must go on; typed arrays cannot be frozen.
 */
function freeze<T>(message: T): T {
  if (!isObject(message) || isAddress(message)) return message;
  const seen = new Set<object>([message]);
  const add = (value: unknown): void => {
    if (isObject(value) && isFreezable(value)) seen.add(value);
  };
  // A set is walked in order, and what is added on the way comes, too.
  for (const value of seen) {
    if (value instanceof Map || value instanceof Set) {
      for (const item of value.keys()) add(item);
      for (const item of value.values()) add(item);
    }
    for (const key of Reflect.ownKeys(value)) add((value as Record<PropertyKey, unknown>)[key]);
  }
  for (const value of seen) Object.freeze(value);
  return message;
}

function isFreezable(value: object): boolean {
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) return true;
  return isRecord(value) || isError(value);
}

/** An object whose copy is there and is still to be filled. */
interface Unfilled {
  readonly value: object;
  readonly copy: object;
  /** In what it was found first, and where. */
  readonly owner: Unfilled | undefined;
  readonly key: unknown;
}

/** Copies as `structuredClone` does, but addresses, refs and errors stay what they are, and classes are refused. */
class Copying {
  readonly #copies = new Map<object, unknown>();
  readonly #unfilled: Unfilled[] = [];

  copy<T>(message: T): T {
    const copy = this.#begin(message, undefined, undefined);
    for (let each = this.#unfilled.pop(); each !== undefined; each = this.#unfilled.pop())
      this.#fill(each);
    return copy as T;
  }

  /** The copy of a value, which may be empty as yet. */
  #begin(value: unknown, owner: Unfilled | undefined, key: unknown): unknown {
    if (typeof value === 'function' && !isPassable(value)) refuse('a function', owner, key);
    if (typeof value === 'symbol') refuse('a symbol', owner, key);
    if (!isObject(value) || isAddress(value)) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    const copy = emptyCopy(value);
    if (copy === undefined) {
      if (!isCloneable(value)) refuse(`an instance of ${className(value)}`, owner, key);
      const clone = structuredClone(value);
      this.#copies.set(value, clone);
      return clone;
    }
    this.#copies.set(value, copy);
    this.#unfilled.push({ value, copy, owner, key });
    return copy;
  }

  #fill(owner: Unfilled): void {
    const { value, copy } = owner;
    const inner = (item: unknown, key: unknown): unknown => this.#begin(item, owner, key);
    if (copy instanceof Map) {
      for (const [key, item] of value as Map<unknown, unknown>)
        copy.set(inner(key, 'a key'), inner(item, key));
    } else if (copy instanceof Set) {
      for (const item of value as Set<unknown>) copy.add(inner(item, undefined));
    } else if (Array.isArray(copy)) {
      for (const [i, item] of (value as unknown[]).entries()) copy.push(inner(item, i));
    } else if (isError(copy)) {
      for (const key of Object.getOwnPropertyNames(value)) {
        const enumerable = Object.prototype.propertyIsEnumerable.call(value, key);
        const item = inner(value[key as keyof object], key);
        const field = { value: item, enumerable, writable: true, configurable: true };
        Object.defineProperty(copy, key, field);
      }
    } else {
      for (const [key, item] of Object.entries(value)) setOwn(copy as never, key, inner(item, key));
    }
  }
}

/** Of what is copied field by field; undefined of anything else. */
function emptyCopy(value: object): object | undefined {
  if (Array.isArray(value)) return [];
  if (value instanceof Map) return new Map();
  if (value instanceof Set) return new Set();
  if (isRecord(value)) return {};
  // An error of its class, which it need not be made by.
  return isError(value)
    ? Object.setPrototypeOf(new Error(), Object.getPrototypeOf(value))
    : undefined;
}

function className(value: object): string {
  return (value.constructor as { readonly name?: string } | undefined)?.name || 'a class';
}

function refuse(what: string, owner: Unfilled | undefined, key: unknown): never {
  throw new TypeError(`Cannot copy a message: ${placeOf(owner, key)} is ${what}`);
}

function placeOf(owner: Unfilled | undefined, key: unknown): string {
  const steps: string[] = [];
  for (let [at, where] = [owner, key]; at !== undefined; [at, where] = [at.owner, at.key])
    steps.push(step(at.value, where));
  return `message${steps.reverse().join('')}`;
}

function step(owner: object, key: unknown): string {
  if (Array.isArray(owner)) return `[${key}]`;
  if (owner instanceof Map) return key === 'a key' ? ' key' : '.get(…)';
  return owner instanceof Set ? ' item' : `.${String(key)}`;
}
