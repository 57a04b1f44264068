/** Messages that Celery sent, as they were recorded. */

import { readdirSync, readFileSync } from 'node:fs';
import { unpack } from '../../packages/celery/src/messages/envelope.ts';
import type { WireMessage } from '../../packages/celery/src/messages/wire-message.ts';
import { readJson, writeJson } from '../../packages/celery/src/terms/json.ts';

const FOLDER = new URL('./fixtures/', import.meta.url);

type Dict = Readonly<Record<string, unknown>>;

export function fixture(name: string): unknown {
  return readJson(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
}

export function fixtureNames(pattern: RegExp): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json') && pattern.test(file))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/** One with its exchange and key, wherever it stands in the fixture. */
export interface Recorded extends WireMessage {
  readonly exchange: string;
  readonly routingKey: string;
}

/** Every message of a fixture, in order. */
export function messagesIn(value: unknown): Recorded[] {
  if (Array.isArray(value)) return value.flatMap(messagesIn);
  if (typeof value !== 'object' || value === null) return [];
  const record = value as Dict;
  const { properties, body } = record;
  if (typeof properties !== 'object' || properties === null || !('body' in record))
    return Object.values(record).flatMap(messagesIn);
  if ('delivery_tag' in properties) return [unpack(writeJson(record))];
  const { headers = {}, ...others } = properties as Dict;
  return [
    {
      exchange: String(record['exchange'] ?? ''),
      routingKey: String(record['routing_key'] ?? ''),
      properties: others,
      headers: (record['headers'] ?? headers) as Dict,
      body: writeJson(body),
    },
  ];
}

export function isTask({ headers, exchange }: Recorded): boolean {
  return exchange === '' && typeof headers['task'] === 'string';
}

/** Every result that was stored in Redis, as text. */
export function storedIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(storedIn);
  if (typeof value !== 'object' || value === null) return [];
  const { cmd, args } = value as Dict;
  if (cmd === 'SETEX' && Array.isArray(args) && /^celery-task-meta-/.test(String(args[0])))
    return [writeJson(args[2])];
  return Object.values(value).flatMap(storedIn);
}
