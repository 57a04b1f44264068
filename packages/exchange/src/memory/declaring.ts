/** Whether what is declared agrees with what is there: the checks, which change nothing. */

import type { Pid } from 'beamish';
import type { Exchange } from '../terms/exchange.ts';
import type { Declarable } from '../terms/protocol.ts';
import { type Queue, quarantinedQueue } from '../terms/queue.ts';
import { missing, type Refused } from './answers.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import type { Shelf } from './shelf.ts';
import type { Shelves } from './shelves.ts';

/** Why these cannot be declared together; undefined if they can. */
export function objection(
  shelves: Shelves,
  what: readonly Declarable[],
  by: Pid,
): Refused | undefined {
  const exchanges = new Set([...shelves.exchanges.keys(), ...what.flatMap(exchangeNames)]);
  const before = new Map<string, Declarable>();
  for (const each of what) {
    const objection =
      'queue' in each
        ? objectionToQueue(shelves, each, exchanges, by)
        : objectionToExchange(shelves, each, exchanges);
    const name = 'queue' in each ? `queue ${each.queue}` : `exchange ${each.exchange}`;
    const disagreement = objection ?? differenceFrom(before.get(name), each);
    if (disagreement !== undefined) return disagreement;
    before.set(name, each);
  }
  return undefined;
}

/** From the same, as it is declared before it. */
function differenceFrom(before: Declarable | undefined, token: Declarable): Refused | undefined {
  if (before === undefined) return undefined;
  if ('queue' in token) {
    const action = `Cannot declare the queue "${token.queue}"`;
    return difference(action, queueFacts(before.options), queueFacts(token.options));
  }
  const action = `Cannot declare the exchange "${token.exchange}"`;
  return difference(action, exchangeFacts(before as Exchange), exchangeFacts(token));
}

function exchangeNames(what: Declarable): readonly string[] {
  return 'exchange' in what ? [what.exchange] : [];
}

function objectionToExchange(
  shelves: Shelves,
  token: Exchange,
  exchanges: ReadonlySet<string>,
): Refused | undefined {
  const { exchange, options } = token;
  const action = `Cannot declare the exchange "${exchange}"`;
  if (exchange.startsWith(RESERVED)) return reserved(action);
  const alternate = options.alternate?.exchange;
  if (alternate !== undefined && !exchanges.has(alternate))
    return missing(`${action}: its alternate exchange "${alternate}" is not declared`);
  const lacking = options.bindings?.find(({ from }) => !exchanges.has(from));
  if (lacking !== undefined)
    return missing(`${action}: the exchange "${lacking.from}" that it is bound to is not declared`);
  const record = shelves.exchanges.get(exchange);
  return record === undefined
    ? undefined
    : difference(action, exchangeFacts(record), exchangeFacts(token));
}

function objectionToQueue(
  shelves: Shelves,
  token: Queue<unknown, unknown>,
  exchanges: ReadonlySet<string>,
  by: Pid,
): Refused | undefined {
  const { queue, options } = token;
  const action = `Cannot declare the queue "${queue}"`;
  if (queue.startsWith(RESERVED)) return reserved(action);
  const shelf = shelves.queues.get(queue);
  const locked = shelf === undefined ? undefined : lock(shelf, by, action);
  if (locked !== undefined) return locked;
  if (options.durable === true && shelves.ledger === undefined) {
    return {
      reason: 'precondition_failed',
      text: `${action}: nothing is durable in memory; the broker's url says where else`,
    };
  }
  const named = [
    ...(options.deadLetter === undefined ? [] : [options.deadLetter.exchange.exchange]),
    ...(options.bindings ?? []).map((binding) => binding.from),
  ];
  const lacking = named.find((exchange) => !exchanges.has(exchange));
  if (lacking !== undefined) return missing(`${action}: its exchange "${lacking}" is not declared`);
  const isQuarantine = shelf?.isQuarantine === true || isQuarantineOf(shelves, queue);
  if (shelf === undefined || isQuarantine) return undefined;
  return difference(action, queueFacts(shelf.options), queueFacts(options));
}

/** What is somebody else's exclusive queue. */
export function lock(shelf: Shelf, by: Pid, action: string): Refused | undefined {
  if (shelf.owner === undefined || shelf.owner === by) return undefined;
  const text = `${action}: it is an exclusive queue of ${String(shelf.owner)}`;
  return { reason: 'resource_locked', text };
}

/** Of a name like that the queue is there as soon as somebody looks. */
export function isQuarantineOf(shelves: Shelves, queue: string): boolean {
  const base = quarantinedQueue(queue);
  return base !== undefined && shelves.queues.has(base);
}

const RESERVED = 'amq.';

function reserved(action: string): Refused {
  return {
    reason: 'access_refused',
    text: `${action}: names that begin with "${RESERVED}" are the broker's`,
  };
}

type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

function exchangeFacts({ type, options }: Pick<ExchangeRecord, 'type' | 'options'>): Facts {
  const { durable = false, autoDelete = false, alternate } = options;
  return { type, durable, autoDelete, alternate: alternate?.exchange };
}

function queueFacts(options: Queue<unknown, unknown>['options']): Facts {
  const { durable, lifetime, priorities, ttl, limit, deadLetter, maxCrashes } = options;
  return {
    durable: durable ?? false,
    lifetime,
    priorities: priorities ?? 1,
    'ttl.messageMs': ttl?.messageMs,
    'ttl.queueMs': ttl?.queueMs,
    'limit.messages': limit?.messages,
    'limit.bytes': limit?.bytes,
    'limit.overflow': limit === undefined ? undefined : (limit.overflow ?? 'reject_publish'),
    'deadLetter.exchange': deadLetter?.exchange.exchange,
    'deadLetter.key': deadLetter?.key,
    maxCrashes: maxCrashes ?? 3,
    singleActiveConsumer: options.singleActiveConsumer ?? false,
  };
}

function difference(action: string, present: Facts, wanted: Facts): Refused | undefined {
  const name = Object.keys(present).find((each) => present[each] !== wanted[each]);
  if (name === undefined) return undefined;
  return {
    reason: 'precondition_failed',
    text: `${action}: ${name} is to be ${show(wanted[name])}, and is ${show(present[name])}`,
  };
}

function show(value: string | number | boolean | undefined): string {
  if (value === undefined) return 'absent';
  return typeof value === 'string' ? `"${value}"` : String(value);
}
