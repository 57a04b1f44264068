/** What a thread is told: at its start, and by its control messages. */

import type { SystemOptions } from 'beamish';
import type { Identity } from 'beamish/transport';
import type { End } from './channel.ts';
import type { Bell } from './spin-wait.ts';

export interface Encounter {
  readonly there: Identity;
  readonly end: End;
}

export interface WorkerStart {
  readonly me: Identity;
  /** Rung by whoever posts something to this thread. */
  readonly bell: Bell;
  readonly pool: Encounter;
  readonly others: readonly Encounter[];
  readonly options: Pick<SystemOptions, 'messages' | 'log'>;
  /** So many orders to set something up are the first on the pool's port. */
  readonly setUps: number;
  /** See `BEATS` and so on. */
  readonly vitals: Int32Array<SharedArrayBuffer>;
}

/**
 * Indices of a thread's vitals: how often its event loop has turned; and how many actors are alive, less
 * those that the pool has spawned there, so that the pool, which knows how many that are, need not know
 * which of them have arrived.
 */
export const BEATS = 0;
export const ALIVE_LESS_SPAWNED = 1;
export const VITALS = 2;

/** How often a thread shows that its event loop turns. */
export const BEAT_MS = 50;

/** From the pool: an export of a module is to be called with the thread's system, the value, and what is transferred. */
export interface SetUp {
  readonly n: number;
  readonly module: string;
  readonly exportName: string;
  readonly value: unknown;
  readonly transferred: readonly unknown[];
}
/** To the pool: order `n` is done, or has failed. */
export interface SetUpDone {
  readonly setUpDone: number;
  readonly failure?: { readonly error: unknown };
}

/** From the pool: another thread has been started. */
export interface Meet {
  readonly meet: Encounter;
}

/** From the pool: shut down in order. */
export const STOP = 'stop';
/** To the pool: the thread has begun. */
export const READY = 'ready';
