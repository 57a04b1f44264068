/** What happens to a message on its way to another actor of the same system: nothing, or it is frozen, or copied. */

import { Via } from '../signals/via.ts';
import { ProcessId, ReplyAlias } from '../terms/pid.ts';
import { Reference } from '../terms/ref.ts';

export type MessageMode = 'share' | 'freeze' | 'clone';

/** Undefined for messages that are shared. */
export function isolation(mode: MessageMode): (<T>(message: T) => T) | undefined {
  switch (mode) {
    case 'share':
      return undefined;
    case 'freeze':
      return (message) => (isRuntimes(message) ? message : freeze(message, new Set()));
    case 'clone':
      return (message) => (isRuntimes(message) ? message : copy(message, new Map(), 'message'));
  }
}

/** The runtime's own messages have tags with a `$`, and share what they carry. */
function isRuntimes(message: unknown): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    String((message as { tag?: unknown }).tag).startsWith('$')
  );
}

function isAddress(value: object): boolean {
  return (
    value instanceof ProcessId ||
    value instanceof ReplyAlias ||
    value instanceof Reference ||
    value instanceof Via
  );
}

/** Freezes what can be frozen; the content of a typed array or a map cannot. */
function freeze<T>(value: T, seen: Set<object>): T {
  if (typeof value !== 'object' || value === null || isAddress(value) || seen.has(value))
    return value;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return value;
  for (const key of Reflect.ownKeys(value))
    freeze((value as Record<PropertyKey, unknown>)[key], seen);
  return Object.freeze(value);
}

/** Copies as `structuredClone` does, but pids and refs stay what they are. */
function copy<T>(value: T, copies: Map<object, unknown>, path: string): T {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`Cannot copy a message: ${path} is a ${typeof value}`);
  }
  if (typeof value !== 'object' || value === null || isAddress(value)) return value;
  if (copies.has(value)) return copies.get(value) as T;
  return copyObject(value, copies, path) as T;
}

function copyObject(value: object, copies: Map<object, unknown>, path: string): unknown {
  const keep = <C>(made: C): C => {
    copies.set(value, made);
    return made;
  };
  if (Array.isArray(value)) {
    const made = keep<unknown[]>([]);
    for (const [i, item] of value.entries()) made.push(copy(item, copies, `${path}[${i}]`));
    return made;
  }
  if (value instanceof Map) {
    const made = keep(new Map<unknown, unknown>());
    for (const [key, item] of value)
      made.set(copy(key, copies, `${path} key`), copy(item, copies, `${path}.get(…)`));
    return made;
  }
  if (value instanceof Set) {
    const made = keep(new Set<unknown>());
    for (const item of value) made.add(copy(item, copies, `${path} item`));
    return made;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    const made = keep<Record<string, unknown>>({});
    for (const [key, item] of Object.entries(value))
      made[key] = copy(item, copies, `${path}.${key}`);
    return made;
  }
  return keep(structuredClone(value));
}
