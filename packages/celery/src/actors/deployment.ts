/**
 * The deployment that we have joined, as its actors share it: the broker, the results, the clock, and who we are.
 * The actor that has it connects, tells of each connection, and is gone with it.
 */

import { hostname } from 'node:os';
import type { LinkServer, Up } from '@beamish/amqp/connections';
import {
  type Actor,
  type Message,
  type MessageOf,
  type Name,
  type Pid,
  type Self,
  type ServerSelf,
  server,
} from 'beamish';
import { reserveTags } from 'beamish/transport';
import type { Author } from '../messages/call-message.ts';
import { NoResults } from '../results/no-results.ts';
import { RedisResults } from '../results/redis-results.ts';
import type { Results } from '../results/results.ts';
import { RpcResults } from '../results/rpc-results.ts';
import type { Settings } from '../terms/options.ts';
import { AmqpWire } from '../wire/amqp-wire.ts';
import { LogicalClock } from '../wire/logical-clock.ts';
import { redisPlaceOf } from '../wire/redis-place.ts';
import { RedisWire } from '../wire/redis-wire.ts';
import type { Connection, Wire } from '../wire/wire.ts';
import { reportConnection, reportRefused } from './reports.ts';

export class Deployment {
  readonly settings: Settings;
  readonly wire: Wire;
  readonly results: Results;
  readonly clock = new LogicalClock();
  /** Told of each connection that is lost, and of each new one. */
  readonly watchers = new Set<Pid<ConnectionNews>>();
  readonly author: Author;

  constructor(settings: Settings, wire: Wire, results: Results) {
    this.settings = settings;
    this.wire = wire;
    this.results = results;
    this.author = { origin: `gen${process.pid}@${hostname()}`, show: settings.show };
  }
}

/** A connection is there again, or is lost: what was held is not held any more. */
export interface ConnectionNews extends Message {
  readonly tag: '$connection';
  readonly isUp: boolean;
}

/** The answer to who asks for it. */
export interface HasDeployment {
  readonly tag: '$deployment';
  readonly deployment: Deployment;
}

interface BrokerNews extends Message {
  readonly tag: 'broker';
  readonly kind: string;
  readonly reason?: string;
}

reserveTags('$connection', '$deployment', '$up', '$down', '$garbage');

/** On RabbitMQ, over the link that stands before it. */
export const amqpDeployment = server(function* (
  self: ServerSelf<Up | BrokerNews>,
  settings: Settings,
  linkName: Name<LinkServer>,
) {
  const { link } = yield* self.call(linkName, 'link').within('infinity');
  const wire = new AmqpWire(link);
  yield* self.wait(wire.up());
  const deployment = yield* deployed(self, settings, wire);
  link.watchers.add(self.pid as never);
  link.losses.deliveries = () => {
    wire.down();
    tell(self, deployment, false);
  };
  self.defer(() => {
    link.watchers.delete(self.pid as never);
    link.losses.deliveries = () => {};
  });
  return {
    call: { deployment: (): HasDeployment => ({ tag: '$deployment', deployment }) },
    info: {
      *$up() {
        try {
          yield* self.wait(wire.up());
        } catch {
          // It was lost again, and the link says so.
          return;
        }
        tell(self, deployment, true);
      },
      broker: ({ reason = '' }: BrokerNews) => wire.heard(reason),
    },
  };
});

export type DeploymentServer = MessageOf<typeof amqpDeployment>;

/** On Redis, whose client connects by itself. */
export const redisDeployment = server(function* (self: ServerSelf<RedisNews>, settings: Settings) {
  const { pid } = self;
  const wire = new RedisWire(
    redisPlaceOf(settings.broker),
    settings.node,
    newsTo(self),
    (queue, why) => self.send(pid, { tag: '$garbage', queue, why }),
  );
  self.defer(() => wire.close());
  yield* self.wait(wire.begin());
  const deployment = yield* deployed(self, settings, wire);
  return {
    call: { deployment: (): HasDeployment => ({ tag: '$deployment', deployment }) },
    info: {
      $up: () => tell(self, deployment, true),
      $down({ reason }: Extract<RedisNews, { readonly tag: '$down' }>) {
        reportConnection(self, wire.shown, reason);
        tell(self, deployment, false);
      },
      $garbage({ queue, why }: Extract<RedisNews, { readonly tag: '$garbage' }>) {
        reportRefused(self, { queue, id: undefined, task: undefined, why });
      },
    },
  };
});

type RedisNews =
  | Up
  | { readonly tag: '$down'; readonly reason: string }
  | { readonly tag: '$garbage'; readonly queue: string; readonly why: string };

/** What of an actor is used here. */
type Own = Pick<Self, 'wait' | 'send' | 'defer' | 'pid'>;

/** Told by a client, of which this actor hears. */
function newsTo(self: Own): Connection {
  const send = (message: object): void => self.send(self.pid as never, message as never);
  return {
    up: () => send({ tag: '$up' }),
    down: (reason) => send({ tag: '$down', reason }),
  };
}

function tell(self: Own, { watchers }: Deployment, isUp: boolean): void {
  const news: ConnectionNews = { tag: '$connection', isUp };
  for (const watcher of watchers) self.send(watcher, news);
}

/** With the results, which are there before anything is called. */
function* deployed(self: Own, settings: Settings, wire: Wire): Actor<Deployment> {
  const { results: url, node } = settings;
  let results: Results;
  if (url === 'none') results = new NoResults();
  else if (url.startsWith('rpc:')) {
    const rpc = new RpcResults(wire);
    yield* self.wait(rpc.begin());
    results = rpc;
  } else {
    const redis = new RedisResults(redisPlaceOf(url), node);
    results = redis;
    self.defer(() => void redis.close());
    yield* self.wait(redis.begin(newsTo(self)));
  }
  return new Deployment(settings, wire, results);
}
