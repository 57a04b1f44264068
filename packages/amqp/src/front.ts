/**
 * The broker's server: it is registered, and lets RabbitMQ do what it is asked. What the connection was lost
 * under is done again on the next one. It waits for nothing itself, so that settlements go on whatever is
 * under way; what changes the topology is done one after the other.
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
  type Message,
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
import { show } from 'beamish/observation';
import { reserveTags, seamsOf } from 'beamish/transport';
import { Consumptions } from './consumptions.ts';
import { Deliveries } from './deliveries.ts';
import { exchangeActor } from './exchange-actor.ts';
import { linkedToConsumers, type Up } from './line-server.ts';
import type { Link } from './link.ts';
import type { LinkServer } from './link-server.ts';
import { panelOf } from './panel.ts';
import { isLoss, type Refused, refusalOf } from './refusal.ts';
import { Topology } from './topology.ts';
import { contentOf } from './wire-message.ts';

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
/** How many heartbeats pass between two looks at the consumers that RabbitMQ counts. */
const PROBE_HEARTBEATS = 3;

/** To itself: what was asked is done, and there is an exchange more or less. */
interface Done extends Message {
  readonly tag: '$does';
  readonly request: BrokerRequest;
  readonly value: unknown;
}

/** To itself: something has failed that nobody waits for. */
interface Failed extends Message {
  readonly tag: '$failed';
  readonly error: unknown;
}

interface Probe extends Message {
  readonly tag: '$probe';
}

type FrontMessage = BrokerRequest | Settle | Reply | Up | Done | Failed | Probe;

reserveTags('$does', '$failed', '$probe');
const PROBE: Probe = Object.freeze({ tag: '$probe' });

