/**
 * The broker's server: it is registered, declares and binds, hands requests on to the actors of queues, and
 * tells its watchers what happens. It starts the actors of queues and exchanges, and ends them.
 */

import {
  type Actor,
  type Address,
  type Context,
  type Message,
  type Name,
  type Pid,
  type ReplyTo,
  type ServerMessage,
  type ServerSelf,
  type Supervisor,
  server,
} from 'beamish';
import { show } from 'beamish/observation';
import { exchangeAddress, type Publishing } from '../terms/address.ts';
import { BrokerRefused } from '../terms/errors.ts';
import { type BrokerEvent, reportEvent } from '../terms/events.ts';
import { DEFAULT_EXCHANGE, type Exchange } from '../terms/exchange.ts';
import type {
  BrokerReply,
  BrokerRequest,
  Declarable,
  Publish,
  PublishReply,
  Reply,
  Settle,
} from '../terms/protocol.ts';
import { type Queue, quarantinedQueue } from '../terms/queue.ts';
import type { Binding } from '../terms/routes.ts';
import { Actors } from './actors.ts';
import { done, missing, refuse } from './answers.ts';
import { isQuarantineOf, lock, objection } from './declaring.ts';
import type { Owned } from './exchange-actor.ts';
import { type Bindable, type ExchangeRecord, leadingTo } from './exchange-record.ts';
import { panelOf } from './panel.ts';
import type { Used } from './queue-actor.ts';
import { type Shelf, shelfOptionsOf } from './shelf.ts';
import type { Gone, Happened, Made, Shelves } from './shelves.ts';

export interface FrontOptions {
  readonly topology: readonly Declarable[];
  /** Whom to ask for the shelves, and for actors. */
  readonly shelves: Name<ServerMessage<{ call: { get(): HasShelves }; cast: object }>>;
  readonly queues: Name<Supervisor>;
  readonly exchanges: Name<Supervisor>;
}

/** The answer of the owner of the shelves. */
export interface HasShelves {
  readonly tag: '$shelves';
  readonly shelves: Shelves;
}

type FrontMessage = BrokerRequest | BrokerReply | Happened | Gone | Made | Settle | Reply;

export const front = server(function* (self: ServerSelf<FrontMessage>, options: FrontOptions) {
  const { shelves } = yield* self.call(options.shelves, 'get');
  const server = new Front(self, shelves, options);
  yield* server.begin();
  self.defer(show(self, panelOf(self, shelves)));
  return {
    info: {
      $broker: (request: BrokerRequest) => server.handle(request),
      $happened: ({ event }: Happened) => server.tell(event),
      $gone: (gone: Gone) => server.actors.end(gone),
      *$made({ queue }: Made) {
        const shelf = shelves.queues.get(queue);
        if (shelf !== undefined) yield* server.actors.startQueue(shelf);
      },
      /** What came too late for its queue's actor. */
      $settle: ({ queue, number }: Settle) =>
        server.tell({ tag: 'broker', kind: 'stale_settlement', queue, number }),
      $reply: ({ to, answer }: Reply) =>
        self.send(to as Address<Message>, { tag: '$answered', answer } as Message),
      /** The panel's actions are answered to nobody. */
      $done: () => {},
      DOWN: ({ target }) => shelves.watchers.delete(target as Pid<BrokerEvent>),
    },
  };
});

class Front {
  readonly #self: ServerSelf<FrontMessage>;
  readonly #shelves: Shelves;
  readonly #topology: readonly Declarable[];
  readonly actors: Actors;

  constructor(self: ServerSelf<FrontMessage>, shelves: Shelves, options: FrontOptions) {
    this.#self = self;
    this.#shelves = shelves;
    this.#topology = options.topology;
    this.actors = new Actors(self as Context, shelves, options);
  }

