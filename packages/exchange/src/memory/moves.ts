/**
 * Where messages go that a queue is done with: to its dead-letter exchange, to its quarantine, or nowhere,
 * which is told. A move is one change: the message is in one place before it, and in the others after it.
 */

import type { Context } from 'beamish';
import { withDeath } from '../terms/history.ts';
import type { Death } from '../terms/messages.ts';
import type { Entry } from './entry.ts';
import type { Keep } from './keep.ts';
import type { Publication } from './publication.ts';
import { route } from './routing.ts';
import type { Shelf } from './shelf.ts';
import type { Shelves } from './shelves.ts';
import { wake } from './waking.ts';

export type DeadLetterReason = Extract<Death['reason'], 'rejected' | 'expired' | 'maxlen'>;
export type QuarantineReason = Exclude<Death['reason'], DeadLetterReason>;

/** To the dead-letter exchange; a message that none of its queues takes is dropped, with an event. The entry is in no list any more. */
export function bury(
  self: Context,
  shelves: Shelves,
  shelf: Shelf,
  entry: Entry,
  reason: DeadLetterReason,
): void {
  const { publication, keep } = entry;
  const { deadLetter } = shelf.options;
  const prefix = shelves.idPrefix;
  if (deadLetter !== undefined) {
    const { exchange } = deadLetter.exchange;
    const key = deadLetter.key ?? publication.key;
    const history = historyWith(publication, shelf.queue, reason, shelves.time.wall());
    const letter = publication.moved(exchange, key, history, prefix);
    const targets = route(shelves, exchange, key, letter.headers).filter(
      ({ queue }) => reason === 'rejected' || !isCycle(queue, history),
    );
    // A full queue refuses dead letters as it does others.
    const takers = targets.filter((target) => !target.refuses(letter));
    if (takers.length > 0) return place(self, shelves, keep, letter, takers);
  }
  if (keep !== undefined) shelves.ledger?.settled(self, keep);
  const { messageId } = publication.properties(prefix);
  shelves.tell(self, { kind: 'dropped', queue: shelf.queue, reason, messageId });
}

/** To the quarantine of its queue. The entry is in no list any more. */
export function setAside(
  self: Context,
  shelves: Shelves,
  shelf: Shelf,
  { publication, keep }: Entry,
  reason: QuarantineReason,
  why?: string,
): void {
  const history = historyWith(publication, shelf.queue, reason, shelves.time.wall());
  const { exchange, key } = publication;
  const quarantine = shelves.quarantineOf(self, shelf);
  const letter = publication.moved(exchange, key, history, shelves.idPrefix);
  place(self, shelves, keep, letter, [quarantine]);
  const { messageId } = publication.properties(shelves.idPrefix);
  const told = { kind: 'quarantined', queue: shelf.queue, reason, messageId } as const;
  shelves.tell(self, why === undefined ? told : { ...told, why });
}

/** From the quarantine to the end of its queue; the history stays. */
export function bringBack(self: Context, shelves: Shelves, shelf: Shelf, entry: Entry): void {
  place(self, shelves, entry.keep, entry.publication, [shelf]);
}

/** One change; where something is kept, the ledger makes it when it is. */
function place(
  self: Context,
  shelves: Shelves,
  from: Keep | undefined,
  publication: Publication,
  targets: readonly Shelf[],
): void {
  const { ledger } = shelves;
  if (ledger !== undefined && (from !== undefined || targets.some((each) => each.isDurable)))
    return ledger.move(self, from, publication, targets);
  for (const target of targets) {
    const entry = target.put(publication, shelves.time);
    if (target.needsCare(entry)) wake(self, target);
  }
}

/** With its death in this queue. */
function historyWith(
  { history, exchange, key, options }: Publication,
  queue: string,
  reason: Death['reason'],
  wall: number,
): readonly Death[] {
  const originalExpirationMs = options?.expirationMs;
  return withDeath(history, { queue, reason, exchange, key, originalExpirationMs, wall });
}

/** It has been in this queue before, and nobody has rejected it since: it would go round for ever. */
function isCycle(queue: string, history: readonly Death[]): boolean {
  const last = history.findIndex((death) => death.queue === queue);
  return last !== -1 && history.slice(0, last + 1).every(({ reason }) => reason !== 'rejected');
}
