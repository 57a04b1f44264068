/** The consumers of a queue: how they come, how they leave, and what becomes of what they held. */

import { type Address, type Context, type Down, isOrderly, type Message } from 'beamish';
import type { Cancelled } from '../terms/messages.ts';
import type { BrokerRequest } from '../terms/protocol.ts';
import { done, refuse } from './answers.ts';
import type { Entry } from './entry.ts';
import { setAside } from './moves.ts';
import { Consumption } from './rota.ts';
import type { Shelf } from './shelf.ts';
import type { Shelves } from './shelves.ts';

const DEFAULT_MAX_CRASHES = 3;

export function consume(
  self: Context,
  shelves: Shelves,
  shelf: Shelf,
  request: BrokerRequest & { readonly ask: 'consume' | 'subscribe' },
): void {
  const { rota, queue, options } = shelf;
  const { plan, by } = request;
  const others = [...rota].filter((each) => !each.isCancelled);
  const isSingle = options.singleActiveConsumer === true;
  const why =
    plan.exclusive && isSingle
      ? `"${queue}" has a single active consumer, and takes no exclusive one`
      : others.some((each) => each.plan.exclusive)
        ? `"${queue}" has an exclusive consumer`
        : plan.exclusive && others.length > 0
          ? `"${queue}" has consumers, and there can be no exclusive one beside them`
          : undefined;
  if (why !== undefined)
    return refuse(self, request, { reason: 'access_refused', text: `Cannot consume: ${why}` });
  const consumption = new Consumption(by, self.monitor(by), plan);
  shelf.consumeBy(consumption);
  done(self, request, { ref: consumption.ref, queue, broker: shelves.broker });
}

/** What it holds stays its own. Returns whether it was one that consumed. */
export function cancel(
  self: Context,
  shelf: Shelf,
  request: BrokerRequest & { readonly ask: 'cancel' },
): boolean {
  const consumer = shelf.rota.find(({ ref }) => ref === request.consumption);
  const forget = consumer?.isAuto === true ? consumer.plan.tag : undefined;
  done(self, request, { forget });
  if (consumer === undefined || consumer.isCancelled) return false;
  consumer.isCancelled = true;
  leaveIfDone(self, shelf, consumer);
  return true;
}

/** One that has cancelled is forgotten when it has nothing to settle. */
export function leaveIfDone(self: Context, shelf: Shelf, consumer: Consumption): void {
  if (!consumer.isCancelled || consumer.held > 0) return;
  self.demonitor(consumer.monitor, { flush: true });
  shelf.rota.remove(consumer);
}

/** A consumer has ended. Returns whether it was one that consumed. */
export function ended(
  self: Context,
  shelves: Shelves,
  shelf: Shelf,
  { ref, reason }: Down,
): boolean {
  const consumer = shelf.rota.find(({ monitor }) => monitor === ref);
  if (consumer === undefined) return false;
  const wasThere = !consumer.isCancelled;
  consumer.isCancelled = true;
  giveBack(self, shelves, shelf, shelf.takeFrom(consumer), reason);
  leaveIfDone(self, shelf, consumer);
  return wasThere;
}

/** Tells all of them why no more comes. */
export function cancelAll(
  self: Context,
  { rota, queue }: Shelf,
  reason: Cancelled['reason'],
): void {
  for (const { pid, ref, isCancelled } of rota) {
    if (isCancelled) continue;
    const message: Cancelled = { tag: 'cancelled', queue, consumption: ref, reason };
    self.send(pid as Address<Message>, message);
  }
  for (const each of [...rota]) rota.remove(each);
}

/** What a consumer held that has ended. A crash is counted of a message that was alone in its hands; of several, each may be the cause. */
function giveBack(
  self: Context,
  shelves: Shelves,
  shelf: Shelf,
  entries: readonly Entry[],
  reason: unknown,
): void {
  const { maxCrashes = DEFAULT_MAX_CRASHES } = shelf.options;
  const isCrash = !isOrderly(reason) && maxCrashes !== 'infinity';
  for (const entry of entries) {
    if (isCrash) entry.suspect();
    if (isCrash && entries.length === 1) {
      entry.crash();
      if (entry.keep !== undefined) shelves.ledger?.crashed(self, entry.keep, entry.crashes);
    }
    if (maxCrashes !== 'infinity' && entry.crashes >= maxCrashes)
      setAside(self, shelves, shelf, entry, 'delivery_limit');
    else shelf.putBack(entry);
  }
}
