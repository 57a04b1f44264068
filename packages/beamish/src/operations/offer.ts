/**
 * The send that suspends: it waits for room in a bounded mailbox, and gives way to a receiver that
 * has more to do than a turn can hold, since messages that wait are what makes a flood slow.
 */

import { UNBOUNDED } from '../mailbox/mailbox.ts';
import { AS_MESSAGE, AS_REPLY } from '../seams/tap.ts';
import { ownerOfAlias } from '../signals/aliases.ts';
import { checked, deliver, isCrowded, route } from '../signals/delivery.ts';
import { waitForRoom } from '../signals/offers.ts';
import { peerOf, resolve } from '../signals/registry.ts';
import { isAwaited, makeReady, resume } from '../signals/wake.ts';
import { type ActorCell, isAlive, NOTHING } from '../state/actor-cell.ts';
import type { Peer } from '../state/peer.ts';
import { EXITING, MADE, RUNNING } from '../state/status.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { WaitingOffer } from '../state/waiting-offer.ts';
import type { Operation } from '../terms/operation.ts';
import {
  type Address,
  isName,
  isPid,
  isReplyTo,
  type Message,
  ownerOfReplyTo,
} from '../terms/pid.ts';
import { awaitSteps } from '../turn/step.ts';
import { done, park, SUSPENDED, tookLong } from './suspension.ts';

export class OfferOperation implements Operation<void> {
  readonly #cell: ActorCell;
  #to: Address | undefined;
  #message: unknown;
  #transfer: readonly ArrayBuffer[] | undefined;
  #sent = false;
  /** Set while the message waits for room. */
  #waiting: WaitingOffer | undefined;

  constructor(cell: ActorCell) {
    this.#cell = cell;
  }

  /** Begins another offer; the one before is over. */
  of(to: Address, message: unknown, transfer: readonly ArrayBuffer[] | undefined): this {
    this.#to = to;
    this.#message = message;
    this.#transfer = transfer;
    this.#sent = false;
    return this;
  }

  /** Begins an offer whose message has been taken already. */
  sent(): this {
    this.#sent = true;
    return this;
  }

  [Symbol.iterator](): this {
    return this;
  }

  // biome-ignore lint/suspicious/noThenProperty: an operation can be awaited
  then<A, B>(
    onValue?: ((value: void) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return awaitSteps<void>(this.#cell, this).then(onValue, onError);
  }

  next(): IteratorResult<never, void> {
    const cell = this.#cell;
    if (cell.status === MADE) {
      cell.status = RUNNING;
      if (this.#sent) return tookLong(cell) ? SUSPENDED : done(undefined);
    } else if (cell.status === RUNNING) cell.resumeValue = NOTHING;
    else return SUSPENDED;
    return this.#sent || this.#waiting?.isTaken === true ? this.over() : this.try(cell);
  }

  private try(cell: ActorCell): IteratorResult<never, void> {
    const to = this.#to as Address;
    const receiver = receiverOf(cell.system, to);
    if (receiver !== undefined && isCrowded(receiver)) {
      if (isFull(receiver)) {
        const message = checked(this.#message, to);
        // A full mailbox is in nobody's way whose message is waited for.
        if (!isAwaited(receiver, message)) return this.wait(cell, receiver, to, message);
      }
      this.send(cell, receiver, to);
      this.#sent = true;
      makeReady(cell);
      return SUSPENDED;
    }
    const peer = receiver === undefined ? peerOf(cell.system, to) : undefined;
    const obstacle = peer?.obstacle(to);
    if (obstacle !== undefined) {
      park(cell, { why: 'room', what: obstacle, target: isReplyTo(to) ? undefined : to });
      peer?.whenFree(to, () => resume(cell, undefined));
      return SUSPENDED;
    }
    if (peer === undefined) this.send(cell, receiver, to);
    else this.sendElsewhere(cell, peer, to);
    return this.over();
  }

  private wait(
    cell: ActorCell,
    receiver: ActorCell,
    to: Address,
    message: Message,
  ): IteratorResult<never, void> {
    if (receiver === cell) {
      this.over();
      throw new Error(
        `Cannot offer "${message.tag}" to ${String(cell.pid)}, which is oneself: the mailbox is full, and nobody else can make room`,
      );
    }
    this.#waiting = waitForRoom(cell, receiver, message, isReplyTo(to) ? to : undefined);
    const what = `room in the mailbox of ${String(receiver.pid)}`;
    park(cell, { why: 'room', what, target: receiver.pid });
    return SUSPENDED;
  }

  private send(cell: ActorCell, receiver: ActorCell | undefined, to: Address): void {
    const message = this.#message as Message;
    if (receiver !== undefined && typeof message?.tag === 'string' && !isReplyTo(to))
      deliver(cell, receiver, message);
    else route(cell, to, message);
  }

  private sendElsewhere(cell: ActorCell, peer: Peer, to: Address): void {
    const message = isReplyTo(to) ? this.#message : checked(this.#message, to);
    peer.offer(cell.pid, to, message, this.#transfer);
    const kind = isReplyTo(to) ? AS_REPLY : AS_MESSAGE;
    cell.system.tapSent?.(cell.pid, ownerOfReplyTo(to) ?? to, message, kind);
    cell.system.tapSentAway?.(cell.pid, to, message);
  }

  private over(): IteratorResult<never, void> {
    this.#message = this.#to = this.#transfer = this.#waiting = undefined;
    return done(undefined);
  }
}

/** Whether an offer to an actor of the same system is over as soon as it is made: what nearly all of them are. */
export function takesAtOnce(to: ActorCell, message: unknown): boolean {
  return (
    to.status < EXITING &&
    !isCrowded(to) &&
    typeof (message as Message | undefined)?.tag === 'string'
  );
}

/** Into whose mailbox of this system it leads, if into one. */
function receiverOf(system: SystemState, to: Address): ActorCell | undefined {
  if (isPid(to) || isName(to)) return resolve(system, to);
  const owner = isReplyTo(to) ? ownerOfAlias(to) : undefined;
  if (owner?.system !== system) return undefined;
  system.tapTouched?.(owner.pid, 'look');
  return isAlive(owner) ? owner : undefined;
}

/** Whether an offer to it waits: a mailbox with another policy does with an offer what it does with a send. */
function isFull({ mailbox, cold }: ActorCell): boolean {
  if (cold?.overflow !== 'wait') return false;
  return mailbox !== undefined && mailbox.limit !== UNBOUNDED && mailbox.length >= mailbox.limit;
}
