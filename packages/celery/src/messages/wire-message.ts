/** A message as brokers carry it, whichever it is. */

export interface WireProperties {
  readonly content_type?: string;
  readonly content_encoding?: string;
  readonly correlation_id?: string;
  readonly reply_to?: string;
  readonly delivery_mode?: number;
  readonly priority?: number;
  readonly expiration?: string;
}

export interface WireMessage {
  readonly properties: WireProperties;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** What came of a queue. */
export interface Delivery extends WireMessage {
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  /** It was given to somebody before, who did not acknowledge it. */
  readonly redelivered: boolean;
  /** By what its broker knows it; no other one has it. */
  readonly tag: DeliveryTag;
}

/** The broker's own. */
export type DeliveryTag = object;

/** To be published once more, with these headers besides: the copy has come to nobody yet. */
export function copyOf(
  { properties, headers, body }: WireMessage,
  more: Readonly<Record<string, unknown>>,
): WireMessage {
  const { redelivered: _, ...own } = headers;
  return { properties, headers: { ...own, ...more }, body };
}

const JSON_PROPERTIES = { content_type: 'application/json', content_encoding: 'utf-8' } as const;

/** That is kept on disk. */
export function persistent(correlationId: string, more: WireProperties = {}): WireProperties {
  return { ...more, correlation_id: correlationId, delivery_mode: 2, ...JSON_PROPERTIES };
}

/** That may be lost with the broker: results by rpc, events, replies. */
export function transient(more: WireProperties = {}): WireProperties {
  return { ...more, delivery_mode: 1, priority: 0, ...JSON_PROPERTIES };
}
