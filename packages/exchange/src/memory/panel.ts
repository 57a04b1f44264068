/** What a broker shows on an observer's page: its queues, exchanges and quarantines. */

import type { Address, Context, Pid } from 'beamish';
import type { ActionResult, Panel, PanelTable } from 'beamish/observation';
import { queueAddress } from '../terms/address.ts';
import type { BrokerRequest } from '../terms/protocol.ts';
import { quarantinedQueue } from '../terms/queue.ts';
import type { Shelf } from './shelf.ts';
import type { Shelves } from './shelves.ts';

/** An observer takes no more. */
const MOST_ROWS = 1000;
const NAME = { title: 'Name' };

/** `self` is that of the broker's server, which the actions are asked of. */
export function panelOf(self: Context, shelves: Shelves): Panel {
  return {
    title: `Broker "${shelves.broker.name}"`,
    look: () => [queues(shelves), quarantines(shelves), exchanges(shelves)],
    act: async (action, row) => act(self, shelves, action, row),
  };
}

function queues(shelves: Shelves): PanelTable {
  const all = [...shelves.queues.values()].filter(({ isQuarantine }) => !isQuarantine);
  return {
    title: 'Queues',
    columns: [
      NAME,
      { title: 'Ready', unit: 'count' },
      { title: 'Unsettled', unit: 'count' },
      { title: 'Oldest', unit: 'ms' },
      { title: 'Consumers', unit: 'count' },
      { title: 'Limit', unit: 'count' },
    ],
    ...rowsOf(all, (shelf) => [
      shelf.queue,
      shelf.ready.length,
      shelf.held.size,
      oldestMs(shelf, shelves),
      shelf.rota.size,
      shelf.options.limit?.messages ?? null,
    ]),
    actions: ['purge'],
  };
}

function quarantines(shelves: Shelves): PanelTable {
  const all = [...shelves.queues.values()].filter(({ isQuarantine }) => isQuarantine);
  return {
    title: 'Quarantines',
    columns: [NAME, { title: 'Set aside', unit: 'count' }, { title: 'Oldest', unit: 'ms' }],
    ...rowsOf(all, (shelf) => [shelf.queue, shelf.ready.length, oldestMs(shelf, shelves)]),
    actions: ['redeliver', 'purge'],
  };
}

function exchanges(shelves: Shelves): PanelTable {
  const all = [...shelves.exchanges.values()];
  const rows = all.flatMap(({ exchange, type, table }) => {
    const bound = [...table.bound()];
    if (bound.length === 0) return [{ id: exchange, cells: [exchange, type, null, null] }];
    return bound.flatMap((who) => {
      const to = 'queue' in who ? who.queue : who.exchange;
      return [...table.bindingsOf(who)].map(({ key }) => ({
        id: `${exchange} ${key} ${to}`,
        cells: [exchange, type, key, to],
      }));
    });
  });
  return {
    title: 'Exchanges',
    columns: [NAME, { title: 'Type' }, { title: 'Key' }, { title: 'To' }],
    rows: rows.slice(0, MOST_ROWS),
    more: Math.max(0, rows.length - MOST_ROWS),
  };
}

function rowsOf(
  shelves: readonly Shelf[],
  cells: (shelf: Shelf) => readonly (string | number | null)[],
): Pick<PanelTable, 'rows' | 'more'> {
  return {
    rows: shelves.slice(0, MOST_ROWS).map((shelf) => ({
      id: shelf.queue,
      cells: cells(shelf),
      ...(shelf.isQuarantine && shelf.ready.length > 0 ? { severity: 'warning' } : {}),
    })),
    more: Math.max(0, shelves.length - MOST_ROWS),
  };
}

function oldestMs({ ready }: Shelf, { time }: Shelves): number | null {
  const head = ready.peek();
  return head === undefined ? null : Math.max(0, Math.floor(time.now() - head.since));
}

function act(
  self: Context,
  { queues, broker, life }: Shelves,
  action: string,
  row: string,
): ActionResult {
  const queue = action === 'redeliver' ? quarantinedQueue(row) : row;
  if (queue === undefined || !queues.has(queue)) return { ok: false, reason: 'noproc' };
  const address = queueAddress(broker, life, queue);
  if (self.whereis(address) === undefined) return { ok: false, reason: 'noproc' };
  const common = {
    tag: '$broker',
    queue,
    by: self.pid as Pid,
    replyTo: self.alias({ once: true }),
  };
  const request =
    action === 'purge'
      ? { ...common, ask: 'purge' }
      : action === 'redeliver'
        ? { ...common, ask: 'redeliver', limit: Number.MAX_SAFE_INTEGER }
        : undefined;
  if (request === undefined) return { ok: false, reason: 'refused' };
  self.send(address as Address<BrokerRequest>, request as unknown as BrokerRequest);
  return { ok: true };
}
