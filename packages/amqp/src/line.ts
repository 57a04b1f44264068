/**
 * One of the two connections to RabbitMQ, as it is lost and opened again. There are two, since one that
 * RabbitMQ blocks for what is published on it is not read at all, settlements included. Whatever is heard of
 * a connection that is not the present one is ignored.
 */

import type { Channel, ChannelModel } from 'amqplib';
import { close, openConnection } from './connection.ts';
import type { Place } from './place.ts';

/** What its owner does when something happens to it. */
export interface LineEvents {
  /** It is connected: what has to stand before anybody may use it. */
  opening(line: Line): Promise<void>;
  /** The connection is over, lost or closed, and with it all that was under way on it. */
  over(): void;
  /** It was up, nobody closed it, and it is not any more. */
  lost(reason: string): void;
  blocked(reason: string): void;
  unblocked(): void;
}

/** What the client says when a connection has all the channels that it may have. */
const FULL = /No channels left/;

/** A connection, as it comes and goes. */
export class Line {
  /** Of the present connection. Whatever has another one is over. */
  generation = 0;
  /** Told by `connect` and by the loss of the connection. */
  isUp = false;
  /** RabbitMQ takes nothing that is published on it. */
  isBlocked = false;
  readonly #place: Place;
  readonly #name: string;
  readonly #events: LineEvents;
  /** More than one where one has not channels enough; they are lost together. */
  #models: ChannelModel[] = [];
  #awaiting: (() => void)[] = [];
  #closing: Promise<void> = Promise.resolve();

  constructor(place: Place, name: string, events: LineEvents) {
    this.#place = place;
    this.#name = name;
    this.#events = events;
  }

  /** @throws if it cannot be, or is lost before it is up */
  async connect(): Promise<void> {
    // What was held on an old one goes back before anything comes on the new one.
    await this.#closing;
    const generation = ++this.generation;
    await this.#open(generation);
    await this.#events.opening(this);
    if (generation !== this.generation) throw new Error('The connection was closed at once');
    this.isUp = true;
    for (const go of this.#awaiting.splice(0)) go();
  }

  /** As soon as it is up. */
  async up(): Promise<void> {
    if (!this.isUp) await new Promise<void>((go) => this.#awaiting.push(go));
  }

  /** Ends it, and everything on it. */
  async close(): Promise<void> {
    const closing = Promise.all(this.#end().map(close)).then(() => undefined);
    this.#closing = closing.catch(() => undefined);
    await closing;
  }

  /** A channel, with a listener for its end. */
  async channel(ended: (error: Error | undefined) => void = () => {}): Promise<Channel> {
    return listened(await this.#create((model) => model.createChannel()), ended);
  }

  /** One on which everything that is published is confirmed. */
  async confirmChannel(ended: (error: Error | undefined) => void) {
    return listened(await this.#create((model) => model.createConfirmChannel()), ended);
  }

  /** A short-lived channel for one thing, since what is refused closes its channel. */
  async onChannel<T>(use: (channel: Channel) => Promise<T>): Promise<T> {
    let isClosed = false;
    const channel = await this.channel(() => {
      isClosed = true;
    });
    try {
      return await use(channel);
    } finally {
      if (!isClosed) await close(channel);
    }
  }

  async #create<C>(make: (model: ChannelModel) => Promise<C>): Promise<C> {
    const { generation } = this;
    for (const model of this.#models) {
      try {
        return await make(model);
      } catch (error) {
        if (!(error instanceof Error && FULL.test(error.message))) throw error;
      }
    }
    if (this.#models.length === 0) throw new Error('There is no connection');
    return await make(await this.#open(generation));
  }

  async #open(generation: number): Promise<ChannelModel> {
    let made: ChannelModel | undefined;
    made = await openConnection(this.#place, this.#name, {
      lost: (reason) => this.#lost(generation, reason),
      blocked: (reason) => {
        this.isBlocked = true;
        this.#events.blocked(reason);
      },
      unblocked: () => {
        this.isBlocked = false;
        this.#events.unblocked();
      },
    });
    if (generation !== this.generation) {
      await close(made);
      throw new Error('The connection was closed while it was opened');
    }
    this.#models.push(made);
    return made;
  }

  #lost(generation: number, reason: string): void {
    if (generation !== this.generation) return;
    const wasUp = this.isUp;
    for (const model of this.#end()) close(model).catch(() => undefined);
    if (wasUp) this.#events.lost(reason);
  }

  /** What it had is of an older generation. */
  #end(): readonly ChannelModel[] {
    this.generation++;
    this.isUp = false;
    this.isBlocked = false;
    this.#events.over();
    return this.#models.splice(0);
  }
}

function listened<C extends Channel>(channel: C, ended: (error: Error | undefined) => void): C {
  let error: Error | undefined;
  channel.on('error', (its: Error) => {
    error = its;
  });
  channel.on('close', () => ended(error));
  return channel;
}