  /** Whatever there is has its actor, and then the topology stands. */
  *begin(): Actor {
    const shelves = this.#shelves;
    for (const watcher of shelves.watchers) this.#self.monitor(watcher);
    yield* this.actors.startExchange(DEFAULT_EXCHANGE);
    for (const exchange of shelves.exchanges.keys()) yield* this.actors.startExchange(exchange);
    for (const shelf of shelves.queues.values()) yield* this.actors.startQueue(shelf);
    const topology = this.#topology;
    const refused = objection(shelves, topology, this.#self.pid);
    if (refused !== undefined) throw new BrokerRefused(refused.reason, refused.text);
    yield* this.#declare(topology, this.#self.pid);
    this.tell({ tag: 'broker', kind: 'topology_declared' });
  }

  *handle(request: BrokerRequest): Actor {
    switch (request.ask) {
      case 'declare':
        return yield* this.#declareFor(request);
      case 'bind':
      case 'unbind':
        return yield* this.#bindFor(request);
      case 'delete_exchange':
        return this.#deleteExchange(request);
      case 'subscribe':
        return yield* this.#subscribe(request);
      case 'watch':
        this.#shelves.watchers.add(request.by as Pid<BrokerEvent>);
        return done(this.#self, request, this.#self.monitor(request.by));
      case 'publish':
        return yield* this.#publish(request);
      default:
        return yield* this.#handOn(request);
    }
  }

  tell(event: BrokerEvent): void {
    reportEvent(this.#self, this.#shelves.broker.name, event);
    for (const watcher of this.#shelves.watchers) this.#self.send(watcher, event);
  }

  // ── topology ──────────────────────────────────────────────────────────────────────────────

  *#declareFor(request: BrokerRequest & { readonly ask: 'declare' }): Actor {
    const refused = objection(this.#shelves, request.what, request.by);
    if (refused !== undefined) return refuse(this.#self, request, refused);
    yield* this.#declare(request.what, request.by);
    done(this.#self, request, undefined);
  }

  /** What has been found to agree with what is there: the exchanges first. */
  *#declare(what: readonly Declarable[], by: Pid): Actor {
    for (const each of what) if (!('queue' in each)) yield* this.#declareExchange(each);
    for (const each of what) if (!('queue' in each)) this.#bindExchange(each);
    for (const each of what) if ('queue' in each) yield* this.#declareQueue(each, by);
  }

  *#declareExchange(token: Exchange): Actor {
    const record = this.#shelves.exchanges.get(token.exchange);
    if (record !== undefined) {
      record.options = token.options;
      return;
    }
    this.#shelves.declareExchange(this.#self, token);
    yield* this.actors.startExchange(token.exchange);
  }

  #bindExchange({ exchange, options }: Exchange): void {
    const record = this.#shelves.exchanges.get(exchange) as ExchangeRecord;
    for (const binding of options.bindings ?? []) this.#bind(record, binding);
  }

  *#declareQueue(token: Queue<unknown, unknown>, by: Pid): Actor {
    const present = yield* this.#find(token.queue);
    const shelf = present ?? this.#shelves.declareQueue(this.#self, shelfOptionsOf(token, by));
    if (present === undefined) {
      yield* this.actors.startQueue(shelf);
      this.#own(shelf.owner, exchangeAddress(this.#shelves.broker, DEFAULT_EXCHANGE));
    } else {
      if (!present.isQuarantine) present.options = token.options;
      if (present.actor !== undefined) this.#self.send(present.actor as Address<Message>, USED);
    }
    for (const binding of token.options.bindings ?? []) this.#bind(shelf, binding);
  }

  *#bindFor(request: BrokerRequest & { readonly ask: 'bind' | 'unbind' }): Actor {
    const { ask, what, by } = request;
    const action = `Cannot ${ask} the ${'queue' in request ? `queue "${request.queue}"` : `exchange "${request.exchange}"`}`;
    const shelf = 'queue' in request ? yield* this.#find(request.queue) : undefined;
    const who = 'queue' in request ? shelf : this.#shelves.exchanges.get(request.exchange);
    const record = this.#shelves.exchanges.get(what.from);
    const refused = shelf === undefined ? undefined : lock(shelf, by, action);
    if (refused !== undefined) return refuse(this.#self, request, refused);
    if (ask === 'bind') {
      if (who === undefined)
        return refuse(this.#self, request, missing(`${action}: it is not declared`));
      if (record === undefined)
        return refuse(
          this.#self,
          request,
          missing(`${action}: the exchange "${what.from}" is not declared`),
        );
      this.#bind(who, what);
    } else if (who !== undefined && record !== undefined) {
      this.#shelves.unbind(this.#self, record, what, who);
    }
    done(this.#self, request, undefined);
  }

  #bind(who: Bindable, binding: Binding): void {
    const shelves = this.#shelves;
    const record = shelves.exchanges.get(binding.from) as ExchangeRecord;
    shelves.bind(this.#self, record, binding, who);
    const owners = 'queue' in who ? [who.owner] : [...shelves.owners()];
    for (const { address } of leadingTo(record, shelves.exchanges))
      for (const owner of owners) this.#own(owner, address);
  }

  /** Lets an exchange hear when an exclusive queue ends with its owner. */
  #own(owner: Pid | undefined, exchange: Name<Publishing>): void {
    if (owner === undefined) return;
    const owned: Owned = { tag: '$owned', owner };
    this.#self.send(exchange as unknown as Name<Message>, owned);
  }

  #deleteExchange(request: BrokerRequest & { readonly ask: 'delete_exchange' }): void {
    const record = this.#shelves.exchanges.get(request.exchange);
    if (record !== undefined) this.#shelves.removeExchange(this.#self, record);
    done(this.#self, request, undefined);
  }

  *#subscribe(request: BrokerRequest & { readonly ask: 'subscribe' }): Actor {
    const { what, by } = request;
    const shelves = this.#shelves;
    if (!shelves.exchanges.has(what.from)) {
      const text = `Cannot subscribe: the exchange "${what.from}" is not declared`;
      return refuse(this.#self, request, missing(text));
    }
    const queue = shelves.nextQueueName();
    const its = { queue, options: {}, owner: by, isAutoDelete: true, isQuarantine: false };
    const shelf = shelves.declareQueue(this.#self, its);
    yield* this.actors.startQueue(shelf);
    this.#own(by, exchangeAddress(shelves.broker, DEFAULT_EXCHANGE));
    this.#bind(shelf, what);
    yield* this.#toActor(shelf, request);
  }

  // ── queues ────────────────────────────────────────────────────────────────────────────────

  /** What the actor of the queue does, and answers. */
  *#handOn(request: BrokerRequest & { readonly queue: string }): Actor {
    const { ask, queue, by } = request;
    const shelf = yield* this.#find(queue);
    if (shelf === undefined) {
      if (ask === 'delete_queue') return done(this.#self, request, { messages: 0 });
      if (ask === 'cancel') return done(this.#self, request, { forget: undefined });
      return refuse(
        this.#self,
        request,
        missing(`Cannot ${ask} the queue "${queue}": it is not declared`),
      );
    }
    const refused = lock(shelf, by, `Cannot ${ask} the queue "${queue}"`);
    if (refused !== undefined) return refuse(this.#self, request, refused);
    yield* this.#toActor(shelf, request);
  }

  *#toActor(shelf: Shelf, request: BrokerRequest): Actor {
    this.#self.send(yield* this.actors.addressOf(shelf), request);
  }

  /** A quarantine is there as soon as somebody looks for it. */
  *#find(queue: string): Actor<Shelf | undefined> {
    const present = this.#shelves.queues.get(queue);
    if (present !== undefined || !isQuarantineOf(this.#shelves, queue)) return present;
    const base = this.#shelves.queues.get(quarantinedQueue(queue) as string) as Shelf;
    const quarantine = this.#shelves.quarantineOf(this.#self, base);
    yield* this.actors.startQueue(quarantine);
    return quarantine;
  }

  /** Nobody had the name of the exchange. */
  *#publish(request: BrokerRequest & { readonly ask: 'publish' }): Actor {
    const { exchange, publish } = request;
    const replyTo = request.replyTo as ReplyTo<PublishReply>;
    const isThere = exchange === DEFAULT_EXCHANGE || this.#shelves.exchanges.has(exchange);
    const address = isThere ? yield* this.actors.addressOfExchange(exchange) : undefined;
    if (address !== undefined) return this.#self.send(address, { ...publish, replyTo } as Publish);
    const failed = { tag: '$not_published', reason: 'no_exchange', messageId: '' } as const;
    this.#self.send(replyTo as Address<PublishReply>, failed);
  }
}

const USED: Used = Object.freeze({ tag: '$used' });
