/** Shelves as they were: exchanges, queues, bindings and messages of a journal. */

import { ExchangeRecord } from '../memory/exchange-record.ts';
import type { Shelf } from '../memory/shelf.ts';
import type { Shelves } from '../memory/shelves.ts';
import type { Exchange } from '../terms/exchange.ts';
import type { QueueOptions } from '../terms/queue.ts';
import type { Binding } from '../terms/routes.ts';
import type { Marks } from './marks.ts';
import type { QueueFacts } from './records.ts';
import type { Replay } from './replay.ts';

/** What of a queue's options is data. */
export function factsOf({ options, isQuarantine }: Shelf): QueueFacts {
  const { lifetime, deadLetter, priorities, ttl, limit, maxCrashes, singleActiveConsumer } =
    options;
  return {
    ...(lifetime === 'auto_delete' ? { lifetime } : {}),
    ...(priorities === undefined ? {} : { priorities }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(limit === undefined ? {} : { limit }),
    ...(deadLetter === undefined ? {} : { deadLetter: deadLetterFacts(deadLetter) }),
    ...(maxCrashes === undefined ? {} : { maxCrashes }),
    ...(singleActiveConsumer === undefined ? {} : { singleActiveConsumer }),
    ...(isQuarantine ? { isQuarantine } : {}),
  };
}

function deadLetterFacts({ exchange, key }: NonNullable<QueueOptions<unknown>['deadLetter']>) {
  return { exchange: exchange.exchange, ...(key === undefined ? {} : { key }) };
}

/** The codecs and schemas come with the tokens that are declared again. */
export function restoreInto(shelves: Shelves, model: Replay, marks: Marks): void {
  for (const { head } of model.exchanges.values()) {
    const { exchange, type, autoDelete, alternate } = head;
    const options = {
      durable: true,
      autoDelete,
      ...(alternate === undefined ? {} : { alternate: named(alternate) }),
    };
    const record = new ExchangeRecord({ exchange, type, options } as Exchange, shelves.broker);
    shelves.exchanges.set(exchange, record);
  }
  for (const { head } of model.queues.values()) {
    const { deadLetter, isQuarantine = false, ...facts } = head.options;
    const options: QueueOptions<unknown> = {
      ...facts,
      durable: true,
      ...(deadLetter === undefined
        ? {}
        : { deadLetter: { ...deadLetter, exchange: named(deadLetter.exchange) } }),
    };
    shelves.addQueue({
      queue: head.queue,
      options,
      owner: undefined,
      isAutoDelete: facts.lifetime === 'auto_delete',
      isQuarantine,
    });
  }
  for (const { head } of model.bindings.values()) {
    const record = shelves.exchanges.get(head.from);
    const who =
      head.queue === undefined
        ? shelves.exchanges.get(head.exchange as string)
        : shelves.queues.get(head.queue);
    if (record !== undefined && who !== undefined) record.bind(head as unknown as Binding, who);
  }
  const now = shelves.time.wall();
  for (const message of [...model.messages].sort((a, b) => a.id - b.id)) {
    for (const place of message.places) {
      const shelf = shelves.queues.get(place.queue);
      if (shelf === undefined) continue;
      const age = Math.max(0, now - message.wall);
      const entry = shelf.put(message.publication, shelves.time, age);
      entry.keep = place;
      if (marks.wasGiven(shelf, message.publication, place)) entry.redeliver();
      if (place.crashes > 0) entry.suspect();
      entry.crash(place.crashes);
    }
  }
}

/** All that is known of it, and all that is asked: its name. */
function named(exchange: string): Exchange {
  return { exchange } as Exchange;
}
