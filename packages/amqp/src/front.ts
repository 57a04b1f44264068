/**
 * The broker's server: it is registered, and does what it is asked one after the other, by RabbitMQ. What
 * the connection was lost under is done again on the next one.
 */

import type { BrokerAddress, BrokerEvent, Declarable } from '@beamish/exchange';
import { BrokerRefused, json } from '@beamish/exchange';
import {
  type BrokerReply,
  type BrokerRequest,
  DEFAULT_EXCHANGE,
  exchangeAddress,
  type Publish,
  type PublishReply,
  type Reply,
  type Settle,
} from '@beamish/exchange/engine';
import {
  type Actor,
  type Address,
  child,
  deleteChild,
  type Name,
  type Pid,
  type ReplyTo,
  type ServerSelf,
  type Spawnable,
  type Supervisor,
  server,
  startChild,
  terminateChild,
} from 'beamish';
import { seamsOf } from 'beamish/transport';
import { Consumptions } from './consumptions.ts';
import { exchangeActor } from './exchange-actor.ts';
import type { Link } from './link.ts';
import type { LinkServer, Up } from './link-server.ts';
import { isLoss, type Refused, refusalOf } from './refusal.ts';
import { Topology } from './topology.ts';

export interface FrontOptions {
  readonly broker: BrokerAddress;
  readonly topology: readonly Declarable[];
  readonly link: Name<LinkServer>;
  readonly exchanges: Name<Supervisor>;
}

/** The child id of the default exchange's actor, which has no name of its own. */
const DEFAULT_ID = 'amq.default';
/** The loss of a connection is heard of a moment after what failed by it. */
const RETRY_MS = 10;

type FrontMessage = BrokerRequest | Settle | Reply | Up;

export const front = server(function* (self: ServerSelf<FrontMessage>, options: FrontOptions) {
  const { link } = yield* self.call(options.link, 'link');
  const server = new Front(self, link, options);
  yield* server.begin();
  self.trapExit(true);
  self.defer(() => server.end());
  return {
    info: {
      $broker: (request: BrokerRequest) => server.handle(request),
      $settle: (settle: Settle) => server.consumptions.settle(settle),
      $reply: (reply: Reply) => server.reply(reply),
      $up: () => server.again(),
      DOWN: ({ ref, target, reason }) => server.down(ref, target as Pid, reason),
    },
  };
});

class Front {
  readonly consumptions: Consumptions;
  readonly #self: ServerSelf<FrontMessage>;
  readonly #link: Link;
  readonly #options: FrontOptions;
  readonly #topology: Topology;
  /** Exchanges that have an actor. */
  readonly #started = new Set<string>();

  constructor(self: ServerSelf<FrontMessage>, link: Link, options: FrontOptions) {
    this.#self = self;
    this.#link = link;
    this.#options = options;
    const broker = { ...options.broker, system: self.pid.system } as BrokerAddress;
    const { wall } = seamsOf(self);
    this.consumptions = new Consumptions(self as never, link, wall);
    this.#topology = new Topology(link, this.consumptions, broker);
  }

  *begin(): Actor {
    for (const watcher of this.#link.watchers) this.#self.monitor(watcher);
    const { topology } = this.#options;
    const { pid } = this.#self;
    yield* this.#startExchange(DEFAULT_EXCHANGE);
    for (const exchange of this.#link.declared.exchanges.keys())
      yield* this.#startExchange(exchange);
    try {
      yield* this.#self.wait(this.#topology.declare(topology, pid));
    } catch (error) {
      const refused = refusalOf(error, 'Cannot declare the topology');
      if (refused === undefined) throw error;
      throw new BrokerRefused(refused.reason, refused.text);
    }
    for (const each of topology) if (!('queue' in each)) yield* this.#startExchange(each.exchange);
    this.#link.tell({ kind: 'topology_declared' });
  }

  end(): void {
    this.consumptions.end();
  }

  /** There is a connection again, and what is declared stands. */
  *again(): Actor {
    this.consumptions.lost();
    this.#link.tell({ kind: 'topology_declared' });
    yield* this.#self.wait(this.consumptions.again());
  }

  *handle(request: BrokerRequest): Actor {
    switch (request.ask) {
      case 'watch':
        this.#link.watchers.add(request.by as Pid<BrokerEvent>);
        return this.#done(request, this.#self.monitor(request.by));
      case 'publish':
        return yield* this.#publish(request);
    }
    const action = `Cannot ${request.ask.replace('_', ' ')} ${nameIn(request)}`;
    for (;;) {
      try {
        yield* this.#self.wait(this.#link.up());
        if (request.ask === 'declare') this.#own(request.what, request.by);
        const value = yield* this.#self.wait(this.#topology.does(request));
        yield* this.#follow(request);
        return this.#done(request, value);
      } catch (error) {
        const refused = refusalOf(error, action);
        if (refused !== undefined) return this.#refuse(request, refused);
        if (!isLoss(error)) throw error;
        // The connection was lost under it; on the next one it is done again.
        yield* this.#self.sleep(RETRY_MS);
      }
    }
  }

  /** To who asked, wherever that is. */
  reply({ to, answer }: Reply): void {
    const { replyTo, correlationId } = to as { replyTo: string; correlationId: string | undefined };
    this.#link.outbox.publish({
      exchange: DEFAULT_EXCHANGE,
      key: replyTo,
      content: Buffer.from(json.encode(answer)),
      properties: {
        contentType: json.contentType,
        ...(correlationId === undefined ? {} : { correlationId }),
      },
      messageId: '',
      // Who does not wait any more is nobody's mistake.
      isMandatory: false,
      asks: false,
      waits: false,
      replyTo: undefined,
    });
  }

