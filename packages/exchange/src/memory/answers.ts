/** How what the broker was asked is answered. */

import type { Context } from 'beamish';
import type { Refusal } from '../terms/errors.ts';
import type { BrokerReply, BrokerRequest } from '../terms/protocol.ts';

export interface Refused {
  readonly reason: Refusal;
  readonly text: string;
}

/** `value` is what the verb returns. */
export function done(self: Context, request: BrokerRequest, value: unknown): void {
  const reply: BrokerReply = { tag: '$done', value };
  self.send(request.replyTo, reply);
}

export function refuse(self: Context, request: BrokerRequest, { reason, text }: Refused): void {
  const reply: BrokerReply = { tag: '$refused', reason, text };
  self.send(request.replyTo, reply);
}

export function missing(text: string): Refused {
  return { reason: 'not_found', text };
}
