/** From an exchange to the queues, by way of the exchanges that are bound to it, or of its alternate if nothing that is bound to it wants the message. */

import { DEFAULT_EXCHANGE } from '../terms/exchange.ts';
import type { HeaderTable } from '../terms/header-table.ts';
import { ExchangeRecord } from './exchange-record.ts';
import type { Shelf } from './shelf.ts';
import type { Shelves } from './shelves.ts';

/** Who gets what is published to this exchange; each once. */
export function route(
  shelves: Shelves,
  exchange: string,
  key: string,
  headers: HeaderTable,
): readonly Shelf[] {
  if (exchange === DEFAULT_EXCHANGE) {
    const shelf = shelves.queues.get(key);
    return shelf === undefined ? NOBODY : [shelf];
  }
  const record = shelves.exchanges.get(exchange);
  if (record === undefined) return NOBODY;
  if (record.links > 0) return routeThrough(shelves, record, key, headers);
  const found = queuesOf(shelves, record, key, headers);
  if (found.length > 0 || record.options.alternate === undefined) return found;
  return routeThrough(shelves, record, key, headers);
}

/** Each exchange is asked once, with the key and the headers of the publisher, in whatever circles they are bound. */
function routeThrough(
  shelves: Shelves,
  first: ExchangeRecord,
  key: string,
  headers: HeaderTable,
): readonly Shelf[] {
  const found = new Set<Shelf>();
  const asked = new Set([first]);
  // It grows while it is walked.
  for (const { table, options } of asked) {
    const matched = table.match(key, headers);
    for (const each of matched)
      if (each instanceof ExchangeRecord) asked.add(each);
      else found.add(each);
    if (matched.length > 0 || options.alternate === undefined) continue;
    const alternate = shelves.exchanges.get(options.alternate.exchange);
    if (alternate !== undefined) asked.add(alternate);
  }
  return [...found];
}

/** Of an exchange that no other is bound to. */
function queuesOf(
  shelves: Shelves,
  { table, type }: ExchangeRecord,
  key: string,
  headers: HeaderTable,
): readonly Shelf[] {
  const matched = table.match(key, headers) as readonly Shelf[];
  if (matched.length < 2 || type === 'fanout' || type === 'direct') return matched;
  const routing = shelves.nextRouting();
  return matched.filter((shelf) => {
    if (shelf.found === routing) return false;
    shelf.found = routing;
    return true;
  });
}

const NOBODY: readonly Shelf[] = Object.freeze([]);
