/** What a thread of a browser is told, and tells, besides batches. */

import type { SystemOptions } from 'beamish';
import type { Identity } from 'beamish/transport';
import type { SetUp } from '../worker-protocol.ts';

/** What is used of a MessagePort, which Node's types call otherwise than those of a browser. */
export interface Port {
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  close(): void;
}

/** Another system, and the port that leads there. */
export interface Way {
  readonly there: Identity;
  readonly port: Port;
  /** Counts what has taken effect here, and there; absent where a page shares no memory. */
  readonly taken?: readonly [here: Int32Array, there: Int32Array];
}

/** The first message to a worker. */
export interface BrowserStart {
  readonly me: Identity;
  readonly pool: Way;
  readonly others: readonly Way[];
  readonly options: Pick<SystemOptions, 'messages' | 'log'>;
  /** Done before there is a way in. */
  readonly setUps: readonly SetUp[];
}

/** From the pool: another thread is there, or is gone. */
export interface Met {
  readonly meet: Way;
}
export interface Gone {
  readonly gone: Identity;
}

/** To the pool: the event loop turns, and so many actors are alive, less those that the pool has spawned here. */
export interface Beat {
  readonly beat: number;
}
/** To the pool: nothing that is caught has been thrown; a thread of Node would have died of it. */
export interface Died {
  readonly died: unknown;
}
/** To the pool: all is shut down. */
export const STOPPED = 'stopped';

/** Rarer than between threads of Node, where it costs no message. */
export const BEAT_MS = 100;
