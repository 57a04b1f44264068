/** What is set up in each thread: a station, at the other end of a port. It keeps no thread alive. */

import type { MessagePort } from 'node:worker_threads';
import type { ActorSystem } from 'beamish';
import type { Answer, Order, StationSettings } from './station/orders.ts';
import { reasonText } from './station/reason-text.ts';
import { spentSince, spentSoFar } from './station/spent.ts';
import { Station } from './station/station.ts';
import type { Happening } from './terms/happening.ts';
import { toPlain } from './terms/plain.ts';
import type { SystemFrame } from './terms/wire.ts';

/** Happenings that wait to be told; of more, only the number is. */
const MOST_UNTOLD = 1000;

/** From the observer. */
export interface Ordered {
  readonly n: number;
  readonly order: Order;
}
/** To the observer. */
export type Told =
  | { readonly n: number; readonly answer: Answer }
  | { readonly n: number; readonly failed: string }
  | { readonly happened: readonly unknown[]; readonly missed: number };

/** Called in the thread, by the pool. */
export function begin(system: ActorSystem, settings: StationSettings, port: MessagePort): void {
  let untold: unknown[] = [];
  let missed = 0;
  const tell = (told: Told) => port.postMessage(told);
  const flush = () => {
    if (untold.length === 0 && missed === 0) return;
    tell({ happened: untold, missed });
    untold = [];
    missed = 0;
  };
  const hear = (happening: Happening) => {
    // Of other systems, the one that is observed tells.
    if (happening.kind === 'system_up' || happening.kind === 'system_down') return;
    if (untold.length + missed === 0) setImmediate(flush).unref();
    if (untold.length < MOST_UNTOLD) untold.push(toPlain(happening));
    else missed++;
  };
  const station = new Station(system, settings, hear, { failed: () => {} });
  /** What telling of the last look took: it is copied. */
  let toldMs = 0;
  const look = (full: boolean): SystemFrame => {
    const from = spentSoFar();
    return { ...station.look(full), tookMs: spentSince(from) + toldMs };
  };
  port.on('message', async ({ n, order }: Ordered) => {
    try {
      const answer = order.kind === 'look' ? look(order.full) : await station.ask(order);
      flush();
      const from = spentSoFar();
      tell({ n, answer });
      if (order.kind === 'look') toldMs = spentSince(from);
    } catch (error) {
      // It is the observer's own, and must not be the thread's end.
      tell({ n, failed: reasonText(error) });
    }
  });
  port.on('close', () => station.close());
  port.unref();
}
