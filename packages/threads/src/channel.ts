/**
 * A connection over a MessagePort. Batches are arrays and everything else is control, on the one port, so
 * that their order is that in which they were sent. The end of the port comes after all that was posted
 * to it, so it is the end of the other side; how far that had got is in memory that both share.
 */

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { ActorSystem } from 'beamish';
import {
  type Batch,
  type Connection,
  type ConnectOptions,
  connect,
  type Identity,
} from 'beamish/transport';
import { type Bell, type Inlet, ring, type SpinWait, sharedNumber } from './spin-wait.ts';

/** One end of a channel, and how many messages have taken effect on this side and on the other one. */
export interface End {
  readonly port: MessagePort;
  readonly taken: Int32Array<SharedArrayBuffer>;
  readonly takenThere: Int32Array<SharedArrayBuffer>;
  /** Of the other side. */
  readonly bellThere: Bell;
}

export function makeEnds(bell: Bell, otherBell: Bell): readonly [End, End] {
  const { port1, port2 } = new MessageChannel() as unknown as Record<
    'port1' | 'port2',
    MessagePort
  >;
  const [one, other] = [sharedNumber(), sharedNumber()];
  return [
    { port: port1, taken: one, takenThere: other, bellThere: otherBell },
    { port: port2, taken: other, takenThere: one, bellThere: bell },
  ];
}

/** Batches that are taken at a time, before the event loop has a turn. */
const AT_A_TIME = 16;

export interface ChannelOptions extends ConnectOptions {
  /** Waits for what comes. */
  readonly spinWait: SpinWait;
  /** Called before each batch. */
  readonly before?: () => void;
  /** A control message has come. */
  readonly control?: (message: unknown) => void;
  /** The other side has ended, and everything that it sent has come. */
  readonly closed: (channel: Channel) => void;
}

/** Says that the end which follows is one in order. */
const BYE = 'bye';

export class Channel implements Inlet {
  readonly #end: End;
  readonly #connection: Connection;
  readonly #before: (() => void) | undefined;
  readonly #control: ((message: unknown) => void) | undefined;
  /** It has said so. */
  endsInOrder = false;

  constructor(system: ActorSystem, there: Identity, end: End, options: ChannelOptions) {
    const { port, bellThere } = end;
    const { spinWait } = options;
    this.#end = end;
    this.#before = options.before;
    this.#control = options.control;
    this.#connection = connect(
      system,
      there,
      {
        post(batch, transfer) {
          // An empty list takes time, too.
          if (transfer.length === 0) port.postMessage(batch);
          else port.postMessage(batch, transfer);
          ring(bellThere);
        },
      },
      { ...options, taken: end.taken },
    );
    spinWait.add(this);
    port.on('message', (message) => {
      this.take(message);
      spinWait.heard();
    });
    port.on('close', () => {
      spinWait.delete(this);
      options.closed(this);
    });
  }

  get spawned(): number {
    return this.#connection.spawned;
  }

  takeArrived(): boolean {
    for (let i = 0; i < AT_A_TIME; i++) {
      const received = receiveMessageOnPort(this.#end.port);
      if (received === undefined) return i > 0;
      this.take(received.message);
    }
    return true;
  }

  /** Takes all that has come, of another side that is known to have ended. */
  drain(): void {
    for (
      let received = receiveMessageOnPort(this.#end.port);
      received !== undefined;
      received = receiveMessageOnPort(this.#end.port)
    )
      this.take(received.message);
  }

  take(message: unknown): void {
    if (Array.isArray(message)) {
      this.#before?.();
      this.#connection.receive(message as Batch);
    } else if (message === BYE) {
      this.endsInOrder = true;
    } else {
      this.#control?.(message);
    }
  }

  tell(control: object | string, transfer: readonly MessagePort[] = []): void {
    this.#end.port.postMessage(control, transfer);
  }

  /** Ends this side. */
  close(): void {
    this.tell(BYE);
    this.#end.port.close();
  }

  /** The other side is gone for this reason. */
  lost(reason: unknown): void {
    const { sent } = this.#connection;
    const taken = Atomics.load(this.#end.takenThere, 0);
    // The shared number has 32 bits.
    if (this.endsInOrder) this.#connection.closed();
    else this.#connection.lost(reason, sent - ((sent - taken) | 0));
  }
}
