/** A message in a queue: its place there, and what has become of it so far. */

import type { Keep } from './keep.ts';
import type { Publication } from './publication.ts';
import type { Consumption } from './rota.ts';

const REDELIVERED = 1;
const SUSPECT = 2;
/** Crashes are counted above the flags. */
const CRASH = 4;

export class Entry {
  readonly publication: Publication;
  /** Rises with each that comes into the queue; kept when it is delivered and comes back. */
  readonly place: number;
  /** When it came, in whole milliseconds, and when it dies if it still waits; by the clock of the system. */
  readonly since: number;
  readonly expiresAt: number | undefined;
  /** Set when it is delivered, with the number of that delivery; unset when it comes back. */
  holder: Consumption | undefined;
  number: number;
  /** That it is kept, if it is. */
  keep: Keep | undefined;
  /** Flags and a count in one, as there are as many entries as messages wait. */
  private fate: number;

  constructor(
    publication: Publication,
    place: number,
    since: number,
    expiresAt: number | undefined,
  ) {
    this.publication = publication;
    this.place = place;
    // A whole number needs no room of its own.
    this.since = Math.floor(since);
    this.expiresAt = expiresAt;
    this.holder = undefined;
    this.number = 0;
    this.keep = undefined;
    this.fate = 0;
  }

  get isRedelivered(): boolean {
    return (this.fate & REDELIVERED) !== 0;
  }

  /** Its consumer died with it: it travels alone until it is settled. */
  get isSuspect(): boolean {
    return (this.fate & SUSPECT) !== 0;
  }

  /** How many consumers have died with it alone in hand. */
  get crashes(): number {
    return Math.floor(this.fate / CRASH);
  }

  /** It has been in somebody's hands. */
  redeliver(): void {
    this.fate |= REDELIVERED;
  }

  suspect(): void {
    this.fate |= SUSPECT;
  }

  /** Its consumer died with it alone in hand. */
  crash(times = 1): void {
    this.fate += CRASH * times;
  }
}
