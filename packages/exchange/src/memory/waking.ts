/** How an actor tells a queue that there is something to do: once, until the queue has done it. */

import type { Address, Context, Message } from 'beamish';
import type { Shelf } from './shelf.ts';

export interface Wake extends Message {
  readonly tag: '$wake';
}

const WAKE: Wake = Object.freeze({ tag: '$wake' });

/** A queue whose actor is being started looks by itself. */
export function wake(self: Context, shelf: Shelf): void {
  if (shelf.isWoken || shelf.actor === undefined) return;
  shelf.isWoken = true;
  self.send(shelf.actor as Address<Message>, WAKE);
}
