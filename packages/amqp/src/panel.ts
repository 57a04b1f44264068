/** What a broker shows on an observer's page: its connections, and what RabbitMQ tells of its queues. */

import { quarantineName } from '@beamish/exchange/engine';
import type { Panel, PanelTable } from 'beamish/observation';
import type { Line } from './line.ts';
import type { Link } from './link.ts';
import { refusalOf } from './refusal.ts';

/** Each of them is asked for; an observer takes no more than a second of it. */
const MOST_ROWS = 100;
const NAME = { title: 'Name' };

/** What the actions do, and how the queues are asked for. */
export interface PanelActions {
  purge(queue: string): Promise<unknown>;
  redeliver(queue: string): Promise<unknown>;
}

export function panelOf(link: Link, actions: PanelActions): Panel {
  return {
    title: `Broker "${link.broker}"`,
    look: async () => [connections(link), ...(await queues(link)), exchanges(link)],
    async act(action, row) {
      if (action !== 'purge' && action !== 'redeliver') return { ok: false, reason: 'refused' };
      if (!link.consumers.isUp) return { ok: false, reason: 'noconnection' };
      try {
        await actions[action](row);
        return { ok: true };
      } catch (error) {
        if (refusalOf(error, '') === undefined) throw error;
        return { ok: false, reason: 'refused' };
      }
    },
  };
}

function connections({ publisher, consumers, place, outbox }: Link): PanelTable {
  const row = (id: string, line: Line, unconfirmed: number | null) => ({
    id,
    cells: [id, place.shown, stateOf(line), unconfirmed],
    ...(stateOf(line) === 'connected' ? {} : ({ severity: 'warning' } as const)),
  });
  return {
    title: 'Connections',
    columns: [NAME, { title: 'To' }, { title: 'State' }, { title: 'Unconfirmed', unit: 'count' }],
    rows: [row('publisher', publisher, outbox.size), row('consumers', consumers, null)],
  };
}

function stateOf(line: Line): string {
  return line.isUp ? (line.isBlocked ? 'blocked' : 'connected') : 'not connected';
}

async function queues({ declared, consumers }: Link): Promise<readonly PanelTable[]> {
  const names = [...declared.queues.keys()];
  const shown = names.slice(0, MOST_ROWS);
  const more = names.length - shown.length;
  const rows: PanelTable['rows'][number][] = [];
  const aside: PanelTable['rows'][number][] = [];
  for (const queue of consumers.isUp ? shown : []) {
    const { limit } = declared.queues.get(queue)?.token.options ?? {};
    const counts = await countsOf(consumers, queue);
    if (counts !== undefined)
      rows.push({ id: queue, cells: [queue, ...counts, limit?.messages ?? null] });
    const quarantine = quarantineName(queue);
    const its = await countsOf(consumers, quarantine);
    if (its !== undefined)
      aside.push({ id: queue, cells: [quarantine, its[0]], ...warned(its[0]) });
  }
  return [
    {
      title: 'Queues',
      columns: [
        NAME,
        { title: 'Ready', unit: 'count' },
        { title: 'Consumers', unit: 'count' },
        { title: 'Limit', unit: 'count' },
      ],
      rows,
      more,
      actions: ['purge'],
    },
    {
      title: 'Quarantines',
      columns: [NAME, { title: 'Set aside', unit: 'count' }],
      rows: aside,
      actions: ['redeliver'],
    },
  ];
}

function warned(count: number): { readonly severity?: 'warning' } {
  return count > 0 ? { severity: 'warning' } : {};
}

async function countsOf(line: Line, queue: string): Promise<readonly [number, number] | undefined> {
  try {
    const counts = await line.onChannel((channel) => channel.checkQueue(queue));
    return [counts.messageCount, counts.consumerCount];
  } catch (error) {
    if (refusalOf(error, '') === undefined) throw error;
    return undefined;
  }
}

function exchanges({ declared }: Link): PanelTable {
  const rows: PanelTable['rows'][number][] = [];
  for (const { exchange, type } of declared.exchanges.values()) {
    const before = rows.length;
    for (const [queue, { bindings }] of declared.queues)
      for (const { from, key } of bindings.values())
        if (from === exchange)
          rows.push({ id: `${exchange} ${key} ${queue}`, cells: [exchange, type, key, queue] });
    for (const [to, bindings] of declared.exchangeBindings)
      for (const { from, key } of bindings.values())
        if (from === exchange)
          rows.push({ id: `${exchange} ${key} ${to}`, cells: [exchange, type, key, to] });
    if (rows.length === before) rows.push({ id: exchange, cells: [exchange, type, null, null] });
  }
  const most = 1000;
  return {
    title: 'Exchanges',
    columns: [NAME, { title: 'Type' }, { title: 'Key' }, { title: 'To' }],
    rows: rows.slice(0, most),
    more: Math.max(0, rows.length - most),
  };
}
