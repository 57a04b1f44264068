/**
 * How arguments, results, checkpoints and progress are stored: JSON, with kombu's tagged objects
 * (`{"__type__":"datetime","__value__":"…"}`) for what JSON has not, and integers of any size as digits.
 * What is plain JSON already, which nearly everything is, goes through the host's own functions.
 */

import { isSmall, readSmall } from './small-number.ts';

const TYPE = '__type__';
const VALUE = '__value__';
/** What is shorter has no tag, and no integer beyond 2⁵³. */
const SHORTEST_TAGGED = 16;
/** Deeper is taken for a mistake, and would overflow the stack sooner or later. */
const DEEPEST = 500;

/** What the codec refused, and where it is. */
export class NotStorable extends TypeError {
  override get name(): string {
    return 'NotStorable';
  }
}

/**
 * `what` is what the value is to its owner, as in `Cannot store argument 1 at .user: it is a function`.
 * `undefined` as a whole is the empty text.
 *
 * @throws NotStorable
 */
export function encode(value: unknown, what: string): string {
  if (value === undefined) return '';
  if (isSmall(value)) return String(value);
  if (isPlain(value, 0)) return JSON.stringify(value);
  return write(value, { what, path: '', within: new Set() });
}

/** A list of arguments, which are counted from 1 in errors. @throws NotStorable */
export function encodeArguments(args: readonly unknown[]): string {
  if (args.length === 1 && isSmall(args[0])) return `[${args[0]}]`;
  if (isPlain(args, 0)) return JSON.stringify(args);
  const texts = args.map(
    (arg, i) => encode(arg, `argument ${i + 1}`) || write(undefined, nowhere(`argument ${i + 1}`)),
  );
  return `[${texts.join(',')}]`;
}

/** The value again: equal, and a copy. */
export function decode(text: string): unknown {
  if (text === '') return undefined;
  const small = readSmall(text);
  if (small !== undefined) return small;
  if (text.length < SHORTEST_TAGGED || !/\d{16}|__type__/.test(text)) return JSON.parse(text);
  return revive(JSON.parse(withTaggedIntegers(text)));
}

/** The elements of an encoded list, as texts; undefined if it is none. */
export function elementsOf(list: string): string[] | undefined {
  if (!list.startsWith('[')) return undefined;
  const elements: string[] = [];
  let depth = 0;
  let from = 1;
  for (let i = 1; i < list.length - 1; i++) {
    const c = list.charCodeAt(i);
    if (c === QUOTE) i = endOfString(list, i);
    else if (c === OPEN || c === BRACE) depth++;
    else if (c === CLOSE || c === UNBRACE) depth--;
    else if (c === COMMA && depth === 0) {
      elements.push(list.slice(from, i));
      from = i + 1;
    }
  }
  if (from < list.length - 1) elements.push(list.slice(from, -1));
  return elements;
}

const [QUOTE, BACKSLASH, COMMA, OPEN, CLOSE, BRACE, UNBRACE] = [...'"\\,[]{}'].map((c) =>
  c.charCodeAt(0),
) as [number, number, number, number, number, number, number];

function endOfString(text: string, from: number): number {
  let i = from + 1;
  while (text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i;
}

/** Whether JSON says the same as the value. False of what goes round in a circle. */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return isPlainNumber(value);
    case 'object': {
      if (value === null) return true;
      if (depth > DEEPEST) return false;
      if (Array.isArray(value)) {
        // A hole reads as undefined.
        for (let i = 0; i < value.length; i++) if (!isPlain(value[i], depth + 1)) return false;
        return true;
      }
      if (!isRecord(value) || Object.hasOwn(value, TYPE)) return false;
      for (const field of Object.values(value))
        if (field !== undefined && !isPlain(field, depth + 1)) return false;
      return true;
    }
    default:
      return false;
  }
}

/** Others are written with a fraction, a sign or not at all. */
function isPlainNumber(value: number): boolean {
  if (Number.isInteger(value)) return Number.isSafeInteger(value) && !Object.is(value, -0);
  return Number.isFinite(value);
}

