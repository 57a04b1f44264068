/** A message as kombu keeps it in Redis: one JSON text, its body in base64, its priority a part of the list's name. */

import { randomUUID } from 'node:crypto';
import { NotJson, readJson, writeJson } from '../terms/json.ts';
import { isDict } from './signature.ts';
import type { WireMessage, WireProperties } from './wire-message.ts';

export interface Unpacked extends WireMessage {
  readonly tag: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly redelivered: boolean;
}

export function pack(
  { properties, headers, body }: WireMessage,
  to: { readonly exchange: string; readonly key: string },
  tag: string = randomUUID(),
): string {
  const { content_type, content_encoding, ...others } = properties;
  return writeJson({
    body: Buffer.from(body, 'utf8').toString('base64'),
    'content-encoding': content_encoding ?? 'utf-8',
    'content-type': content_type ?? 'application/json',
    headers,
    properties: {
      ...others,
      delivery_info: { exchange: to.exchange, routing_key: to.key },
      priority: others.priority ?? 0,
      body_encoding: 'base64',
      delivery_tag: tag,
    },
  });
}

/** @throws NotJson for what is no envelope. */
export function unpack(text: string): Unpacked {
  const envelope = readJson(text, { notFinite: 'null' });
  if (!isDict(envelope) || typeof envelope['body'] !== 'string' || !isDict(envelope['properties']))
    throw new NotJson('Cannot read it as a message: it is no object with a body and properties');
  const { properties, body } = envelope;
  const { delivery_tag, delivery_info, body_encoding, ...others } = properties;
  const headers = isDict(envelope['headers']) ? envelope['headers'] : {};
  const info = isDict(delivery_info) ? delivery_info : {};
  const type = envelope['content-type'];
  const encoding = envelope['content-encoding'];
  return {
    properties: {
      ...(others as WireProperties),
      ...(typeof type === 'string' && { content_type: type }),
      ...(typeof encoding === 'string' && { content_encoding: encoding }),
    },
    headers,
    body:
      body_encoding === 'base64'
        ? Buffer.from(body as string, 'base64').toString('utf8')
        : (body as string),
    tag: String(delivery_tag ?? ''),
    exchange: String(info['exchange'] ?? ''),
    routingKey: String(info['routing_key'] ?? ''),
    redelivered: headers['redelivered'] === true || info['redelivered'] === true,
  };
}

// ── lists ───────────────────────────────────────────────────────────────────────────────────

/** Priorities are rounded down to these; the first list is served first. */
export const STEPS = [0, 3, 6, 9] as const;
const SEPARATOR = '\x06\x16';

export function listOf(queue: string, priority: number): string {
  const step = STEPS.findLast((each) => each <= priority) ?? 0;
  return step === 0 ? queue : `${queue}${SEPARATOR}${step}`;
}

export function listsOf(queue: string): readonly string[] {
  return STEPS.map((step) => listOf(queue, step));
}

export function queueOf(list: string): string {
  return list.split(SEPARATOR)[0] as string;
}

/** What a binding is in the set of its exchange. */
export function bindingOf(routingKey: string, queue: string): string {
  return [routingKey, '', queue].join(SEPARATOR);
}

export interface Binding {
  readonly routingKey: string;
  readonly queue: string;
}

export function readBinding(member: string): Binding {
  const [routingKey = '', , queue = ''] = member.split(SEPARATOR);
  return { routingKey, queue };
}

export function bindingsKey(exchange: string): string {
  return `_kombu.binding.${exchange}`;
}
