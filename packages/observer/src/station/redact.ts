/**
 * The bounded walk over what a message carries: it calls no getter, no `toJSON` and nothing else of who made
 * it, goes no deeper and copies no more than it was told to, and leaves out what is named like a secret.
 */

import { types } from 'node:util';
import type { PayloadOptions } from '../terms/options.ts';

const { isProxy, isMap, isSet, isDate } = types;

export interface Capturing {
  readonly tags: ReadonlySet<string> | undefined;
  readonly redact: (field: string, value: unknown) => unknown;
  readonly depth: number;
  readonly bytes: number;
  /** Told once of a `redact` that throws. */
  failed(error: unknown): void;
}

/** What secrets are called. */
const SECRET =
  /pass(?:word|phrase|wd)?$|secret|token|authorization|cookie|credential|api[-_]?key|private[-_]?key/i;
const MOST_ITEMS = 100;

/** Leaves out what is named like a secret; it is what is done where nobody says otherwise. */
export function withoutSecrets(field: string, value: unknown): unknown {
  return SECRET.test(field) ? '(left out)' : value;
}

export function capturing(options: PayloadOptions, failed: (error: unknown) => void): Capturing {
  const { tags, redact = withoutSecrets, depth = 4, bytes = 2048 } = options;
  let isTold = false;
  return {
    tags: tags && new Set(tags),
    redact,
    depth,
    bytes,
    failed(error) {
      if (!isTold) failed(error);
      isTold = true;
    },
  };
}

/** A copy of what a message carries; undefined of one that is not asked for. */
export function capture(message: unknown, tag: string, how: Capturing): unknown {
  if (how.tags === undefined ? tag.startsWith('$') : !how.tags.has(tag)) return undefined;
  return redacted(new Walk(how).copy(message, how.depth), how);
}

/** Outermost first: what is left out of a field, nobody asks about. */
function redacted(copy: unknown, how: Capturing): unknown {
  if (typeof copy !== 'object' || copy === null) return copy;
  for (const field of Object.keys(copy)) {
    const fields = copy as Record<string, unknown>;
    const value = fields[field];
    fields[field] = redacted(judged(field, value, how), how);
  }
  return copy;
}

function judged(field: string, value: unknown, how: Capturing): unknown {
  try {
    const shown = how.redact(field, value);
    return shown === value ? value : new Walk(how).copy(shown, how.depth);
  } catch (error) {
    // Code of who asked for payloads: what it could not judge is left out.
    how.failed(error);
    return '(left out)';
  }
}

class Walk {
  #left: number;
  readonly #above = new Set<object>();

  constructor(how: Capturing) {
    this.#left = how.bytes;
  }

  copy(value: unknown, depth: number): unknown {
    if (this.#left <= 0) return '…';
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        this.#left -= 8;
        return Number.isFinite(value) ? value : String(value);
      case 'boolean':
        this.#left -= 5;
        return value;
      case 'bigint':
        return this.#text(
          value > 2n ** 128n || value < -(2n ** 128n) ? '(large bigint)' : `${value}n`,
        );
      case 'undefined':
        return undefined;
      case 'object':
        return value === null ? null : this.#object(value, depth);
      default:
        return this.#text(`(${typeof value})`);
    }
  }

  #object(value: object, depth: number): unknown {
    if (isProxy(value)) return this.#text('(proxy)');
    if (this.#above.has(value)) return this.#text('(circle)');
    if (depth <= 0) return this.#text(Array.isArray(value) ? '[…]' : '{…}');
    this.#above.add(value);
    try {
      if (ArrayBuffer.isView(value)) return this.#text('(bytes)');
      if (Array.isArray(value)) return this.#items(value, depth);
      if (isMap(value)) return this.#map(value, depth);
      if (isSet(value)) return this.#set(value, depth);
      if (isDate(value)) return this.#text(new Date(Date.prototype.getTime.call(value)).toString());
      return this.#fields(value, depth);
    } finally {
      this.#above.delete(value);
    }
  }

  #items(value: readonly unknown[], depth: number): unknown[] {
    const items: unknown[] = [];
    const { length } = value;
    for (let i = 0; i < length && i < MOST_ITEMS && this.#left > 0; i++) {
      this.#left -= 1;
      items.push(this.#field(Object.getOwnPropertyDescriptor(value, i), depth));
    }
    if (items.length < length) items.push(`… ${length - items.length} more`);
    return items;
  }

  #fields(value: object, depth: number): Record<string, unknown> {
    const copy: Record<string, unknown> = Object.create(null);
    let seen = 0;
    // Not `Object.keys`, which would make them all.
    for (const key in value) {
      if (!Object.hasOwn(value, key)) continue;
      if (++seen > MOST_ITEMS || this.#left <= 0) {
        copy['…'] = '…';
        break;
      }
      this.#left -= key.length + 4;
      copy[key.slice(0, 80)] = this.#field(Object.getOwnPropertyDescriptor(value, key), depth);
    }
    return copy;
  }

  #map(value: Map<unknown, unknown>, depth: number): Record<string, unknown> {
    const copy: Record<string, unknown> = Object.create(null);
    let seen = 0;
    for (const [key, item] of Map.prototype.entries.call(value)) {
      if (++seen > MOST_ITEMS || this.#left <= 0) {
        copy['…'] = '…';
        break;
      }
      const name =
        typeof key === 'string' || typeof key === 'number'
          ? String(key).slice(0, 80)
          : `(${typeof key})`;
      this.#left -= name.length + 4;
      copy[name] = this.copy(item, depth - 1);
    }
    return copy;
  }

  #set(value: Set<unknown>, depth: number): unknown[] {
    const items: unknown[] = [];
    for (const item of Set.prototype.values.call(value)) {
      if (items.length >= MOST_ITEMS || this.#left <= 0) break;
      items.push(this.copy(item, depth - 1));
    }
    return items;
  }

  #field(property: PropertyDescriptor | undefined, depth: number): unknown {
    if (property === undefined) return undefined;
    if (!('value' in property)) return this.#text('(getter)');
    return this.copy(property.value, depth - 1);
  }

  #text(text: string): string {
    const shown =
      text.length > this.#left ? `${text.slice(0, Math.max(0, this.#left - 1))}…` : text;
    this.#left -= shown.length + 2;
    return shown;
  }
}
