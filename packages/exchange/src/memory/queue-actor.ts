/**
 * The actor of a queue: it serves the consumers, hears of their ends, keeps the queue's times, and takes
 * settlements. All that it would miss after a crash is on the shelf; the actor that is started again takes
 * the shelf over, and its consumers notice nothing but that what they held may come twice.
 */

import {
  type Actor,
  type Address,
  type Down,
  type Exit,
  isOrderly,
  type Message,
  type Name,
  type Ref,
  type ReplyTo,
  type Self,
  type Timeout,
} from 'beamish';
import { json } from '../terms/codec.ts';
import type { Cancelled } from '../terms/messages.ts';
import type { Answered, BrokerReply, BrokerRequest, Reply, Settle } from '../terms/protocol.ts';
import { quarantineName } from '../terms/queue.ts';
import type { Entry } from './entry.ts';
import { bringBack, bury, setAside } from './moves.ts';
import { Consumption } from './rota.ts';
import { serve } from './serving.ts';
import type { Shelf } from './shelf.ts';
import type { Shelves } from './shelves.ts';
import type { Wake } from './waking.ts';

/** Its time without use begins anew. */
export interface Used extends Message {
  readonly tag: '$used';
}

type Taken = Wake | Used | Settle | Reply | BrokerRequest | Timeout<Due>;

/** What a timer of the queue is for. */
type Due = 'expiry' | 'unused';

const DEFAULT_MAX_CRASHES = 3;

export function* queueActor(
  self: Self<Taken>,
  shelves: Shelves,
  shelf: Shelf,
  address: Name,
): Actor {
  self.trapExit(true);
  const queue = new QueueServer(self, shelves, shelf, address);
  queue.takeOver();
  while (!shelf.isDeleted) {
    const message = yield* self.receive();
    if (message.tag === 'EXIT') {
      if (queue.endsWith(message)) break;
    } else queue.handle(message as Exclude<typeof message, Exit>);
  }
  queue.end();
}

class QueueServer {
  // Its methods on the path of messages are `private` and not `#private`: a call of those costs a check of the object.
  readonly #self: Self<Taken>;
  readonly #shelves: Shelves;
  readonly #shelf: Shelf;
  /** Where its deliveries are settled. */
  readonly #address: Name;
  /** When the head expires, and the timer for it. */
  #expiry: { readonly at: number; readonly timer: Ref } | undefined;
  #unused: Ref | undefined;

  constructor(self: Self<Taken>, shelves: Shelves, shelf: Shelf, address: Name) {
    this.#self = self;
    this.#shelves = shelves;
    this.#shelf = shelf;
    this.#address = address;
  }

  takeOver(): void {
    const shelf = this.#shelf;
    const self = this.#self;
    shelf.actor = self.pid;
    self.defer(() => {
      shelf.actor = undefined;
    });
    shelf.recover();
    for (const consumer of shelf.rota) consumer.monitor = self.monitor(consumer.pid);
    if (shelf.owner !== undefined) self.monitor(shelf.owner);
    this.#used();
    this.serve();
  }

  handle(message: Taken | Down): void {
    switch (message.tag) {
      case '$wake':
        this.#shelf.isWoken = false;
        break;
      case '$settle':
        this.settle(message);
        break;
      case '$used':
        return this.#used();
      case '$reply':
        return this.#reply(message);
      case '$broker':
        this.#answer(message as BrokerRequest);
        break;
      case 'TIMEOUT':
        this.#due(message as Timeout<Due>);
        break;
      case 'DOWN':
        this.#down(message);
    }
    this.serve();
  }

  /** The end of its supervisor is its own; nobody else is linked to it. */
  endsWith({ from }: Exit): boolean {
    return from === this.#self.parent;
  }

