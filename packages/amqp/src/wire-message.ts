/** A message as it is on the wire, and what a delivery says of it. */

import {
  type Codec,
  type Death,
  type DeliveredProperties,
  type HeaderTable,
  type HeaderValue,
  json,
  type Properties,
} from '@beamish/exchange';
import { jsonText, NO_HEADERS, type PublishOptions, withDeath } from '@beamish/exchange/engine';
import type { ConsumeMessage, Message, Options } from 'amqplib';
import { fromFields, toFields } from './field-table.ts';

/** Headers of our own: they carry what a message has been through when it is published again. */
const DEATHS = 'x-beamish-deaths';
const EXCHANGE = 'x-beamish-exchange';
const KEY = 'x-beamish-key';

/** Of a message that was sent again because its fate was unknown. */
export const AGAIN = { 'x-beamish-again': true } as const;

/** What the client is given with a message. */
export function propertiesOf(
  options: PublishOptions | undefined,
  messageId: string,
  contentType: string,
): Options.Publish {
  // Of each message that is published: it is put together with what there is, and most have no more than this.
  const its: Options.Publish = { contentType, messageId, persistent: true, mandatory: true };
  if (options === undefined) return its;
  const { headers, priority, expirationMs, properties = {} } = options;
  const { correlationId, type, appId, timestamp, persistent = true } = properties as Properties;
  its.persistent = persistent;
  if (headers !== undefined) its.headers = toFields(withoutAdded(headers));
  if (priority !== undefined) its.priority = priority;
  if (expirationMs !== undefined) its.expiration = String(expirationMs);
  if (correlationId !== undefined) its.correlationId = correlationId;
  if (type !== undefined) its.type = type;
  if (appId !== undefined) its.appId = appId;
  if (timestamp !== undefined) its.timestamp = Math.floor(timestamp.getTime() / 1000);
  return its;
}

/** The body. Node makes the bytes of a short text in half the time of a `TextEncoder`, and of a piece of memory that there is. */
export function contentOf(codec: Codec<unknown>, message: unknown): Buffer {
  if (codec === json) return Buffer.from(jsonText(message));
  const bytes = codec.encode(message);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function messageIdOf({ properties }: Message): string {
  return String(properties.messageId ?? '');
}

/** It may have been handled before: it has been in other hands, or may be the second copy. */
export function mayHaveBeenHandled({ fields, properties }: ConsumeMessage): boolean {
  return fields.redelivered || properties.headers?.['x-beamish-again'] === true;
}

/** Where it was published to first. */
export function originOf({ fields, properties }: Message): { exchange: string; key: string } {
  const headers = properties.headers ?? {};
  return {
    exchange: String(headers[EXCHANGE] ?? fields.exchange),
    key: String(headers[KEY] ?? fields.routingKey),
  };
}

/** The publisher's own; what RabbitMQ and this engine add is shown elsewhere. */
export function headersOf({ properties }: Message): HeaderTable {
  if (isEmpty(properties.headers)) return NO_HEADERS;
  return withoutAdded(fromFields(properties.headers));
}

/** Nobody can give a message a past but who knows it. */
function withoutAdded(table: HeaderTable): HeaderTable {
  return Object.fromEntries(Object.entries(table).filter(([name]) => !isAdded(name)));
}

function isAdded(name: string): boolean {
  return (
    name === 'x-death' ||
    name.startsWith('x-first-death-') ||
    name.startsWith('x-last-death-') ||
    name === 'x-delivery-count' ||
    name.startsWith('x-beamish-')
  );
}

export function deliveredPropertiesOf(message: Message): DeliveredProperties {
  const { correlationId, type, appId, timestamp, priority, deliveryMode } = message.properties;
  // Of each message that comes: it is put together with what there is, and most have none of it.
  const its: { -readonly [K in keyof DeliveredProperties]: DeliveredProperties[K] } = {
    messageId: messageIdOf(message),
  };
  if (correlationId !== undefined) its.correlationId = correlationId;
  if (type !== undefined) its.type = type;
  if (appId !== undefined) its.appId = appId;
  if (timestamp !== undefined) its.timestamp = new Date(timestamp * 1000);
  if (priority !== undefined) its.priority = priority;
  if (deliveryMode === 1) its.persistent = false;
  return its;
}

/** The latest first. */
export function historyOf({ properties }: Message): readonly Death[] {
  if (isEmpty(properties.headers)) return NO_DEATHS;
  const headers = fromFields(properties.headers);
  return [...listOf(headers[DEATHS]), ...listOf(headers['x-death'])].flatMap(readDeath);
}

const NO_DEATHS: readonly Death[] = Object.freeze([]);

function isEmpty(table: object | undefined): boolean {
  for (const _ in table) return false;
  return true;
}

function listOf(value: HeaderValue | undefined): readonly HeaderValue[] {
  return Array.isArray(value) ? value : [];
}

function readDeath(entry: HeaderValue): readonly Death[] {
  if (typeof entry !== 'object' || entry === null) return [];
  const table = entry as HeaderTable;
  const keys = table['routing-keys'];
  const expiration = table['original-expiration'];
  return [
    {
      queue: String(table['queue']),
      reason: String(table['reason']) as Death['reason'],
      count: Number(table['count'] ?? 1),
      exchange: String(table['exchange'] ?? ''),
      keys: Array.isArray(keys) ? keys.map(String) : [],
      at: table['time'] instanceof Date ? table['time'] : new Date(0),
      ...(expiration === undefined ? {} : { originalExpirationMs: Number(expiration) }),
    },
  ];
}

/** The properties of a copy that goes elsewhere: with its history, from where it came first, and without an expiry. */
export function moved(message: Message, history: readonly Death[]): Options.Publish {
  const { properties } = message;
  const { exchange, key } = originOf(message);
  const carried = {
    [EXCHANGE]: exchange,
    [KEY]: key,
    ...(history.length > 0 ? { [DEATHS]: history.map(writeDeath) } : {}),
  };
  const { expiration: _, userId: __, deliveryMode, headers: ___, ...others } = properties;
  const given = Object.fromEntries(
    Object.entries(others).filter(([, value]) => value !== undefined),
  );
  return {
    ...given,
    persistent: deliveryMode !== 1,
    headers: { ...toFields(headersOf(message)), ...toFields(carried) },
  };
}

function writeDeath(death: Death): HeaderTable {
  const { queue, reason, count, exchange, keys, at, originalExpirationMs } = death;
  return {
    queue,
    reason,
    count,
    exchange,
    'routing-keys': [...keys],
    time: at,
    ...(originalExpirationMs === undefined
      ? {}
      : { 'original-expiration': String(originalExpirationMs) }),
  };
}

/** With its death in this queue. */
export function historyWith(
  message: Message,
  queue: string,
  reason: Death['reason'],
  wall: number,
): readonly Death[] {
  const { exchange, key } = originOf(message);
  const { expiration } = message.properties;
  const originalExpirationMs = expiration === undefined ? undefined : Number(expiration);
  const died = { queue, reason, exchange, key, originalExpirationMs, wall };
  return withDeath(historyOf(message), died);
}
