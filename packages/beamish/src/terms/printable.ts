/**
 * Values as errors and logs can bear them: whatever they are, however large or deep, and however they
 * refer to themselves. What a value does when it is looked at (getters, `toString`, traps of a proxy) is
 * its user's code: nothing here throws, and what would is printed as what it is, unprintable.
 */

import { isName, isPid, isReplyTo, showAddress } from './pid.ts';
import { isRef } from './ref.ts';

/** A value of JSON, but for what JSON has no word for. */
export type Printable =
  | string
  | number
  | boolean
  | null
  | Verbatim
  | readonly Printable[]
  | { readonly [key: string]: Printable };

/** Printed as it is in text, and as a string in JSON. */
class Verbatim {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** Items of a list and fields of an object that are looked at, and levels of them. */
const MOST_ITEMS = 16;
const DEEPEST = 4;
/** Longest string, and longest value on one line; an error says more. */
const LONGEST = 200;
const LONGEST_ERROR = 1000;

const UNPRINTABLE = '(unprintable)';

/** A small copy as JSON: addresses as they are printed, an error as what it says, bytes by their number. */
export function printable(value: unknown, depth = DEEPEST): Printable {
  try {
    return copyOf(value, depth);
  } catch {
    // Whatever it threw came of looking at it, and is nobody's failure.
    return new Verbatim(UNPRINTABLE);
  }
}

/** A value on one line, cut where it is long, whatever it is: never throws, as `String` and templates do. */
export function show(value: unknown): string {
  if (typeof value === 'string') return cut(`'${value}'`, LONGEST);
  const copy = printable(value);
  return cut(textOf(copy), copy instanceof Verbatim ? LONGEST_ERROR : LONGEST);
}

/** A copy on one line. */
export function textOf(copy: Printable): string {
  if (copy instanceof Verbatim) return copy.text;
  if (typeof copy !== 'object' || copy === null) return JSON.stringify(copy);
  if (isList(copy)) return `[${copy.map(textOf).join(',')}]`;
  const shown = Object.entries(copy).map(([key, item]) => `${JSON.stringify(key)}:${textOf(item)}`);
  return `{${shown.join(',')}}`;
}

/** Whether it is an error, whichever realm it comes from. Never throws. */
export function isError(value: unknown): value is Error {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
  } catch {
    // A proxy that can tell nothing.
    return false;
  }
}

/** A field, or undefined if reading it fails. */
export function peek(value: object, key: PropertyKey): unknown {
  try {
    return (value as Record<PropertyKey, unknown>)[key];
  } catch {
    // The getter of whoever made it.
    return undefined;
  }
}

function copyOf(value: unknown, depth: number): Printable {
  switch (typeof value) {
    case 'string':
      return cut(value, LONGEST);
    case 'number':
      return Number.isFinite(value) ? value : new Verbatim(String(value));
    case 'boolean':
      return value;
    case 'bigint':
      return new Verbatim(`${value}n`);
    case 'object':
      return value === null ? null : copyOfObject(value, depth);
    case 'function':
      return new Verbatim(`function ${nameOf(value)}`.trim());
    default:
      return new Verbatim(String(value));
  }
}

function copyOfObject(value: object, depth: number): Printable {
  if (isRef(value)) return new Verbatim(`<ref ${value.system}.${value.ref}>`);
  if (isPid(value) || isReplyTo(value)) return new Verbatim(showAddress(value));
  if (isError(value)) return new Verbatim(errorText(value));
  if (ArrayBuffer.isView(value))
    return new Verbatim(`${kindOf(value)} of ${value.byteLength} bytes`);
  if (value instanceof Map || value instanceof Set)
    return new Verbatim(`${kindOf(value)} of ${value.size}`);
  if (Array.isArray(value)) return list(value, depth);
  if (isName(value) && Object.getPrototypeOf(value) !== Object.prototype)
    return new Verbatim(showAddress(value));
  return depth === 0 ? new Verbatim('{…}') : fields(value, depth);
}

function errorText(error: Error): string {
  const name = peek(error, 'name');
  return cut(`${typeof name === 'string' ? name : 'Error'}: ${messageOf(error)}`, LONGEST_ERROR);
}

function messageOf(error: Error): string {
  const message = peek(error, 'message');
  return typeof message === 'string' ? message : UNPRINTABLE;
}

function nameOf(value: object): string {
  const name = peek(value, 'name');
  return typeof name === 'string' ? name : '';
}

function kindOf(value: object): string {
  const kind = peek(value, 'constructor');
  return (typeof kind === 'function' && nameOf(kind)) || 'object';
}

function list(items: readonly unknown[], depth: number): Printable {
  if (depth === 0) return new Verbatim(`[${items.length}]`);
  const shown: Printable[] = [];
  for (let i = 0; i < items.length && i < MOST_ITEMS; i++) shown.push(field(items, i, depth - 1));
  const left = items.length - MOST_ITEMS;
  return left > 0 ? [...shown, new Verbatim(`${left} more`)] : shown;
}

function fields(value: object, depth: number): Printable {
  const keys = Object.keys(value);
  const shown: [string, Printable][] = keys
    .slice(0, MOST_ITEMS)
    .map((key) => [key, field(value, key, depth - 1)]);
  if (keys.length > MOST_ITEMS) shown.push(['…', `${keys.length - MOST_ITEMS} more`]);
  // Own fields whatever they are called, `__proto__` included.
  return Object.fromEntries(shown);
}

function field(value: object, key: PropertyKey, depth: number): Printable {
  try {
    return printable((value as Record<PropertyKey, unknown>)[key], depth);
  } catch (error) {
    // A getter is user code; what it throws is all that there is to print.
    return new Verbatim(`throws ${isError(error) ? messageOf(error) : typeof error}`);
  }
}

function isList(copy: object): copy is readonly Printable[] {
  return Array.isArray(copy);
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