  *down(ref: unknown, target: Pid, reason: unknown): Actor {
    this.#link.watchers.delete(target as Pid<BrokerEvent>);
    try {
      yield* this.#self.wait(this.consumptions.ended(ref, reason));
      yield* this.#self.wait(this.#topology.ownerEnded(target));
    } catch (error) {
      // With the connection all that it held has gone back.
      if (!isLoss(error) && refusalOf(error, '') === undefined) throw error;
    }
  }

  /** Hears of the end of who owns an exclusive queue. */
  #own(what: readonly Declarable[], by: Pid): void {
    const isOwner = what.some((each) => 'queue' in each && each.options.lifetime === 'exclusive');
    if (isOwner) this.#self.monitor(by);
  }

  /** The actors of exchanges that have come or gone. */
  *#follow(request: BrokerRequest): Actor {
    if (request.ask === 'delete_exchange') return yield* this.#endExchange(request.exchange);
    if (request.ask !== 'declare') return;
    for (const each of request.what)
      if (!('queue' in each)) yield* this.#startExchange(each.exchange);
  }

  *#startExchange(exchange: string): Actor {
    if (this.#started.has(exchange)) return;
    this.#started.add(exchange);
    const address = exchangeAddress(this.#options.broker, exchange);
    const options = { id: exchange === DEFAULT_EXCHANGE ? DEFAULT_ID : exchange, name: address };
    const spec = child(options, exchangeActor as AnyBody, this.#link, exchange);
    yield* startChild(this.#self, this.#options.exchanges, spec);
  }

  *#endExchange(exchange: string): Actor {
    if (!this.#started.delete(exchange)) return;
    yield* terminateChild(this.#self, this.#options.exchanges, exchange);
    yield* deleteChild(this.#self, this.#options.exchanges, exchange);
  }

  /** Nobody had the name of the exchange: it may be on RabbitMQ all the same. */
  *#publish(request: BrokerRequest & { readonly ask: 'publish' }): Actor {
    const { exchange, publish } = request;
    const replyTo = request.replyTo as ReplyTo<PublishReply>;
    try {
      yield* this.#self.wait(this.#topology.find(exchange));
      yield* this.#startExchange(exchange);
      const address = exchangeAddress(this.#options.broker, exchange);
      this.#self.send(address as Name<Publish>, { ...publish, replyTo });
    } catch (error) {
      if (!isLoss(error) && refusalOf(error, '') === undefined) throw error;
      const reason = isLoss(error) ? 'not_connected' : 'no_exchange';
      const failed = { tag: '$not_published', reason, messageId: '' } as const;
      this.#self.send(replyTo as Address<PublishReply>, failed);
    }
  }

  #done(request: BrokerRequest, value: unknown): void {
    const done: BrokerReply = { tag: '$done', value };
    this.#self.send(request.replyTo, done);
  }

  #refuse(request: BrokerRequest, { reason, text }: Refused): void {
    const refused: BrokerReply = { tag: '$refused', reason, text };
    this.#self.send(request.replyTo, refused);
  }
}

function nameIn(request: BrokerRequest): string {
  if ('queue' in request) return `the queue "${request.queue}"`;
  if ('exchange' in request) return `the exchange "${request.exchange}"`;
  if (request.ask !== 'declare') return 'that';
  return request.what.map((each) => `"${'queue' in each ? each.queue : each.exchange}"`).join(', ');
}

// biome-ignore lint/suspicious/noExplicitAny: what this body takes is nobody else's affair
type AnyBody = Spawnable<any, any, void>;
