/** A message in a queue: its place there, and what has become of it so far. */

import type { Keep } from './keep.ts';
import type { Publication } from './publication.ts';
import type { Consumption } from './rota.ts';

export class Entry {
  readonly publication: Publication;
  /** Rises with each that comes into the queue; kept when it is delivered and comes back. */
  readonly place: number;
  /** When it came, and when it dies if it still waits; by the clock of the system. */
  readonly since: number;
  readonly expiresAt: number | undefined;
  isRedelivered: boolean;
  /** Its consumer died with it: it travels alone until it is settled. */
  isSuspect: boolean;
  /** How many consumers have died with it alone in hand. */
  crashes: number;
  /** Set when it is delivered, with the number of that delivery; unset when it comes back. */
  holder: Consumption | undefined;
  number: number;
  /** That it is kept, if it is. */
  keep: Keep | undefined;

  constructor(
    publication: Publication,
    place: number,
    since: number,
    expiresAt: number | undefined,
  ) {
    this.publication = publication;
    this.place = place;
    this.since = since;
    this.expiresAt = expiresAt;
    this.isRedelivered = this.isSuspect = false;
    this.crashes = this.number = 0;
    this.holder = undefined;
    this.keep = undefined;
  }
}
