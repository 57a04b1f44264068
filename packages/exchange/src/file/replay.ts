/**
 * What a journal tells when it is opened, put together: declarations as they stand last, and the messages
 * that are left. Compaction may put a message behind what was told of it, so that what is told of one that
 * is not known yet is noted until it comes.
 */

import type { Entry, Position } from '@beamish/journal';
import { Publication, RAW } from '../memory/publication.ts';
import type { Codec } from '../terms/codec.ts';
import { canonicalHeaders } from '../terms/header-table.ts';
import { KeptMessage, KeptMessages, Place } from './kept.ts';
import { bodyOf, decodeHead, type Head, type MessageHead } from './records.ts';

/** A declaration that stands, and where it does. */
export interface Standing<H extends Head> {
  readonly head: H;
  at: Position;
}

type HeadOf<K extends Head['is']> = Extract<Head, { readonly is: K }>;

/** What was told of a message in a queue before the message was. */
interface Note {
  isGone: boolean;
  crashes: number;
}

export class Replay {
  readonly exchanges = new Map<string, Standing<HeadOf<'exchange'>>>();
  readonly queues = new Map<string, Standing<HeadOf<'queue'>>>();
  readonly bindings = new Map<
    string,
    Standing<Extract<Head, { readonly is: 'binding' | 'no_binding' }>>
  >();
  readonly messages = new KeptMessages();
  /** By queue. */
  readonly marks = new Map<string, Standing<HeadOf<'mark'>>>();
  /** Where messages were taken from by moves: with those that are in other queues still, it has to be said by itself. */
  readonly moved: Place[] = [];
  /** Higher than that of any message that there was. */
  nextId = 1;
  /** The same of marks. */
  nextMark = 1;
  readonly #notes = new Map<string, Note>();

  tell({ at, bytes }: Entry): void {
    const head = decodeHead(bytes);
    switch (head.is) {
      case 'exchange':
        this.exchanges.set(head.exchange, { head, at });
        break;
      case 'no_exchange':
        this.exchanges.delete(head.exchange);
        for (const [key, { head: its }] of this.bindings)
          if (its.from === head.exchange || its.exchange === head.exchange)
            this.bindings.delete(key);
        break;
      case 'queue':
        this.queues.set(head.queue, { head, at });
        break;
      case 'no_queue':
        this.#dropQueue(head.queue);
        break;
      case 'binding':
        this.bindings.set(bindingKey(head), { head, at });
        break;
      case 'no_binding':
        this.bindings.delete(bindingKey(head));
        break;
      case 'message':
        this.#message(head, at, bytes);
        break;
      case 'settled':
        for (const [queue, ids] of head.of) for (const id of ids) this.#leave(queue, id);
        break;
      case 'mark':
        this.#mark(head, at);
        break;
      case 'crashed':
        this.#crashed(head.queue, head.id).crashes = head.crashes;
    }
  }

  /** Nothing more is told. Messages and marks of queues that there are not are left out. */
  end(): void {
    this.#notes.clear();
    for (const queue of this.marks.keys()) if (!this.queues.has(queue)) this.marks.delete(queue);
    for (const message of [...this.messages])
      for (const place of message.places)
        if (!this.queues.has(place.queue)) this.messages.leave(place);
  }

  /** Compaction may have put an earlier one behind it. */
  #mark(head: HeadOf<'mark'>, at: Position): void {
    this.nextMark = Math.max(this.nextMark, head.nth + 1);
    const known = this.marks.get(head.queue);
    if (known === undefined || known.head.nth <= head.nth) this.marks.set(head.queue, { head, at });
  }

  #message(head: MessageHead, at: Position, bytes: Uint8Array): void {
    const { id, from } = head;
    if (from !== undefined) {
      const place = this.messages.place(...from);
      if (place !== undefined && place.message.places.length > 1) this.moved.push(place);
      this.#leave(...from);
    }
    this.nextId = Math.max(this.nextId, id + 1);
    const known = this.messages.get(id);
    if (known !== undefined) {
      known.at = at;
      return;
    }
    const message = new KeptMessage(id, at, publicationOf(head, bodyOf(bytes)), head.at);
    message.places = head.queues.flatMap((queue) => {
      const note = this.#notes.get(noteKey(queue, id));
      if (note?.isGone === true) return [];
      const place = new Place(queue, message);
      place.crashes = note?.crashes ?? 0;
      return [place];
    });
    this.messages.add(message);
  }

  #leave(queue: string, id: number): void {
    const place = this.messages.place(queue, id);
    if (place !== undefined) this.messages.leave(place);
    else this.#note(queue, id).isGone = true;
  }

  #crashed(queue: string, id: number): { crashes: number } {
    return this.messages.place(queue, id) ?? this.#note(queue, id);
  }

  #note(queue: string, id: number): Note {
    this.nextId = Math.max(this.nextId, id + 1);
    const key = noteKey(queue, id);
    let note = this.#notes.get(key);
    if (note === undefined) {
      note = { isGone: false, crashes: 0 };
      this.#notes.set(key, note);
    }
    return note;
  }

  #dropQueue(queue: string): void {
    this.queues.delete(queue);
    this.marks.delete(queue);
    for (const [key, { head }] of this.bindings)
      if (head.queue === queue) this.bindings.delete(key);
    for (const message of [...this.messages]) {
      const place = message.places.find((each) => each.queue === queue);
      if (place !== undefined) this.messages.leave(place);
    }
  }
}

export function bindingKey(head: {
  readonly queue?: string;
  readonly exchange?: string;
  readonly from: string;
  readonly key: string;
  readonly arguments: object;
}): string {
  return JSON.stringify([
    head.queue,
    head.exchange,
    head.from,
    head.key,
    canonicalHeaders(head.arguments as never),
  ]);
}

function noteKey(queue: string, id: number): string {
  return `${id} ${queue}`;
}

/** It is decoded when it is delivered, by its content type. */
function publicationOf(head: MessageHead, body: Uint8Array): Publication {
  const { contentType, exchange, key, priority, expirationMs, headers, properties, history } = head;
  const codec: Codec<unknown> = { contentType, encode: () => body, decode: () => body };
  const options = {
    ...(priority === undefined ? {} : { priority }),
    ...(expirationMs === undefined ? {} : { expirationMs }),
    ...(headers === undefined ? {} : { headers }),
  };
  return new Publication(RAW, codec, exchange, key, options, properties, undefined, history);
}
