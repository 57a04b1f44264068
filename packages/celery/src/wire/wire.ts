/** What a broker has to do for a deployment, whichever it is. */

import type { Route } from '../messages/canvas.ts';
import type { Delivery, WireMessage } from '../messages/wire-message.ts';

/** Exchanges that every deployment has. */
export const PIDBOX = 'celery.pidbox';
export const PIDBOX_REPLIES = 'reply.celery.pidbox';
export const EVENTS = 'celeryev';

/** A message that the broker has refused; sending it again would not help. */
export class NotPublished extends Error {
  readonly reason: string;

  constructor({ exchange, key }: Route, reason: string) {
    const where = exchange === '' ? `the queue "${key}"` : `the exchange "${exchange}" by "${key}"`;
    super(`Cannot publish to ${where}: ${reason}`);
    this.reason = reason;
  }

  override get name(): string {
    return 'NotPublished';
  }
}

/** Told by a broker's client, from wherever: whoever is told sends itself a message. */
export interface Heard {
  /** A task's message, of a queue that is consumed. */
  delivered(delivery: Delivery): void;
  /** Told to all nodes. */
  broadcast(message: WireMessage): void;
}

export interface Wire {
  /** Where it is, for people: without a password. */
  readonly shown: string;
  readonly transport: 'amqp' | 'redis';
  /** Resolves when the broker has it, after lost connections, too. Rejects with NotPublished. */
  publish(
    to: Route,
    message: WireMessage,
    options?: { readonly mustArrive?: boolean },
  ): Promise<void>;
  /** Sends what may be lost. */
  emit(to: Route, message: WireMessage): void;
  /** How many of `publish` and `emit` the broker has not confirmed. */
  readonly pending: number;
  /** Makes the queue, if it is not there. */
  declare(queue: string): Promise<void>;
  /** Takes from this queue, which is declared if it is not there, on each connection. */
  consume(queue: string): Promise<void>;
  cancel(queue: string): Promise<void>;
  readonly consumed: readonly string[];
  /** So many deliveries of all queues together may be with us. */
  setRoom(count: number): void;
  /** A delivery is done with. Of one that is not ours any more, nothing happens. */
  ack(delivery: Delivery): void;
  /** It is done with, and goes to the dead letters of its queue if that has some. */
  reject(delivery: Delivery): void;
  /** Somebody else may have it. */
  giveBack(delivery: Delivery): void;
  /** Whether it is still ours to acknowledge. */
  holds(delivery: Delivery): boolean;
  /** Hears what is told to all nodes, under the name of this one. */
  listen(node: string, heard: Heard): Promise<void>;
  /** A queue of our own for answers, until the connection is closed for good. */
  answers(queue: AnswerQueue, take: (message: WireMessage) => void): Promise<void>;
  /** Asks the broker something. Rejects if it does not answer. */
  probe(): Promise<void>;
}

/** Where answers come: results by rpc, which are kept for a day, or replies of remote control. */
export interface AnswerQueue {
  readonly name: string;
  readonly boundTo: { readonly exchange: string; readonly key: string } | undefined;
  readonly expiresMs: number;
  /** It outlives a restart of the broker, with what is kept on disk. */
  readonly isDurable: boolean;
}

/** What a broker's client tells of its connection. */
export interface Connection {
  up(): void;
  down(reason: string): void;
}