/** Of an object literal, `Object.create(null)`, or what another realm has for them. */
function isRecord(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

interface Place {
  readonly what: string;
  readonly path: string;
  /** What it is a part of, to find circles. */
  readonly within: Set<object>;
}

function nowhere(what: string): Place {
  return { what, path: '', within: new Set() };
}

function write(value: unknown, place: Place): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      return writeNumber(value, place);
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? tagged('bigint', `"${value}"`) : String(value);
    case 'undefined':
      return `{"${TYPE}":"undefined"}`;
    case 'object':
      return value === null ? 'null' : writeObject(value, place);
    default:
      return refuse(place, `it is a ${typeof value}`);
  }
}

function writeNumber(value: number, place: Place): string {
  if (!Number.isFinite(value)) return refuse(place, `it is ${value}`);
  if (Object.is(value, -0)) return '-0';
  const digits = String(value);
  // Digits alone beyond 2⁵³ are a bigint.
  return /^-?\d{16,}$/.test(digits) && !Number.isSafeInteger(value) ? `${digits}.0` : digits;
}

function writeObject(value: object, place: Place): string {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) return refuse(place, 'it is an invalid Date');
    return tagged('datetime', `"${value.toISOString()}"`);
  }
  if (value instanceof Uint8Array) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return tagged('base64', `"${bytes.toString('base64')}"`);
  }
  if (place.within.has(value)) return refuse(place, 'it is a part of itself');
  if (place.within.size >= DEEPEST)
    return refuse(place, `it is nested over ${DEEPEST} levels deep`);
  place.within.add(value);
  const text = Array.isArray(value) ? writeList(value, place) : writeRecord(value, place);
  place.within.delete(value);
  return text;
}

function writeList(list: readonly unknown[], place: Place): string {
  const texts: string[] = [];
  for (let i = 0; i < list.length; i++) texts.push(write(list[i], inside(place, `[${i}]`)));
  return `[${texts.join(',')}]`;
}

function writeRecord(value: object, place: Place): string {
  if (!isRecord(value)) {
    const itsClass = (value as { readonly constructor?: { readonly name?: unknown } }).constructor;
    const name = typeof itsClass?.name === 'string' ? itsClass.name : '';
    return refuse(place, `it is an instance of ${name || 'a class'}`);
  }
  const fields: string[] = [];
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue;
    fields.push(`${JSON.stringify(key)}:${write(field, inside(place, `.${key}`))}`);
  }
  const text = `{${fields.join(',')}}`;
  // A user's own object that looks like one of ours.
  return Object.hasOwn(value, TYPE) ? tagged('object', text) : text;
}

function inside(place: Place, step: string): Place {
  return { what: place.what, path: place.path + step, within: place.within };
}

function tagged(type: string, value: string): string {
  return `{"${TYPE}":"${type}","${VALUE}":${value}}`;
}

function refuse({ what, path }: Place, why: string): never {
  const at = path === '' ? '' : ` at ${path}`;
  throw new NotStorable(`Cannot store ${what}${at}: ${why}`);
}

/** `JSON.parse` rounds integers beyond 2⁵³. Strings are passed over, so nobody can forge one. */
function withTaggedIntegers(text: string): string {
  return text.replace(
    /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g,
    (token: string) =>
      /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token))
        ? tagged('bigint', `"${token}"`)
        : token,
  );
}

function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(revive);
  const record = value as Record<string, unknown>;
  if (typeof record[TYPE] !== 'string') return reviveFields(record);
  const inner = record[VALUE];
  switch (record[TYPE]) {
    case 'undefined':
      return undefined;
    case 'object':
      return reviveFields(inner as Record<string, unknown>);
    case 'bigint':
      return BigInt(inner as string);
    case 'datetime':
      return new Date(inner as string);
    case 'base64':
      return new Uint8Array(Buffer.from(inner as string, 'base64'));
    case 'bytes':
      return new Uint8Array(Buffer.from(inner as string, 'utf8'));
    default:
      return reviveFields(record);
  }
}

function reviveFields(record: Record<string, unknown>): Record<string, unknown> {
  const revived: Record<string, unknown> = {};
  for (const key of Object.keys(record)) {
    const field = revive(record[key]);
    // Assigning to it would set the prototype.
    if (key === '__proto__') {
      Object.defineProperty(revived, key, {
        value: field,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    } else revived[key] = field;
  }
  return revived;
}
