/** What a queue is asked about its messages. */

import type { Context } from 'beamish';
import type { BrokerRequest } from '../terms/protocol.ts';
import { quarantineName } from '../terms/queue.ts';
import { done, refuse } from './answers.ts';
import { bringBack } from './moves.ts';
import type { Shelf } from './shelf.ts';
import type { Shelves } from './shelves.ts';

export function inspect(
  self: Context,
  shelves: Shelves,
  { ready, held, rota }: Shelf,
  request: BrokerRequest,
): void {
  const head = ready.peek();
  const oldestMs =
    head === undefined ? undefined : Math.max(0, Math.floor(shelves.time.lookedAt() - head.since));
  const consumers = rota.size;
  done(self, request, { ready: ready.length, consumers, unsettled: held.size, oldestMs });
}

export function purge(self: Context, shelves: Shelves, shelf: Shelf, request: BrokerRequest): void {
  const dropped = shelf.clear();
  for (const { keep } of dropped) if (keep !== undefined) shelves.ledger?.settled(self, keep);
  done(self, request, { messages: dropped.length });
}

export function deleteQueue(
  self: Context,
  shelves: Shelves,
  shelf: Shelf,
  request: BrokerRequest & { readonly ask: 'delete_queue' },
): void {
  const { queue, ready, rota } = shelf;
  const present = [
    ...(ready.length > 0 ? [`${ready.length} messages`] : []),
    ...(rota.size > 0 ? [`${rota.size} consumers`] : []),
  ];
  if (!request.force && present.length > 0) {
    const text = `Cannot delete the queue "${queue}": it has ${present.join(' and ')}; use force`;
    return refuse(self, request, { reason: 'precondition_failed', text });
  }
  shelves.removeQueue(self, shelf);
  done(self, request, { messages: ready.length });
}

/** What is in its quarantine, which that one's own actor does not touch meanwhile: each move is one change. */
export function redeliver(
  self: Context,
  shelves: Shelves,
  shelf: Shelf,
  request: BrokerRequest & { readonly ask: 'redeliver' },
): void {
  const quarantine = shelves.queues.get(quarantineName(shelf.queue));
  let messages = 0;
  while (messages < request.limit) {
    const first = quarantine?.ready.peek();
    if (quarantine === undefined || first === undefined) break;
    quarantine.take(first);
    bringBack(self, shelves, shelf, first);
    messages++;
  }
  done(self, request, { messages });
}
