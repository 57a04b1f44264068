/** Messages as amqplib has them, and as they are here. */

import { fromFields, toFields } from '@beamish/amqp/connections';
import type { Channel, ConsumeMessage, Options } from 'amqplib';
import type { Delivery, WireMessage, WireProperties } from '../messages/wire-message.ts';

/** By what a delivery is settled. */
export interface AmqpTag {
  readonly channel: Channel;
  readonly message: ConsumeMessage;
}

export function messageOf({ properties, content }: ConsumeMessage): WireMessage {
  return {
    properties: propertiesOf(properties),
    headers: fromFields(properties.headers),
    body: content.toString('utf8'),
  };
}

export function deliveryOf(channel: Channel, message: ConsumeMessage, queue: string): Delivery {
  const { exchange, routingKey, redelivered } = message.fields;
  const tag: AmqpTag = { channel, message };
  return { ...messageOf(message), queue, exchange, routingKey, redelivered, tag };
}

function propertiesOf(properties: ConsumeMessage['properties']): WireProperties {
  const { contentType, contentEncoding, correlationId, replyTo, deliveryMode, priority } =
    properties;
  return {
    ...(contentType !== undefined && { content_type: String(contentType) }),
    ...(contentEncoding !== undefined && { content_encoding: String(contentEncoding) }),
    ...(correlationId !== undefined && { correlation_id: String(correlationId) }),
    ...(replyTo !== undefined && { reply_to: String(replyTo) }),
    ...(deliveryMode !== undefined && { delivery_mode: Number(deliveryMode) }),
    ...(priority !== undefined && { priority: Number(priority) }),
  };
}

/** @throws RangeError for headers that a field table has not. */
export function publishOptions({ properties, headers }: WireMessage): Options.Publish {
  const { content_type, content_encoding, correlation_id, reply_to, delivery_mode, priority } =
    properties;
  return {
    headers: toFields(headers as never),
    persistent: delivery_mode === 2,
    ...(content_type !== undefined && { contentType: content_type }),
    ...(content_encoding !== undefined && { contentEncoding: content_encoding }),
    ...(correlation_id !== undefined && { correlationId: correlation_id }),
    ...(reply_to !== undefined && { replyTo: reply_to }),
    ...(priority !== undefined && { priority }),
  };
}
