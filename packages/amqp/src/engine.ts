/** The engine: its options, and its supervision tree. */

import { BROKER, type BrokerOptions, type Engine } from '@beamish/exchange';
import { child, name, type Supervisor, supervisor } from 'beamish';
import { front } from './front.ts';
import { linkChildren } from './link-children.ts';
import type { LinkServer } from './link-server.ts';
import { Place } from './place.ts';

/** What can be said of the connections to RabbitMQ. */
export interface AmqpOptions {
  /** Silence for twice this is a lost connection; to the second. Default 10,000. */
  readonly heartbeatMs?: number;
  /** First and longest wait before another try; each is doubled and jittered. Default 100 and 30,000. */
  readonly backoff?: { readonly firstMs?: number; readonly maxMs?: number };
  /** How long a start waits for a broker that is not there. Default 30,000; later it waits for ever. */
  readonly startTimeoutMs?: number;
  /** How many unconfirmed messages are kept; then `publish` waits, and `emit` drops with an event. Default 10,000. */
  readonly pendingLimit?: number;
  /** Certificates and the like, as of `node:tls`. */
  readonly tls?: object;
  /** What RabbitMQ's tools call the connections. Default `beamish`. */
  readonly connectionName?: string;
}

const INTENSITY = 5;
const PERIOD_MS = 5000;
/** Those of single exchanges, of which there may be many. */
const INTENSITY_OF_MANY = 20;

/**
 * RabbitMQ. `amqp:` and `amqps:`; user and password from the URL, or `AMQP_USER` and `AMQP_PASSWORD`.
 *
 * ```ts
 * child('broker', broker({ url: process.env['BROKER'], engines: [amqp], topology: [jobs] }));
 * ```
 */
export const amqp: Engine = amqpWith({});

/**
 * The same with options.
 *
 * ```ts
 * const engine = amqpWith({ connectionName: 'mailer', heartbeatMs: 30_000 });
 * ```
 *
 * @throws RangeError for a number that makes no sense.
 */
export function amqpWith(options: AmqpOptions): Engine {
  const { heartbeatMs = 10_000, backoff = {}, pendingLimit = 10_000 } = options;
  const { firstMs = 100, maxMs = 30_000 } = backoff;
  const { tls = {}, connectionName = 'beamish', startTimeoutMs = 30_000 } = options;
  positive('heartbeatMs', heartbeatMs);
  positive('backoff.firstMs', firstMs);
  positive('backoff.maxMs', maxMs);
  positive('pendingLimit', pendingLimit);
  positive('startTimeoutMs', startTimeoutMs);
  return {
    schemes: ['amqp', 'amqps'],
    start(its: BrokerOptions) {
      const { topology = [], name: broker = BROKER, url = '' } = its;
      const place = new Place(url, heartbeatMs, tls);
      checkTopology(topology);
      const within = (what: string) => `${broker.name}/${what}`;
      const link = name<LinkServer>(within('link'));
      const exchanges = name<Supervisor>(within('exchanges'));
      const linked = { place, connectionName, pendingLimit, startTimeoutMs };
      return supervisor({
        strategy: 'rest_for_one',
        intensity: INTENSITY,
        periodMs: PERIOD_MS,
        children: [
          ...linkChildren({ ...linked, backoff: { firstMs, maxMs }, front: broker }),
          child(
            { id: 'exchanges', name: exchanges },
            supervisor({ intensity: INTENSITY_OF_MANY, periodMs: PERIOD_MS, children: [] }),
          ),
          child({ id: 'front', name: broker as never }, front, {
            broker,
            topology,
            link,
            exchanges,
          }),
        ],
      });
    },
  };
}

function positive(what: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new RangeError(
    `Cannot make the engine of RabbitMQ: ${what} is a whole number above 0, not ${String(value)}`,
  );
}

function checkTopology(topology: NonNullable<BrokerOptions['topology']>): void {
  for (const each of topology) {
    if (!('queue' in each) || each.options.lifetime !== 'exclusive') continue;
    throw new TypeError(
      `Cannot make a broker with the exclusive queue "${each.queue}" in its topology: such a queue is of the actor that declares it`,
    );
  }
}
