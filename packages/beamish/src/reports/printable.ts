/** Values as a log can bear them: whatever they are, however large, and however they refer to themselves. */

import { isName, isPid, isReplyTo, showAddress } from '../terms/pid.ts';
import { isRef } from '../terms/ref.ts';

/** A value of JSON. */
export type Printable =
  | string
  | number
  | boolean
  | null
  | readonly Printable[]
  | { readonly [key: string]: Printable };

/** Items of a list and fields of an object that are looked at, and levels of them. */
const MOST_ITEMS = 16;
const DEEPEST = 4;
/** Longest string, and longest value on one line. */
const LONGEST = 200;

/** A small copy as JSON: addresses as they are printed, an error as what it says, bytes by their number. */
export function printable(value: unknown, depth = DEEPEST): Printable {
  switch (typeof value) {
    case 'string':
      return cut(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return `${value}n`;
    case 'object':
      return value === null ? null : printableObject(value, depth);
    case 'function':
      return `function ${value.name}`;
    default:
      return String(value);
  }
}

/** A value on one line. */
export function onOneLine(value: unknown): string {
  return cut(typeof value === 'string' ? `'${value}'` : JSON.stringify(printable(value)));
}

function printableObject(value: object, depth: number): Printable {
  if (isPid(value) || isReplyTo(value) || isRef(value)) return showAddressOrRef(value);
  if (value instanceof Error) return cut(`${value.name}: ${value.message}`);
  if (ArrayBuffer.isView(value)) return `${kindOf(value)} of ${value.byteLength} bytes`;
  if (value instanceof Map || value instanceof Set) return `${kindOf(value)} of ${value.size}`;
  if (Array.isArray(value)) return list(value, depth);
  if (isName(value) && Object.getPrototypeOf(value) !== Object.prototype) return showAddress(value);
  return depth === 0 ? '{…}' : fields(value, depth);
}

function showAddressOrRef(value: object): string {
  return isRef(value) ? `<ref ${value.system}.${value.ref}>` : showAddress(value);
}

function kindOf(value: object): string {
  return value.constructor.name;
}

function list(items: readonly unknown[], depth: number): Printable {
  if (depth === 0) return `[${items.length}]`;
  const shown = items.slice(0, MOST_ITEMS).map((item) => printable(item, depth - 1));
  return items.length > MOST_ITEMS ? [...shown, `${items.length - MOST_ITEMS} more`] : shown;
}

function fields(value: object, depth: number): Printable {
  const keys = Object.keys(value);
  const shown: Record<string, Printable> = {};
  for (const key of keys.slice(0, MOST_ITEMS)) shown[key] = field(value, key, depth - 1);
  if (keys.length > MOST_ITEMS) shown['…'] = `${keys.length - MOST_ITEMS} more`;
  return shown;
}

function field(value: object, key: string, depth: number): Printable {
  try {
    return printable((value as Record<string, unknown>)[key], depth);
  } catch (error) {
    // A getter is user code; what it throws is all that there is to print.
    return `throws ${error instanceof Error ? error.message : typeof error}`;
  }
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
