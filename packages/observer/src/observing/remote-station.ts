/** The station of another thread, as the observer reaches it: asked over a port, and never waited for by others. */

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { ThreadAccess } from 'beamish/observation';
import type { Answers, Order, StationSettings } from '../station/orders.ts';
import type { Ordered, Told } from '../thread-station.ts';

/** Where the module is that a thread loads: a source beside this one's folder, or a file beside the bundle. */
const HERE = import.meta.url;
const MODULE = HERE.endsWith('.ts')
  ? new URL('../thread-station.ts', HERE).href
  : new URL('./thread-station.js', HERE).href;

interface Waiting {
  readonly askedAt: number;
  resolve(answer: never): void;
  reject(error: Error): void;
}

export class RemoteStation {
  readonly system: string;
  readonly incarnation: number;
  /** Why it cannot be looked into, if so. */
  failed: string | undefined;
  isOver = false;
  /** When it answered last, or was set up. */
  heardAt = performance.now();
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  constructor(
    thread: ThreadAccess,
    settings: StationSettings,
    hear: {
      happened(plain: readonly unknown[], missed: number): void;
      over(): void;
    },
  ) {
    this.system = thread.system;
    this.incarnation = thread.incarnation;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (told: Told) => {
      this.heardAt = performance.now();
      if ('happened' in told) return hear.happened(told.happened, told.missed);
      const waiting = this.#waiting.get(told.n);
      this.#waiting.delete(told.n);
      if ('failed' in told) waiting?.reject(new Error(told.failed));
      else waiting?.resolve(told.answer as never);
    });
    port1.on('close', () => {
      this.#end('Its thread has ended');
      hear.over();
    });
    port1.unref();
    thread
      .setUp({ module: MODULE, exportName: 'begin' }, settings, [port2])
      .catch((error: unknown) => {
        this.failed = error instanceof Error ? error.message : String(error);
        this.#end(this.failed);
      });
  }

  /** Rejects when the thread ends, or cannot be looked into. */
  ask<O extends Order>(order: O): Promise<Answers[O['kind']]> {
    return new Promise((resolve, reject) => {
      if (this.isOver || this.failed !== undefined) {
        reject(new Error(this.failed ?? 'Its thread has ended'));
        return;
      }
      const n = ++this.#asked;
      this.#waiting.set(n, { askedAt: performance.now(), resolve, reject });
      this.#port.postMessage({ n, order } satisfies Ordered);
    });
  }

  /** For how long it owes an answer, in ms; 0 if it owes none. */
  get owesForMs(): number {
    const [first] = this.#waiting.values();
    return first === undefined ? 0 : performance.now() - first.askedAt;
  }

  close(): void {
    this.#end('The observer is closed');
    this.#port.close();
  }

  #end(why: string): void {
    this.isOver = true;
    for (const { reject } of this.#waiting.values()) reject(new Error(why));
    this.#waiting.clear();
  }
}
