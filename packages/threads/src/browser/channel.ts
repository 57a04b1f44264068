/**
 * A connection over a MessagePort of a browser. Batches are arrays and everything else is control, on the one
 * port, so that their order is that in which they were sent. A browser does not tell every time that the other
 * end is gone, so it is the pool that says so.
 */

import type { ActorSystem } from 'beamish';
import { type Batch, type Connection, type ConnectOptions, connect } from 'beamish/transport';
import type { Port, Way } from './protocol.ts';

/** Says that the end which follows is one in order. */
const BYE = 'bye';

export interface WayOptions extends ConnectOptions {
  /** Called before each batch. */
  readonly control?: (message: unknown) => void;
}

export class BrowserChannel {
  readonly #way: Way;
  readonly #connection: Connection;
  readonly #control: ((message: unknown) => void) | undefined;
  /** It has said so. */
  endsInOrder = false;

  constructor(system: ActorSystem, way: Way, options: WayOptions) {
    const { port, there, taken } = way;
    this.#way = way;
    this.#control = options.control;
    this.#connection = connect(
      system,
      there,
      {
        post(batch, transfer) {
          port.postMessage(batch, transfer);
        },
      },
      { ...options, ...(taken !== undefined && { taken: taken[0] }) },
    );
    port.onmessage = ({ data }) => this.#take(data);
  }

  get spawned(): number {
    return this.#connection.spawned;
  }

  tell(control: unknown, transfer: readonly unknown[] = []): void {
    this.#way.port.postMessage(control, transfer);
  }

  /** Ends this side. What the other one has sent by now still comes. */
  close(): void {
    this.tell(BYE);
  }

  /** The other side is gone for this reason, and everything that it sent has come. */
  lost(reason: unknown): void {
    this.#way.port.close();
    if (this.endsInOrder) return this.#connection.closed();
    const { taken } = this.#way;
    if (taken === undefined) return this.#connection.lost(reason);
    const { sent } = this.#connection;
    // The shared number has 32 bits.
    this.#connection.lost(reason, sent - ((sent - Atomics.load(taken[1], 0)) | 0));
  }

  #take(message: unknown): void {
    if (Array.isArray(message)) this.#connection.receive(message as Batch);
    else if (message === BYE) this.endsInOrder = true;
    else this.#control?.(message);
  }
}

/** Both ends of a way between two systems. */
export function wayBetween(one: Way['there'], other: Way['there']): readonly [Way, Way] {
  const { port1, port2 } = new MessageChannel() as unknown as Record<'port1' | 'port2', Port>;
  const shared = sharedCounts();
  if (shared === undefined)
    return [
      { there: other, port: port1 },
      { there: one, port: port2 },
    ];
  const [here, there] = shared;
  return [
    { there: other, port: port1, taken: [here, there] },
    { there: one, port: port2, taken: [there, here] },
  ];
}

/** Only a page that is isolated from others shares memory with its workers. */
function sharedCounts(): readonly [Int32Array, Int32Array] | undefined {
  const { crossOriginIsolated } = globalThis as { readonly crossOriginIsolated?: boolean };
  if (crossOriginIsolated !== true) return undefined;
  const one = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));
  return [one(), one()];
}