  /** Tells its consumers why no more comes. */
  end(): void {
    const reason = this.#shelf.isDeleted ? 'queue_deleted' : 'broker_down';
    for (const consumer of [...this.#shelf.rota]) {
      if (!consumer.isCancelled) this.#cancelled(consumer, reason);
      this.#shelf.rota.remove(consumer);
    }
  }

  private serve(): void {
    if (this.#shelf.isDeleted) return;
    serve(this.#self, this.#shelves, this.#shelf, this.#address);
    this.keepTime();
  }

  // ── settlements ───────────────────────────────────────────────────────────────────────────

  private settle({ number, slot, how }: Settle): void {
    const shelf = this.#shelf;
    const entry = shelf.settle(number, slot);
    if (entry === undefined) {
      const { queue } = shelf;
      return this.#shelves.tell(this.#self, { kind: 'stale_settlement', queue, number });
    }
    const holder = entry.holder as Consumption;
    entry.holder = undefined;
    if (holder.isCancelled && holder.held === 0) this.#leave(holder);
    if (how === 'requeue') shelf.putBack(entry);
    else if (how === 'ack') {
      if (entry.keep !== undefined) this.#shelves.ledger?.settled(this.#self, entry.keep);
    } else bury(this.#self, this.#shelves, shelf, entry, 'rejected');
  }

  #reply({ to, answer }: Reply): void {
    const carried = this.#shelves.isEncoding ? json.decode(json.encode(answer)) : answer;
    const reply: Answered = { tag: '$answered', answer: carried };
    this.#self.send(to as ReplyTo<Answered>, reply);
  }

  // ── consumers ─────────────────────────────────────────────────────────────────────────────

  #consume(request: BrokerRequest & { readonly ask: 'consume' | 'subscribe' }): void {
    const { plan, by } = request;
    const { rota, queue, options } = this.#shelf;
    const others = [...rota].filter((each) => !each.isCancelled);
    if (plan.exclusive && options.singleActiveConsumer === true) {
      return this.#refuse(
        request,
        `"${queue}" has a single active consumer, and takes no exclusive one`,
      );
    }
    if (others.some((each) => each.plan.exclusive))
      return this.#refuse(request, `"${queue}" has an exclusive consumer`);
    if (plan.exclusive && others.length > 0)
      return this.#refuse(
        request,
        `"${queue}" has consumers, and there can be no exclusive one beside them`,
      );
    const consumption = new Consumption(by, this.#self.monitor(by), plan);
    rota.add(consumption);
    this.#used();
    this.#done(request, { ref: consumption.ref, queue, broker: this.#shelves.broker });
  }

  #refuse(request: BrokerRequest, text: string): void {
    const refused: BrokerReply = {
      tag: '$refused',
      reason: 'access_refused',
      text: `Cannot consume: ${text}`,
    };
    this.#self.send(request.replyTo, refused);
  }

