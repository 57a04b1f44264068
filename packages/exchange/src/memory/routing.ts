/** From an exchange to the queues, by way of its alternate exchanges if no binding of its own wants the message. */

import { DEFAULT_EXCHANGE } from '../terms/exchange.ts';
import type { HeaderTable } from '../terms/header-table.ts';
import type { ExchangeRecord } from './exchange-record.ts';
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
  const found = matchIn(shelves, record, key, headers);
  if (found.length > 0 || record.options.alternate === undefined) return found;
  return routeByAlternate(shelves, record, key, headers);
}

function routeByAlternate(
  shelves: Shelves,
  first: ExchangeRecord,
  key: string,
  headers: HeaderTable,
): readonly Shelf[] {
  const seen = new Set<ExchangeRecord>([first]);
  let record: ExchangeRecord = first;
  for (;;) {
    const next = shelves.exchanges.get(record.options.alternate?.exchange ?? '');
    if (next === undefined || seen.has(next)) return NOBODY;
    const found = matchIn(shelves, next, key, headers);
    if (found.length > 0) return found;
    seen.add(next);
    record = next;
  }
}

function matchIn(
  shelves: Shelves,
  { table, type }: ExchangeRecord,
  key: string,
  headers: HeaderTable,
): readonly Shelf[] {
  const matched = table.match(key, headers);
  if (matched.length < 2 || type === 'fanout' || type === 'direct') return matched;
  const routing = shelves.nextRouting();
  return matched.filter((shelf) => {
    if (shelf.found === routing) return false;
    shelf.found = routing;
    return true;
  });
}

const NOBODY: readonly Shelf[] = Object.freeze([]);
