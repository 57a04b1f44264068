/** What becomes of a delivery: told to who delivered it, and not waited for. */

import type { Address, Caller, Message, Target } from 'beamish';
import { brokerOfQueue } from '../terms/address.ts';
import type { Delivery } from '../terms/messages.ts';
import type { Reply, Settle } from '../terms/protocol.ts';

// biome-ignore lint/suspicious/noExplicitAny: whatever the message is
type AnyDelivery = Delivery<any, string>;

/**
 * The key, in the dictionary of a `consumer`, of the number of the delivery that is in its hand, or of how
 * its handler has settled that one. Set and erased by `consumer`.
 */
export const IN_HAND = Symbol('the delivery in hand');

/** Done: it is gone from the queue. Settling twice, or after the message went back, does nothing and is an event. */
export function ack(by: Caller, delivery: AnyDelivery): void {
  settle(by, delivery, 'ack');
}

/** Not to be done by anyone: to the dead-letter exchange, or dropped with an event. */
export function reject(by: Caller, delivery: AnyDelivery): void {
  settle(by, delivery, 'reject');
}

/** Back to its place in the queue, for another consumer if one is free. Without delay: a consumer that only requeues spins. */
export function requeue(by: Caller, delivery: AnyDelivery): void {
  settle(by, delivery, 'requeue');
}

function settle(by: Caller, { queue, settlement }: AnyDelivery, how: Settle['how']): void {
  const { number, slot } = settlement;
  if (!('root' in by) && by.get(IN_HAND) === number) by.put(IN_HAND, how);
  sendToQueue(by, settlement.with, { tag: '$settle', queue, number, slot, how });
}

/** To the actor of a queue; what comes when that is gone, to its broker. */
export function sendToQueue(by: Caller, to: Target, message: Settle | Reply): void {
  if (!('name' in to)) return by.send(to as Address<Message>, message);
  const isHere = to.system === undefined || to.system === systemOf(by);
  const pid = isHere ? by.whereis(to.name) : undefined;
  if (pid !== undefined) by.send(pid as Address<Message>, message);
  else if (isHere) by.send(brokerOfQueue(to, message.queue) as Address<Message>, message);
  else by.send(to as Address<Message>, message);
}

function systemOf(by: Caller): string {
  return 'root' in by ? by.name : by.pid.system;
}
