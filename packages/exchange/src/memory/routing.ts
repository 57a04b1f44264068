/** From an exchange to the queues, by way of its alternate exchanges if no binding of its own wants the message. */

import { DEFAULT_EXCHANGE } from '../terms/exchange.ts';
import type { HeaderTable } from '../terms/header-table.ts';
import type { Shelf } from './shelf.ts';
import type { ExchangeRecord, Shelves } from './shelves.ts';

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
  const found: Shelf[] = [];
  const routing = shelves.nextRouting();
  const add = (shelf: Shelf): void => {
    if (shelf.found === routing) return;
    shelf.found = routing;
    found.push(shelf);
  };
  let seen: Set<ExchangeRecord> | undefined;
  let record = shelves.exchanges.get(exchange);
  while (record !== undefined) {
    record.table.match(key, headers, add);
    const { alternate } = record.options;
    if (found.length > 0 || alternate === undefined) break;
    seen ??= new Set();
    if (seen.has(record)) break;
    seen.add(record);
    record = shelves.exchanges.get(alternate.exchange);
  }
  return found;
}

const NOBODY: readonly Shelf[] = Object.freeze([]);
