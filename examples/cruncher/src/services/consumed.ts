// For those who consume a queue for as long as they live.

import type { Cancelled, Delivery } from '@beamish/exchange';

/** The end of its queue is a consumer's own: its supervisor starts another one, which finds the queue again. */
export function stillConsumed<M>(message: Delivery<M> | Cancelled): Delivery<M> {
  if (message.tag === 'delivery') return message;
  throw new Error(`Cannot go on: the queue ${message.queue} is gone (${message.reason})`);
}
