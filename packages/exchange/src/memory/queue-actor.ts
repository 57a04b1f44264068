/**
 * The actor of a queue: it serves the consumers, hears of their ends, keeps the queue's times, and takes
 * settlements. All that it would miss after a crash is on the shelf; the actor that is started again takes
 * the shelf over, and its consumers notice nothing but that what they held may come twice.
 */

import type { Actor, Down, Exit, Message, Name, Ref, ReplyTo, Self, Timeout } from 'beamish';
import { json } from '../terms/codec.ts';
import type { Answered, BrokerRequest, Reply, Settle } from '../terms/protocol.ts';
import { cancel, cancelAll, consume, ended, leaveIfDone } from './consumptions.ts';
import { bury } from './moves.ts';
import { deleteQueue, inspect, purge, redeliver } from './queue-requests.ts';
import type { Consumption } from './rota.ts';
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

/** What it has is in one object, and not in the generator, too: many queues are idle. */
export function queueActor(
  self: Self<Taken>,
  shelves: Shelves,
  shelf: Shelf,
  address: Name,
): Actor {
  return new QueueServer(self, shelves, shelf, address).run();
}

class QueueServer {
  // Its methods are `private` and not `#private`: with those each object keeps a mark of its class, and a call checks it.
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

  *run(): Actor {
    this.#self.trapExit(true);
    try {
      this.takeOver();
      let goesOn = true;
      while (goesOn && !this.#shelf.isDeleted) goesOn = this.handle(yield* this.#self.receive());
    } finally {
      this.#shelf.actor = undefined;
    }
    cancelAll(this.#self, this.#shelf, this.#shelf.isDeleted ? 'queue_deleted' : 'broker_down');
  }

  private takeOver(): void {
    const shelf = this.#shelf;
    const self = this.#self;
    shelf.actor = self.pid;
    shelf.recover();
    for (const consumer of shelf.rota) consumer.monitor = self.monitor(consumer.pid);
    if (shelf.owner !== undefined) self.monitor(shelf.owner);
    this.used();
    this.serve();
  }

  /** Whether it goes on after that. */
  private handle(message: Taken | Down | Exit): boolean {
    switch (message.tag) {
      case 'EXIT':
        // The end of its supervisor is its own; nobody else is linked to it.
        return message.from !== this.#self.parent;
      case '$wake':
        this.#shelf.isWoken = false;
        break;
      case '$settle':
        this.settle(message);
        break;
      case '$used':
        this.used();
        return true;
      case '$reply':
        this.reply(message);
        return true;
      case '$broker':
        this.answer(message as BrokerRequest);
        break;
      case 'TIMEOUT':
        this.due(message as Timeout<Due>);
        break;
      case 'DOWN':
        this.down(message as Down);
    }
    this.serve();
    return true;
  }

  private serve(): void {
    if (this.#shelf.isDeleted) return;
    serve(this.#self, this.#shelves, this.#shelf, this.#address);
    this.keepTime();
  }

  private settle({ number, slot, how }: Settle): void {
    const shelf = this.#shelf;
    const entry = shelf.settle(number, slot);
    if (entry === undefined) {
      const { queue } = shelf;
      return this.#shelves.tell(this.#self, { kind: 'stale_settlement', queue, number });
    }
    const holder = entry.holder as Consumption;
    entry.holder = undefined;
    if (holder.isCancelled) leaveIfDone(this.#self, shelf, holder);
    if (how === 'requeue') shelf.putBack(entry);
    else if (how === 'reject') bury(this.#self, this.#shelves, shelf, entry, 'rejected');
    else if (entry.keep !== undefined) this.#shelves.ledger?.settled(this.#self, entry.keep);
  }

  private reply({ to, answer }: Reply): void {
    const carried = this.#shelves.isEncoding ? json.decode(json.encode(answer)) : answer;
    const reply: Answered = { tag: '$answered', answer: carried };
    this.#self.send(to as ReplyTo<Answered>, reply);
  }

  private answer(request: BrokerRequest): void {
    const [self, shelves, shelf] = [this.#self, this.#shelves, this.#shelf];
    switch (request.ask) {
      case 'consume':
      case 'subscribe':
        this.used();
        return consume(self, shelves, shelf, request);
      case 'cancel':
        return cancel(self, shelf, request) ? this.lost() : undefined;
      case 'inspect':
        this.used();
        return inspect(self, shelves, shelf, request);
      case 'purge':
        return purge(self, shelves, shelf, request);
      case 'delete_queue':
        return deleteQueue(self, shelves, shelf, request);
      case 'redeliver':
        return redeliver(self, shelves, shelf, request);
    }
  }

  private down(down: Down): void {
    const shelf = this.#shelf;
    if (down.target === shelf.owner) {
      // It may consume, too, and is told nothing any more.
      for (const its of shelf.rota) if (its.pid === down.target) its.isCancelled = true;
      this.#shelves.removeQueue(this.#self, shelf);
    }
    if (ended(this.#self, this.#shelves, shelf, down)) this.lost();
  }

  /** A consumer has left; with the last one, what goes with it. */
  private lost(): void {
    this.used();
    if (this.#shelf.isAutoDelete && this.#shelf.rota.size === 0)
      this.#shelves.removeQueue(this.#self, this.#shelf);
  }

  // ── time ──────────────────────────────────────────────────────────────────────────────────

  private due({ ref, message }: Timeout<Due>): void {
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
  private used(): void {
    const ms = this.#shelf.options.ttl?.queueMs;
    if (ms === undefined) return;
    if (this.#unused !== undefined) this.#self.cancelTimer(this.#unused);
    this.#unused = this.#self.startTimer(ms, this.#self.pid, 'unused');
  }
}
