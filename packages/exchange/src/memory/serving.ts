/** Who gets what of a queue: its ready messages go to its consumers, as far as they have room, and what has had its time dies. */

import type { Address, Context, Message, Name } from 'beamish';
import { decodeBy } from '../terms/codec.ts';
import type { Delivery, Settlement } from '../terms/messages.ts';
import { validate } from '../terms/schema.ts';
import type { Entry } from './entry.ts';
import { bury, setAside } from './moves.ts';
import { RAW } from './publication.ts';
import type { Consumption } from './rota.ts';
import type { Shelf } from './shelf.ts';
import type { Shelves } from './shelves.ts';

/** Everything that can happen to a queue without anybody asking for it. */
export function serve(self: Context, shelves: Shelves, shelf: Shelf, address: Name): void {
  while (shelf.ready.length > 0 && giveNext(self, shelves, shelf, address));
  if (shelf.ready.peek()?.expiresAt !== undefined) buryExpired(self, shelves, shelf, 0);
  while (shelf.isOver) buryFirst(self, shelves, shelf, 'maxlen');
}

/** What was to expire at once was put in for a consumer that has room, and is given to it at the same moment. */
const GRACE_MS = 1;

/** False if there is nothing to give, or nobody to give it to. */
function giveNext(self: Context, shelves: Shelves, shelf: Shelf, address: Name): boolean {
  const { ready, rota } = shelf;
  if (!rota.mayServe) return false;
  let entry = ready.peek();
  if (entry?.expiresAt !== undefined) {
    buryExpired(self, shelves, shelf, GRACE_MS);
    entry = ready.peek();
  }
  if (entry === undefined || !mayGive(self, shelves, shelf, entry)) return false;
  const isSuspect = entry.isSuspect;
  let consumer: Consumption | undefined;
  if (isSuspect) consumer = rota.nextEmpty();
  else {
    rota.stopDraining();
    consumer = rota.next();
  }
  if (consumer === undefined && isSuspect) {
    // It waits for somebody to have nothing else in hand; the others go on with what stands behind it.
    entry = ready.peekOrdinary();
    if (entry === undefined || !mayGive(self, shelves, shelf, entry)) return false;
    consumer = rota.next();
  }
  if (consumer === undefined) return false;
  give(self, shelves, shelf, address, entry, consumer);
  rota.hasRoom(consumer);
  return true;
}

function mayGive(self: Context, { ledger }: Shelves, shelf: Shelf, entry: Entry): boolean {
  return entry.keep === undefined || ledger === undefined || ledger.mayGive(self, shelf, entry);
}

function give(
  self: Context,
  shelves: Shelves,
  shelf: Shelf,
  address: Name,
  entry: Entry,
  consumer: Consumption,
): void {
  const { publication } = entry;
  let { message } = publication;
  if (shelves.isEncoding || message === RAW || shelf.options.schema !== undefined) {
    const read = readMessage(shelves, shelf, entry);
    if (!read.ok) {
      shelf.take(entry);
      setAside(self, shelves, shelf, entry, 'invalid', read.why);
      return;
    }
    message = read.value;
  }
  const number = shelves.nextDelivery();
  const slot = shelf.deliver(entry, number, consumer);
  if (entry.keep !== undefined) {
    shelves.ledger?.gave(self, shelf, entry);
    if (consumer.isAuto) shelves.ledger?.settled(self, entry.keep);
  }
  const { replyTo } = publication;
  const delivery: Delivery<unknown, string> = {
    tag: consumer.plan.tag,
    queue: shelf.queue,
    message,
    exchange: publication.exchange,
    key: publication.key,
    headers: publication.headers,
    properties: publication.properties(shelves.idPrefix),
    redelivered: entry.isRedelivered,
    crashes: entry.crashes,
    history: publication.history,
    settlement: {
      with: address,
      number,
      slot,
      consumption: consumer.ref,
      replyTo,
      wantsReply: replyTo !== undefined,
    } as unknown as Settlement,
  };
  self.send(consumer.pid as Address<Message>, delivery);
}

type Read =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly why: string };

/** The message as its queue wants it. */
function readMessage(
  shelves: Shelves,
  { options, queue, isQuarantine }: Shelf,
  { publication }: Entry,
): Read {
  let value = publication.message;
  if (shelves.isEncoding || value === RAW) {
    try {
      value = decodeBy(publication.codec.contentType, publication.bytes, options.codec);
    } catch (thrown) {
      // Codecs are user code: that one cannot read is its answer. In quarantine, that is no news.
      if (isQuarantine) return { ok: true, value: publication.bytes };
      return { ok: false, why: `It cannot be decoded in "${queue}": ${String(thrown)}` };
    }
  }
  const { schema } = options;
  return schema === undefined ? { ok: true, value } : validate(schema, value);
}

/** The head alone is looked at, as in RabbitMQ: what expires behind it dies when its turn comes. */
function buryExpired(self: Context, shelves: Shelves, shelf: Shelf, graceMs: number): void {
  const now = shelves.time.now() - graceMs;
  for (let first = shelf.ready.peek(); isExpired(first, now); first = shelf.ready.peek())
    buryFirst(self, shelves, shelf, 'expired');
}

function isExpired(entry: Entry | undefined, now: number): boolean {
  return entry?.expiresAt !== undefined && entry.expiresAt <= now;
}

function buryFirst(
  self: Context,
  shelves: Shelves,
  shelf: Shelf,
  reason: 'expired' | 'maxlen',
): void {
  const first = shelf.ready.peek() as Entry;
  shelf.take(first);
  bury(self, shelves, shelf, first, reason);
}
