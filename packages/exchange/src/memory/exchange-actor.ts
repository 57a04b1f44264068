/**
 * The actor of an exchange: it takes what is published, one after the other, puts it on the shelves of all
 * queues that are to have it, and answers. Put and answered in one step: who was not answered has not
 * published, unless it waits for the disk.
 */

import type { Actor, Address, Context, Down, Message, Pid, ReplyTo, Self } from 'beamish';
import type { Publish, PublishReply } from '../terms/protocol.ts';
import { checkBody } from '../terms/publish-options.ts';
import { Publication } from './publication.ts';
import { route } from './routing.ts';
import type { Shelf } from './shelf.ts';
import type { Shelves } from './shelves.ts';
import { wake } from './waking.ts';

/** Something was bound that ends with an actor: from now on its end is heard of here, before what is published after it. */
export interface Owned extends Message {
  readonly tag: '$owned';
  readonly owner: Pid;
}

type Taken = Publish | Owned;

export function* exchangeActor(self: Self<Taken>, shelves: Shelves, exchange: string): Actor {
  const owners = new Owners(self, shelves);
  for (const owner of shelves.owners()) owners.add(owner);
  for (;;) {
    const message = yield* self.receive();
    switch (message.tag) {
      case '$publish':
        publish(self, shelves, exchange, message as Publish);
        break;
      case '$owned':
        owners.add((message as Owned).owner);
        break;
      case 'DOWN':
        owners.ended(message as Down);
    }
  }
}

function publish(
  self: Self<Taken>,
  shelves: Shelves,
  exchange: string,
  { message, options, key, asks, replyTo }: Publish,
): void {
  const publication = new Publication(
    message,
    shelves.codecOf(exchange, key),
    exchange,
    key,
    options,
    shelves.nextMessage(),
    asks ? (replyTo as ReplyTo<never> | undefined) : undefined,
  );
  const targets = route(shelves, exchange, key, publication.headers);
  const { ledger } = shelves;
  const isDurable = ledger !== undefined && targets.some((target) => target.isDurable);
  let isRejected = false;
  try {
    if (shelves.isEncoding) publication.bytes;
    if (isDurable && publication.isPersistent)
      checkBody(publication.bytes.length, `keep on disk, from the exchange "${exchange}",`);
    // All are asked before any is given it, since a codec may throw.
    for (const target of targets) if (target.refuses(publication)) isRejected = true;
  } catch (thrown) {
    // The message is not one that its codec takes: the publisher's mistake.
    return notEncoded(self, shelves, publication, thrown, replyTo);
  }
  const takers = isRejected ? targets.filter((each) => !each.refuses(publication)) : targets;
  const { length } = targets;
  const failure =
    length === 0 && options?.mandatory !== false
      ? 'unroutable'
      : isRejected
        ? 'rejected'
        : undefined;
  // A request is answered by its consumer.
  const waiting = asks && length > 0 && failure === undefined ? undefined : replyTo;
  if (!isDurable) {
    put(self, shelves, publication, takers);
    return report(self, shelves, publication, length, failure, waiting);
  }
  const durable = takers.filter((target) => target.isDurable);
  put(
    self,
    shelves,
    publication,
    takers.filter((target) => !target.isDurable),
  );
  if (durable.length === 0) return report(self, shelves, publication, length, failure, waiting);
  ledger.publish(self, publication, durable, {
    kept: (log) => report(log, shelves, publication, length, failure, waiting),
    failed: (log) => report(log, shelves, publication, length, 'rejected', replyTo),
  });
}

function put(
  self: Context,
  shelves: Shelves,
  publication: Publication,
  targets: readonly Shelf[],
): void {
  for (const target of targets) {
    const entry = target.put(publication, shelves.time);
    if (target.needsCare(entry)) wake(self, target);
  }
}

/** To who waits, or, of what went wrong with what was emitted, as an event. */
function report(
  self: Context,
  shelves: Shelves,
  publication: Publication,
  queues: number,
  failure: 'unroutable' | 'rejected' | undefined,
  replyTo: ReplyTo<PublishReply> | undefined,
): void {
  if (failure === undefined) {
    if (replyTo !== undefined) answer(self, replyTo, { tag: '$published', queues });
    return;
  }
  const { messageId } = publication.properties(shelves.idPrefix);
  const { exchange, key } = publication;
  if (replyTo === undefined) shelves.tell(self, { kind: failure, exchange, key, messageId });
  else answer(self, replyTo, { tag: '$not_published', reason: failure, messageId });
}

function notEncoded(
  self: Context,
  shelves: Shelves,
  publication: Publication,
  thrown: unknown,
  replyTo: ReplyTo<PublishReply> | undefined,
): void {
  const error = thrown instanceof Error ? thrown : new TypeError(String(thrown));
  if (replyTo !== undefined) return answer(self, replyTo, { tag: '$not_encoded', error });
  const { exchange, key } = publication;
  const { messageId } = publication.properties(shelves.idPrefix);
  shelves.tell(self, { kind: 'invalid', exchange, key, messageId, why: error.message });
}

function answer(self: Context, replyTo: ReplyTo<PublishReply>, reply: PublishReply): void {
  self.send(replyTo as Address<PublishReply>, reply);
}

/** The actors whose exclusive queues end with them. */
class Owners {
  readonly #self: Self<Taken>;
  readonly #shelves: Shelves;
  readonly #watched = new Set<Pid>();

  constructor(self: Self<Taken>, shelves: Shelves) {
    this.#self = self;
    this.#shelves = shelves;
  }

  add(owner: Pid): void {
    if (this.#watched.has(owner)) return;
    this.#watched.add(owner);
    this.#self.monitor(owner);
  }

  ended({ target }: Down): void {
    const owner = target as Pid;
    this.#watched.delete(owner);
    for (const shelf of this.#shelves.ownedBy(owner)) {
      this.#shelves.removeQueue(this.#self, shelf);
      wake(this.#self, shelf);
    }
  }
}
