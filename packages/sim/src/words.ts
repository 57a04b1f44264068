/** Messages, replies and reasons in the words of a trace: what fits a line. */

import type { Pid } from 'beamish';
import { ownerOfReplyTo } from 'beamish/observation';

/** Longest text of a message or a reason. */
const LONGEST = 60;

/** A message without its tag, and without addresses, which are told otherwise; undefined if nothing is left. */
export function wordsOfMessage(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null) return shortened(wordsOf(message, 0));
  const fields = fieldsOf(message as Record<string, unknown>, 0, (key) => key !== 'tag');
  return fields.length === 0 ? undefined : shortened(`{ ${fields.join(', ')} }`);
}

/** Any value. */
export function wordsOfValue(value: unknown): string {
  return shortened(wordsOf(value, 0));
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

function fieldsOf(
  value: Record<string, unknown>,
  depth: number,
  isTold: (key: string) => boolean,
): string[] {
  const fields: string[] = [];
  for (const key of Object.keys(value)) {
    const field = value[key];
    if (!isTold(key) || isAddress(field) || typeof field === 'function') continue;
    fields.push(`${key}: ${wordsOf(field, depth + 1)}`);
  }
  return fields;
}

function wordsOf(value: unknown, depth: number): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (isAddress(value)) return String(value);
  if (depth > 2) return '…';
  if (Array.isArray(value)) return `[${value.map((each) => wordsOf(each, depth + 1)).join(', ')}]`;
  if (value instanceof Map || value instanceof Set)
    return `${value.constructor.name}(${value.size})`;
  const fields = fieldsOf(value as Record<string, unknown>, depth, () => true);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

/** A pid, a name, a reply address or a ref: numbers that differ from schedule to schedule. */
function isAddress(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const its = value as Record<string, unknown>;
  if (typeof its['serial'] === 'number' && typeof its['system'] === 'string') return true;
  if (typeof its['alias'] === 'number' && typeof its['system'] === 'string') return true;
  return typeof its['ref'] === 'number' && typeof its['system'] === 'string';
}

/** It carries an address for a reply to who sends it. */
export function isQuestion(message: unknown, from: Pid): boolean {
  const { replyTo } = message as { readonly replyTo?: unknown };
  return replyTo !== undefined && ownerOfReplyTo(replyTo) === from;
}

/** Of a request to a server, what it asks for. */
export function tagOf(message: unknown): string | undefined {
  const its = message as { readonly tag?: unknown; readonly name?: unknown } | null | undefined;
  const tag = its?.tag === '$request' ? its.name : its?.tag;
  return typeof tag === 'string' ? tag : undefined;
}