export const front = server(function* (self: ServerSelf<FrontMessage>, options: FrontOptions) {
  const { link } = yield* self.call(options.link, 'link');
  const server = new Front(self, link, options);
  self.defer(() => server.consumptions.abandon());
  const unlink = linkedToConsumers(self as never, options.broker as never);
  yield* server.begin();
  unlink();
  self.trapExit(true);
  self.defer(show(self, server.panel()));
  self.sendInterval(PROBE_HEARTBEATS * link.place.heartbeatMs, self.pid as Pid<Probe>, PROBE);
  return {
    info: {
      $broker: (request: BrokerRequest) => server.handle(request),
      $settle: (settle: Settle) => server.consumptions.handing.settle(settle),
      $reply: (reply: Reply) => server.reply(reply),
      $up: () => server.again(),
      $does: (done: Done) => server.follow(done),
      $probe: () => server.probe(),
      $failed({ error }: Failed) {
        throw error;
      },
      DOWN: ({ ref, target, reason }) => server.down(ref, target as Pid, reason),
    },
    *terminate() {
      yield* self.wait(server.consumptions.end());
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
  /** Monitors of those who own exclusive queues. */
  readonly #owners = new Set<unknown>();
  /** When what changes the topology, and was asked for before, is done. */
  #changed: Promise<unknown> = Promise.resolve();

  constructor(self: ServerSelf<FrontMessage>, link: Link, options: FrontOptions) {
    this.#self = self;
    this.#link = link;
    this.#options = options;
    const broker = { ...options.broker, system: self.pid.system } as BrokerAddress;
    const { wall } = seamsOf(self);
    const deliveries = new Deliveries(link, self.pid, wall);
    const failed = (error: unknown): void => this.#failed(error);
    this.consumptions = new Consumptions(self as never, link, deliveries, failed);
    this.#topology = new Topology(link, this.consumptions, deliveries, broker);
  }

  *begin(): Actor {
    for (const watcher of this.#link.watchers) this.#self.monitor(watcher);
    const { topology } = this.#options;
    const { pid } = this.#self;
    yield* this.#startExchange(DEFAULT_EXCHANGE);
    for (const exchange of this.#link.declared.exchanges.keys())
      yield* this.#startExchange(exchange);
    try {
      yield* this.#self.wait(this.#untilDone(() => this.#topology.declare(topology, pid)));
    } catch (error) {
      const refused = refusalOf(error, 'Cannot declare the topology');
      if (refused === undefined) throw error;
      throw new BrokerRefused(refused.reason, refused.text);
    }
    for (const each of topology) if (!('queue' in each)) yield* this.#startExchange(each.exchange);
    this.#link.tell({ kind: 'topology_declared' });
    this.consumptions.adopt();
  }

  panel() {
    const asked = (ask: 'purge' | 'redeliver') => (queue: string) =>
      this.#topology.does({
        ask,
        queue,
        limit: Number.MAX_SAFE_INTEGER,
        by: this.#self.pid,
      } as never);
    return panelOf(this.#link, { purge: asked('purge'), redeliver: asked('redeliver') });
  }

  /** There is a connection again, and what is declared stands. */
  again(): void {
    this.#link.tell({ kind: 'topology_declared' });
    this.consumptions.again();
  }

  probe(): void {
    if (!this.#link.consumers.isUp) return;
    this.consumptions.probe().catch((error: unknown) => this.#failed(error));
  }

  /** Does not wait for what it begins. */
  handle(request: BrokerRequest): void {
    switch (request.ask) {
      case 'watch':
        this.#link.watchers.add(request.by as Pid<BrokerEvent>);
        return this.#done(request, this.#self.monitor(request.by));
      case 'publish':
        void this.#find(request);
        return;
      case 'consume':
      case 'subscribe':
      case 'cancel':
      case 'inspect':
      case 'redeliver':
        void this.#does(request);
        return;
      default:
        this.#changed = this.#changed.then(() => this.#does(request));
    }
  }

  /** The actors of exchanges that have come or gone; then who asked hears of it. */
  *follow({ request, value }: Done): Actor {
    if (request.ask === 'delete_exchange') yield* this.#endExchange(request.exchange);
    else if (request.ask === 'declare') {
      for (const each of request.what)
        if (!('queue' in each)) yield* this.#startExchange(each.exchange);
    } else if (request.ask === 'publish') {
      const { exchange, publish } = request;
      const address = exchangeAddress(this.#options.broker, exchange);
      // Its actor may be being started again: to ask for it is to wait for that.
      if (this.#self.whereis(address.name) === undefined) this.#started.delete(exchange);
      yield* this.#startExchange(exchange);
      const replyTo = request.replyTo as ReplyTo<PublishReply>;
      return this.#self.send(address as Name<Publish>, { ...publish, replyTo });
    }
    this.#done(request, value);
  }

  /** To who asked, wherever that is. */
  reply({ to, answer }: Reply): void {
    const { replyTo, correlationId } = to as { replyTo: string; correlationId: string | undefined };
    this.#link.outbox.publish({
      exchange: DEFAULT_EXCHANGE,
      key: replyTo,
      content: contentOf(json, answer),
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

  down(ref: unknown, target: Pid, reason: unknown): void {
    this.#link.watchers.delete(target as Pid<BrokerEvent>);
    this.consumptions.ended(ref, reason);
    // Behind a declaration that may be under way.
    if (this.#owners.delete(ref))
      this.#changed = this.#changed
        .then(() => this.#untilDone(() => this.#topology.ownerEnded(target)))
        .catch((error: unknown) => {
          if (refusalOf(error, '') === undefined) this.#failed(error);
        });
  }

  // ── what is asked ─────────────────────────────────────────────────────────────────────────

  /** Answers, however it ends. */
  async #does(request: BrokerRequest): Promise<void> {
    const action = `Cannot ${request.ask.replace('_', ' ')} ${nameIn(request)}`;
    try {
      if (request.ask === 'declare') this.#own(request.what, request.by);
      const value = await this.#untilDone(() => this.#topology.does(request));
      const done: Done = { tag: '$does', request, value };
      if (request.ask === 'declare' || request.ask === 'delete_exchange')
        this.#self.send(this.#self.pid as Pid<Done>, done);
      else this.#done(request, value);
    } catch (error) {
      const refused = refusalOf(error, action);
      if (refused === undefined) this.#failed(error);
      else this.#refuse(request, refused);
    }
  }

  /** Again on the next connection, if one is lost under it. */
  async #untilDone<T>(does: () => Promise<T>): Promise<T> {
    for (;;) {
      await this.#link.consumers.up();
      // Who asked is told of the end of this server, and asks the next one.
      if (this.consumptions.isOver) return await new Promise<never>(() => {});
      try {
        return await does();
      } catch (error) {
        if (!isLoss(error)) throw error;
        await new Promise((over) => setTimeout(over, RETRY_MS));
      }
    }
  }

  /** Nobody had the name of the exchange: it may be on RabbitMQ all the same. */
  async #find(request: BrokerRequest & { readonly ask: 'publish' }): Promise<void> {
    const { exchange } = request;
    try {
      await this.#untilDone(() => this.#topology.find(exchange));
      const done: Done = { tag: '$does', request, value: undefined };
      this.#self.send(this.#self.pid as Pid<Done>, done);
    } catch (error) {
      if (refusalOf(error, '') === undefined) return this.#failed(error);
      const failed = { tag: '$not_published', reason: 'no_exchange', messageId: '' } as const;
      this.#self.send(request.replyTo as Address<PublishReply>, failed);
    }
  }

  /** Ends the server, whose supervisor starts another. */
  #failed(error: unknown): void {
    const failed: Failed = { tag: '$failed', error };
    this.#self.send(this.#self.pid as Pid<Failed>, failed);
  }

  /** Hears of the end of who owns an exclusive queue. */
  #own(what: readonly Declarable[], by: Pid): void {
    const isOwner = what.some((each) => 'queue' in each && each.options.lifetime === 'exclusive');
    if (isOwner) this.#owners.add(this.#self.monitor(by));
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
