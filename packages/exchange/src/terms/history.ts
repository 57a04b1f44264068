/** What a message has died of before, queue by queue: how it is told on, whatever the engine. */

import type { Death } from './messages.ts';

/** A death that is to be told on. */
export interface Died {
  /** Where it was. */
  readonly queue: string;
  /** Of what. */
  readonly reason: Death['reason'];
  /** The exchange that it had been published to. */
  readonly exchange: string;
  /** Its key there. */
  readonly key: string;
  /** The time to live that it was published with. */
  readonly originalExpirationMs: number | undefined;
  /** When, by the calendar. */
  readonly wall: number;
}

/** The latest death first; the same again raises the count of the one before. */
export function withDeath(history: readonly Death[], died: Died): readonly Death[] {
  const { queue, reason, exchange, key, originalExpirationMs, wall } = died;
  const before = history.find((death) => death.queue === queue && death.reason === reason);
  if (before !== undefined)
    return [{ ...before, count: before.count + 1 }, ...history.filter((death) => death !== before)];
  const death: Death = {
    queue,
    reason,
    count: 1,
    exchange,
    keys: [key],
    // A wire knows whole seconds.
    at: new Date(Math.floor(wall / 1000) * 1000),
    ...(originalExpirationMs === undefined ? {} : { originalExpirationMs }),
  };
  return [death, ...history];
}
