/** Headers as AMQP's field tables, each value with a type that every client reads, and back. */

import type { HeaderTable, HeaderValue } from '@beamish/exchange';

const LEAST_INT = -(2 ** 31);
const MOST_INT = 2 ** 31 - 1;

/** Headers for the wire. @throws RangeError for a bigint that the client cannot write. */
export function toFields(table: HeaderTable): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, toField(value)]));
}

function toField(value: HeaderValue): unknown {
  switch (typeof value) {
    case 'number':
      return toNumber(value);
    case 'bigint':
      if (BigInt(Number(value)) === value && Number.isSafeInteger(Number(value)))
        return { '!': 'long', value: Number(value) };
      throw new RangeError(`Cannot send the header value ${value}: it takes more than 53 bits`);
    case 'object':
      if (value === null) return null;
      if (value instanceof Date)
        return { '!': 'timestamp', value: Math.floor(value.getTime() / 1000) };
      if (value instanceof Uint8Array) return Buffer.from(value);
      if (Array.isArray(value)) return value.map(toField);
      return toFields(value as HeaderTable);
    default:
      return value;
  }
}

/** Without its type, the client writes a whole number in as few bytes as it takes, and some clients read those wrongly. */
function toNumber(value: number): unknown {
  if (!Number.isSafeInteger(value)) return { '!': 'double', value };
  return { '!': value >= LEAST_INT && value <= MOST_INT ? 'int' : 'long', value };
}

/** A table from the wire. The client makes the prototype of what is called `__proto__`, so only own names are read. */
export function fromFields(fields: Readonly<Record<string, unknown>> | undefined): HeaderTable {
  const table: Record<string, HeaderValue> = {};
  for (const name of Object.keys(fields ?? {})) {
    if (name !== '__proto__') table[name] = fromField((fields as Record<string, unknown>)[name]);
  }
  return table;
}

function fromField(value: unknown): HeaderValue {
  if (typeof value !== 'object' || value === null) return (value ?? null) as HeaderValue;
  if (Buffer.isBuffer(value)) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(fromField);
  const typed = value as { readonly '!'?: unknown; readonly value?: unknown };
  if (typed['!'] === 'timestamp') return new Date(Number(typed.value) * 1000);
  if (typed['!'] !== undefined && typeof typed.value === 'number') return typed.value;
  return fromFields(value as Record<string, unknown>);
}
