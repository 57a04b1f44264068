/** A message whose sender waits for room in a bounded mailbox. */

import type { Message, ReplyTo } from '../terms/pid.ts';
import type { ActorCell } from './actor-cell.ts';

/** A node of the ring of all that wait for one receiver. */
export interface WaitingOffer {
  readonly sender: ActorCell;
  readonly receiver: ActorCell;
  /** Frozen or copied already, so that what cannot be fails its sender. */
  readonly message: Message;
  /** The alias that it was offered to, which may be over when there is room; undefined if to the receiver itself. */
  readonly alias: ReplyTo | undefined;
  /** It has left the ring and been sent; otherwise its sender, once woken, offers again. */
  isTaken: boolean;
  nextOffer: WaitingOffer;
  previousOffer: WaitingOffer;
}
