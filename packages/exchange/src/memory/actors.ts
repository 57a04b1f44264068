/** The actors of queues and exchanges: they are started and ended here, under their supervisors. */

import {
  type Actor,
  type Context,
  child,
  deleteChild,
  type Message,
  type Name,
  type Spawnable,
  type Supervisor,
  startChild,
  terminateChild,
  whichChildren,
} from 'beamish';
import { exchangeAddress, queueAddress } from '../terms/address.ts';
import { DEFAULT_EXCHANGE } from '../terms/exchange.ts';
import { exchangeActor } from './exchange-actor.ts';
import { queueActor } from './queue-actor.ts';
import type { Shelf } from './shelf.ts';
import type { Gone, Shelves } from './shelves.ts';

// biome-ignore lint/suspicious/noExplicitAny: what these bodies take is nobody else's affair
type AnyBody = Spawnable<any, any, void>;

/** The child id of the default exchange's actor, which has no name of its own. */
const DEFAULT_ID = 'amq.default';

export class Actors {
  readonly #self: Context;
  readonly #shelves: Shelves;
  readonly #queues: Name<Supervisor>;
  readonly #exchanges: Name<Supervisor>;

  constructor(
    self: Context,
    shelves: Shelves,
    supervisors: { readonly queues: Name<Supervisor>; readonly exchanges: Name<Supervisor> },
  ) {
    this.#self = self;
    this.#shelves = shelves;
    this.#queues = supervisors.queues;
    this.#exchanges = supervisors.exchanges;
  }

  /** One that runs already goes on. */
  *startQueue(shelf: Shelf): Actor {
    const shelves = this.#shelves;
    const { queue } = shelf;
    const address = queueAddress(shelves.broker, shelves.life, queue);
    const options = { id: queue, name: address, restart: 'transient' } as const;
    const spec = child(options, queueActor as AnyBody, shelves, shelf, address);
    yield* startChild(this.#self, this.#queues, spec);
  }

  *startExchange(exchange: string): Actor {
    const address = exchangeAddress(this.#shelves.broker, exchange);
    const options = { id: exchange === DEFAULT_EXCHANGE ? DEFAULT_ID : exchange, name: address };
    const spec = child(options, exchangeActor as AnyBody, this.#shelves, exchange);
    yield* startChild(this.#self, this.#exchanges, spec);
  }

  /** Ends the actor of what is there no more. */
  *end({ queue, exchange }: Gone): Actor {
    const supervisor = queue === undefined ? this.#exchanges : this.#queues;
    const id = queue ?? (exchange as string);
    yield* terminateChild(this.#self, supervisor, id);
    yield* deleteChild(this.#self, supervisor, id);
  }

  /** Where the actor of a queue is. One that is being started again has its name when its supervisor answers. */
  *addressOf({ queue }: Shelf): Actor<Name<Message>> {
    const { broker, life } = this.#shelves;
    const address = queueAddress(broker, life, queue);
    if (this.#self.whereis(address) === undefined) yield* whichChildren(this.#self, this.#queues);
    return address;
  }

  /** The same of an exchange; undefined if nobody has its name even so. */
  *addressOfExchange(exchange: string): Actor<Name<Message> | undefined> {
    const address = exchangeAddress(this.#shelves.broker, exchange) as Name<Message>;
    yield* whichChildren(this.#self, this.#exchanges);
    return this.#self.whereis(address) === undefined ? undefined : address;
  }
}
