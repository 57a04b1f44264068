/** What is kept of messages: in which queues each is, and what has become of it there. */

import type { Position } from '@beamish/journal';
import type { Keep } from '../memory/keep.ts';
import type { Publication } from '../memory/publication.ts';

export class KeptMessage {
  readonly id: number;
  /** Where its entry is in the journal; another place after a compaction. */
  at: Position;
  readonly publication: Publication;
  /** When it came, by the calendar. */
  readonly wall: number;
  /** Those that it is in still. */
  places: readonly Place[] = [];

  constructor(id: number, at: Position, publication: Publication, wall: number) {
    this.id = id;
    this.at = at;
    this.publication = publication;
    this.wall = wall;
  }
}

/** A message in one queue. */
export class Place implements Keep {
  readonly queue: string;
  readonly message: KeptMessage;
  crashes = 0;

  constructor(queue: string, message: KeptMessage) {
    this.queue = queue;
    this.message = message;
  }
}

export class KeptMessages {
  readonly #byId = new Map<number, KeptMessage>();

  [Symbol.iterator](): Iterator<KeptMessage> {
    return this.#byId.values();
  }

  get(id: number): KeptMessage | undefined {
    return this.#byId.get(id);
  }

  has(id: number): boolean {
    return this.#byId.has(id);
  }

  /** One that is in no queue is not kept. */
  add(message: KeptMessage): void {
    if (message.places.length > 0) this.#byId.set(message.id, message);
  }

  place(queue: string, id: number): Place | undefined {
    return this.#byId.get(id)?.places.find((each) => each.queue === queue);
  }

  /** It is not in this queue any more. Returns whether it is in no queue any more. */
  leave(place: Place): boolean {
    const { message } = place;
    message.places = message.places.filter((each) => each !== place);
    return message.places.length === 0 && this.#byId.delete(message.id);
  }
}
