/** Whether two steps of different movers commute, by what they touched. */

import type { Arrival, Recorded } from './step.ts';

/**
 * What tells two arrivals at one mailbox apart: their order, or only that a receive took the first which
 * would have taken the second.
 */
export type ByArrivals = 'order_of_arrival' | 'order_taken';

/** `first` comes before `second` in the run that is looked at. */
export function clash(first: Recorded, second: Recorded, by: ByArrivals): boolean {
  if (first.passesTime || second.passesTime) return true;
  if (first.touches.clashesWith(second.touches)) return true;
  for (const arrival of first.arrivals) {
    if (isPolled(second, arrival)) return true;
    for (const other of second.arrivals)
      if (other.at === arrival.at && (by === 'order_of_arrival' || wouldBeTaken(arrival, other)))
        return true;
  }
  for (const arrival of second.arrivals) if (isPolled(first, arrival)) return true;
  return false;
}

function wouldBeTaken(first: Arrival, second: Arrival): boolean {
  return first.takenBy?.accepts(second.message) === true;
}

function isPolled({ polls }: Recorded, { at, message }: Arrival): boolean {
  for (const poll of polls) if (poll.at === at && poll.by.accepts(message)) return true;
  return false;
}