  #cancel(request: BrokerRequest & { readonly ask: 'cancel' }): void {
    const { rota } = this.#shelf;
    const consumer = rota.find(({ ref }) => ref === request.consumption);
    const forget = consumer?.isAuto === true ? consumer.plan.tag : undefined;
    if (consumer !== undefined && !consumer.isCancelled) {
      consumer.isCancelled = true;
      if (consumer.held === 0) this.#leave(consumer);
      this.#lost();
    }
    this.#done(request, { forget });
  }

  #down({ ref, target, reason }: Down): void {
    if (target === this.#shelf.owner) {
      // It may consume, too, and is told nothing any more.
      for (const its of this.#shelf.rota) if (its.pid === target) its.isCancelled = true;
      this.#shelves.removeQueue(this.#self, this.#shelf);
    }
    const consumer = this.#shelf.rota.find(({ monitor }) => monitor === ref);
    if (consumer === undefined) return;
    const wasThere = !consumer.isCancelled;
    consumer.isCancelled = true;
    this.#returned(this.#shelf.takeFrom(consumer), reason);
    this.#leave(consumer);
    if (wasThere) this.#lost();
  }

  /** What a consumer held that has ended. A crash is counted of a message that was alone in its hands; of several, each may be the cause. */
  #returned(entries: readonly Entry[], reason: unknown): void {
    const shelf = this.#shelf;
    const { maxCrashes = DEFAULT_MAX_CRASHES } = shelf.options;
    const isCrash = !isOrderly(reason) && maxCrashes !== 'infinity';
    for (const entry of entries) {
      if (isCrash) entry.isSuspect = true;
      if (isCrash && entries.length === 1) {
        entry.crashes++;
        if (entry.keep !== undefined)
          this.#shelves.ledger?.crashed(this.#self, entry.keep, entry.crashes);
      }
      if (maxCrashes !== 'infinity' && entry.crashes >= maxCrashes) {
        setAside(this.#self, this.#shelves, shelf, entry, 'delivery_limit');
      } else shelf.putBack(entry);
    }
  }

  #leave(consumer: Consumption): void {
    this.#self.demonitor(consumer.monitor, { flush: true });
    this.#shelf.rota.remove(consumer);
  }

  /** A consumer has left; with the last one, what goes with it. */
  #lost(): void {
    this.#used();
    if (this.#shelf.isAutoDelete && this.#shelf.rota.size === 0)
      this.#shelves.removeQueue(this.#self, this.#shelf);
  }

  #cancelled({ pid, ref }: Consumption, reason: Cancelled['reason']): void {
    const message: Cancelled = {
      tag: 'cancelled',
      queue: this.#shelf.queue,
      consumption: ref,
      reason,
    };
    this.#self.send(pid as Address<Message>, message);
  }

  // ── requests ──────────────────────────────────────────────────────────────────────────────

  #answer(request: BrokerRequest): void {
    switch (request.ask) {
      case 'consume':
      case 'subscribe':
        return this.#consume(request);
      case 'cancel':
        return this.#cancel(request);
      case 'inspect':
        this.#used();
        return this.#done(request, this.#info());
      case 'purge':
        return this.#done(request, { messages: this.#purge() });
      case 'delete_queue':
        return this.#delete(request);
      case 'redeliver':
        return this.#done(request, { messages: this.#redeliver(request.limit) });
    }
  }

  #purge(): number {
    const dropped = this.#shelf.clear();
    for (const { keep } of dropped)
      if (keep !== undefined) this.#shelves.ledger?.settled(this.#self, keep);
    return dropped.length;
  }

  #info(): unknown {
    const { ready, held, rota } = this.#shelf;
    const head = ready.peek();
    const oldestMs =
      head === undefined ? undefined : Math.max(0, this.#shelves.time.lookedAt() - head.since);
    return { ready: ready.length, consumers: rota.size, unsettled: held.size, oldestMs };
  }

  #delete(request: BrokerRequest & { readonly ask: 'delete_queue' }): void {
    const { queue, ready, rota } = this.#shelf;
    const present = [
      ...(ready.length > 0 ? [`${ready.length} messages`] : []),
      ...(rota.size > 0 ? [`${rota.size} consumers`] : []),
    ];
    if (!request.force && present.length > 0) {
      const refused: BrokerReply = {
        tag: '$refused',
        reason: 'precondition_failed',
        text: `Cannot delete the queue "${queue}": it has ${present.join(' and ')}; use force`,
      };
      return this.#self.send(request.replyTo, refused);
    }
    this.#shelves.removeQueue(this.#self, this.#shelf);
    this.#done(request, { messages: ready.length });
  }

  /** Of this queue's quarantine, which its own actor does not touch meanwhile: each move is one change. */
  #redeliver(limit: number): number {
    const quarantine = this.#shelves.queues.get(quarantineName(this.#shelf.queue));
    if (quarantine === undefined) return 0;
    let count = 0;
    for (let first = quarantine.ready.peek(); first !== undefined && count < limit; count++) {
      quarantine.take(first);
      bringBack(this.#self, this.#shelves, this.#shelf, first);
      first = quarantine.ready.peek();
    }
    return count;
  }

  #done(request: BrokerRequest, value: unknown): void {
    const done: BrokerReply = { tag: '$done', value };
    this.#self.send(request.replyTo, done);
  }

  // ── time ──────────────────────────────────────────────────────────────────────────────────

  #due({ ref, message }: Timeout<Due>): void {
    if (message === 'expiry' && ref === this.#expiry?.timer) this.#expiry = undefined;
    if (message !== 'unused' || ref !== this.#unused) return;
    this.#unused = undefined;
    if (this.#shelf.rota.isEmpty) this.#shelves.removeQueue(this.#self, this.#shelf);
  }

  /** Lets the head's expiry ring. */
  private keepTime(): void {
    const at = this.#shelf.ready.peek()?.expiresAt;
    if (at === this.#expiry?.at) return;
    if (this.#expiry !== undefined) this.#self.cancelTimer(this.#expiry.timer);
    this.#expiry = undefined;
    if (at === undefined) return;
    const ms = Math.max(0, Math.ceil(at - this.#shelves.time.now()));
    this.#expiry = { at, timer: this.#self.startTimer(ms, this.#self.pid, 'expiry') };
  }

  /** The time of a queue that nobody uses begins anew. */
  #used(): void {
    const ms = this.#shelf.options.ttl?.queueMs;
    if (ms === undefined) return;
    if (this.#unused !== undefined) this.#self.cancelTimer(this.#unused);
    this.#unused = this.#self.startTimer(ms, this.#self.pid, 'unused');
  }
}
