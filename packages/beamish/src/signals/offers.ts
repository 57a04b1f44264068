/**
 * Offers that wait for room in a bounded mailbox: the mailbox's own continuation, in the order in which
 * they came. Whoever waits is not woken to try again, which would lose a turn whenever the room is gone
 * by then; the message itself moves, in the receiver's turn, when there is room for it or a receive wants
 * it, and its sender goes on after that. So none waits while there is room, none waits with the very
 * message that its receiver waits for, and a sender that ends holds nobody up.
 */

import type { Guard } from '../mailbox/mailbox.ts';
import { accepts, type Want } from '../mailbox/tag-set.ts';
import { AS_MESSAGE } from '../seams/tap.ts';
import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import { coldStateOf } from '../state/cold-state.ts';
import { WAITING } from '../state/status.ts';
import type { WaitingOffer } from '../state/waiting-offer.ts';
import type { Answerable } from '../state/watch.ts';
import { type Message, type ReplyTo, residentOfReplyTo } from '../terms/pid.ts';
import { land } from './delivery.ts';
import { makeReady, resume } from './wake.ts';

/** The mailbox of the receiver must be full. The sender is to be suspended until `isTaken`, or until it is resumed without that. */
export function waitForRoom(
  sender: ActorCell,
  receiver: ActorCell,
  given: Message,
  alias: ReplyTo | undefined,
): WaitingOffer {
  const { isolate } = receiver.system;
  const message = isolate === undefined ? given : isolate(given);
  const offer = { sender, receiver, message, alias, isTaken: false } as WaitingOffer;
  offer.nextOffer = offer.previousOffer = offer;
  const cold = coldStateOf(receiver);
  if (cold.offers !== undefined) joinOffers(offer, cold.offers);
  cold.offers = offer;
  coldStateOf(sender).offered = offer;
  // Its guard runs on its own turn.
  if (receiver.status === WAITING && receiver.guard !== undefined) makeReady(receiver);
  return offer;
}

/** To be called when a bounded mailbox has lost a message: moves in what waits, as long as there is room. */
export function letIn(receiver: ActorCell): void {
  const { cold, mailbox } = receiver;
  while (cold?.offers !== undefined && mailbox !== undefined && mailbox.length < mailbox.limit) {
    const offer = cold.offers.nextOffer;
    const taken = takeOut(offer);
    if (taken !== undefined) land(offer.sender, receiver, taken);
  }
}

/** For a receive that has found nothing in the mailbox: the first wanted message of those that wait. */
export function takeOffered(
  receiver: ActorCell,
  want: Want,
  guard: Guard | undefined,
): Message | undefined {
  const last = receiver.cold?.offers;
  if (last === undefined) return undefined;
  for (let offer = last.nextOffer; ; ) {
    const next = offer.nextOffer;
    const { message } = offer;
    if (accepts(want, message) && (guard === undefined || guard(message as never))) {
      const taken = takeOut(offer);
      if (taken !== undefined) return taken;
    }
    if (offer === last) return undefined;
    offer = next;
  }
}

/** The sender ends: what it offered is not sent. */
export function withdrawOffer(sender: ActorCell): void {
  const offer = sender.cold?.offered;
  if (offer !== undefined) leaveOffers(offer);
}

/** The receiver ends: whoever waits tries again, as a name may mean another one by then. */
export function dropOffers(receiver: ActorCell): void {
  const { cold } = receiver;
  while (cold?.offers !== undefined) {
    const offer = cold.offers.nextOffer;
    leaveOffers(offer);
    resume(offer.sender, undefined);
  }
}

/** Sends it, on behalf of its sender, who goes on; undefined if it reaches nobody. */
function takeOut(offer: WaitingOffer): Message | undefined {
  const { sender, receiver, message, alias } = offer;
  const { system } = receiver;
  leaveOffers(offer);
  if (!isAlive(sender)) return undefined;
  offer.isTaken = true;
  resume(sender, undefined);
  system.tapSent?.(sender.pid, receiver.pid, message, AS_MESSAGE);
  if (alias === undefined || (residentOfReplyTo(alias) as Answerable | undefined)?.admit?.())
    return message;
  system.reports.deadLetter(sender.pid, alias, message, 'late_reply');
  return undefined;
}

function joinOffers(offer: WaitingOffer, last: WaitingOffer): void {
  const first = last.nextOffer;
  offer.previousOffer = last;
  offer.nextOffer = first;
  last.nextOffer = first.previousOffer = offer;
}

function leaveOffers(offer: WaitingOffer): void {
  const { sender, receiver, nextOffer, previousOffer } = offer;
  if (sender.cold !== undefined) sender.cold.offered = undefined;
  const { cold } = receiver;
  previousOffer.nextOffer = nextOffer;
  nextOffer.previousOffer = previousOffer;
  if (cold?.offers === offer) cold.offers = nextOffer === offer ? undefined : previousOffer;
}
