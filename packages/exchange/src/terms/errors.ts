/** What a broker did not do, as errors that say what was asked, and what is there. */

/** Why a publish failed. */
export type PublishFailure = 'unroutable' | 'rejected' | 'no_exchange' | 'not_connected';

const WHY: Record<PublishFailure, string> = {
  unroutable: 'no queue wants it',
  rejected: 'a queue that should have it was full, or could not write; others may have it',
  no_exchange: 'there is no such exchange',
  not_connected: 'too much waits for the connection already',
};

/** `'unroutable'`: no queue wanted it. `'rejected'`: a queue that should have it was full; others may have it. `'no_exchange'`. `'not_connected'`: the buffer of what waits for the connection is full. */
export class PublishFailed extends Error {
  /** Why; see the class. */
  readonly reason: PublishFailure;
  /** That it was published to; empty for a queue. */
  readonly exchange: string;
  /** With which key; for a queue its name. */
  readonly key: string;
  /** Of the message that was not taken; empty where none was made for it. */
  readonly messageId: string;

  constructor(reason: PublishFailure, exchange: string, key: string, messageId: string) {
    const where =
      exchange === '' ? `to the queue "${key}"` : `to the exchange "${exchange}" with key "${key}"`;
    const which = messageId === '' ? '' : ` the message ${messageId}`;
    super(`Cannot publish${which} ${where}: ${WHY[reason]}`);
    this.reason = reason;
    this.exchange = exchange;
    this.key = key;
    this.messageId = messageId;
  }

  override get name(): string {
    return 'PublishFailed';
  }
}

const CODES = {
  access_refused: 403,
  not_found: 404,
  resource_locked: 405,
  precondition_failed: 406,
} as const;

/** Why a broker refused, in AMQP's words. */
export type Refusal = keyof typeof CODES;

/** What the broker refused, with AMQP's number and, on RabbitMQ, its own text. */
export class BrokerRefused extends Error {
  /** AMQP's number of the refusal. */
  readonly code: 403 | 404 | 405 | 406;
  /** The same as a word. */
  readonly reason: Refusal;

  constructor(reason: Refusal, text: string) {
    super(text);
    this.code = CODES[reason];
    this.reason = reason;
  }

  override get name(): string {
    return 'BrokerRefused';
  }
}
