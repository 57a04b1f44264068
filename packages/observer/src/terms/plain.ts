/**
 * Happenings and details as JSON, and back: pids and errors are marked, all else is plain data already. A
 * mark is an object with one field whose name begins with `$`, which nothing else that is told has.
 */

import type { Pid } from 'beamish';
import { type PidText, pidText } from './wire.ts';

export function toPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'bigint') return String(value);
    return typeof value === 'function' || typeof value === 'symbol' ? undefined : value;
  }
  if (isPidLike(value)) return { $pid: pidText(value) };
  if (value instanceof Error) {
    const { name, message, stack } = value;
    return { $error: { name, message, stack } };
  }
  if (Array.isArray(value)) return value.map(toPlain);
  return mapped(value, toPlain);
}

export function fromPlain(plain: unknown, pidOf: (text: PidText) => Pid | undefined): unknown {
  if (typeof plain !== 'object' || plain === null) return plain;
  if (Array.isArray(plain)) return plain.map((item) => fromPlain(item, pidOf));
  const { $pid, $error } = plain as { $pid?: unknown; $error?: unknown };
  if (typeof $pid === 'string') return pidOf($pid);
  if (typeof $error === 'object' && $error !== null) return errorOf($error);
  return mapped(plain, (item) => fromPlain(item, pidOf));
}

/** Not by setting fields, of which one may be called `__proto__`. */
function mapped(value: object, map: (item: unknown) => unknown): object {
  const entries = Object.entries(value).flatMap(([key, item]) =>
    item === undefined ? [] : [[key, map(item)] as const],
  );
  return Object.fromEntries(entries);
}

function errorOf(told: { name?: unknown; message?: unknown; stack?: unknown }): Error {
  const error = new Error(String(told.message ?? ''));
  error.name = String(told.name ?? 'Error');
  error.stack = String(told.stack ?? '');
  return error;
}

function isPidLike(value: object): value is Pid {
  const { system, serial, incarnation } = value as Partial<Pid>;
  return (
    typeof serial === 'number' && typeof system === 'string' && typeof incarnation === 'number'
  );
}
